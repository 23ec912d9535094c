"""Links that stay under the page's lens: a page of a past day, or of simulated figures, leads to its like.

Done to the finished HTML, in one place: a hundred links carried by hand would forget one, and that one would
mix what must stay apart. A tag with ``data-leaves`` leads out of the lens and is left alone.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from django.utils.html import escape
from django.utils.http import urlencode

from dashboards.lens import DAY, FIGURES, Lens

_TAG = re.compile(r"<[a-z][a-z0-9]*\b[^>]*?\s(?:href|data-address|hx-get|src)=\"[^\"]*\"[^>]*>")
_ADDRESS = re.compile(r"(\s(?:href|data-address|hx-get|src)=\")([^\"]*)(\")")
_FORM = re.compile(r"<form\b[^>]*\bmethod=\"get\"[^>]*>")
_TABLE = re.compile(r"(?=<table\b)")
#: Addresses that know no lens.
_OUTSIDE = ("/static/", "/quan-tri/", "/hien-thi/", "/ngon-ngu/")
_API = "/api/v1/"
#: Where the API answers as of a day, and for simulated figures.
_API_DAY = re.compile(r"^/api/v1/observations/")
_API_FIGURES = re.compile(
    r"^/api/v1/(observations|aggregates|standings|contradictions|changes|index-scores)/"
)


def carried(html: str, lens: Lens, mark: str = "") -> str:
    """``html`` with the lens in every link and form of this site, and ``mark`` before every table."""
    if not lens.pairs:
        return html
    html = _TAG.sub(lambda tag: _linked(tag[0], lens), html)
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in lens.pairs)
    html = _FORM.sub(lambda tag: tag[0] if "data-leaves" in tag[0] else tag[0] + fields, html)
    return _TABLE.sub(mark, html) if mark else html


def _linked(tag: str, lens: Lens) -> str:
    if "data-leaves" in tag or tag.startswith(("<link", "<script", "<img")):
        return tag
    return _ADDRESS.sub(lambda found: f"{found[1]}{_address(found[2], lens)}{found[3]}", tag)


def _address(address: str, lens: Lens) -> str:
    """As it stands in the HTML, escaped."""
    plain = address.replace("&amp;", "&")
    parts = urlsplit(plain)
    if parts.scheme or parts.netloc or plain.startswith(("#", *_OUTSIDE)):
        return address
    known = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    missing = [(name, value) for name, value in _pairs(parts.path, lens) if name not in known]
    if not missing:
        return address
    before, hash_mark, fragment = plain.partition("#")
    joint = "&" if "?" in before else "?"
    return escape(f"{before}{joint}{urlencode(missing)}{hash_mark}{fragment}")


def _pairs(path: str, lens: Lens) -> list[tuple[str, str]]:
    if not path.startswith(_API):
        return lens.pairs
    given = dict(lens.pairs)
    pairs = [("as_of", given[DAY])] if DAY in given and _API_DAY.match(path) else []
    return [*pairs, ("simulated", "true")] if FIGURES in given and _API_FIGURES.match(path) else pairs

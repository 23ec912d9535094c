"""Whether a client's copy is still true: ETag, Last-Modified and 304, without touching the facts.

An answer's ETag is made of the address, the format, the API's own code and the generation of the slice of the
data that it shows (``api.generations``).
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.http import HttpResponse
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from rest_framework.request import Request

from api.generations import Generation, Slice, generations
from api.shelf import Kept

PUBLIC, PRIVATE = "public, max-age=0, must-revalidate", "private, max-age=0, must-revalidate"


def answer(
    request: Request, *, variant: str, check: Callable[[], Slice], write: Callable[[], HttpResponse]
) -> HttpResponse:
    """304 where the client's copy is still true, otherwise what ``write`` gives, with its validators.

    ``check`` raises where the address says what it cannot, and tells what the answer is made of. The
    generation is looked up before the rows: a copy may be thrown away too early, never kept too long.
    """
    newest = generations.refresh()
    slice_ = check()
    generation = generations.of(slice_)
    etag = etag_of(request.build_absolute_uri(), generation, variant)
    if is_named(etag, request.headers.get("If-None-Match", "")) or _unchanged_since(request, generation):
        response = HttpResponse(status=304)
    else:
        response = write()
    tell_age(response, etag, generation)
    response["Cache-Control"] = PRIVATE if request.auth else PUBLIC
    if not request.auth:
        request._request.api_kept = Kept(slice_, generation, newest, etag)  # type: ignore[attr-defined]
    return response


def is_named(etag: str, named: str) -> bool:
    """Whether If-None-Match names this answer, in whatever encoding the client has it."""
    if not named:
        return False
    named = named.strip()
    return named == "*" or etag.strip('"') in {_bare(given) for given in parse_etags(named)}


def _bare(etag: str) -> str:
    """Without the mark of weakness, which proxies that compress put in front, and without the encoding."""
    return etag.removeprefix("W/").strip('"').partition("-")[0]


def etag_of(address: str, generation: Generation, variant: str) -> str:
    text = "\n".join((_code(), str(generation.number), address, variant))
    return f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'


@cache
def _code() -> str:
    """The API's own code: another version of it may answer otherwise."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.blake2b(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _unchanged_since(request: Request, generation: Generation) -> bool:
    if "If-None-Match" in request.headers or generation.changed is None:
        return False
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and math.floor(generation.changed.timestamp()) <= since


def tell_age(response: HttpResponse, etag: str, generation: Generation) -> None:
    response["ETag"] = etag
    if generation.changed is not None:
        instant = generation.changed
        # A date has seconds: until this one is over, something may change in it yet.
        if time.time() < math.floor(instant.timestamp()) + 1:
            instant -= timedelta(seconds=1)
        response["Last-Modified"] = http_date(instant.timestamp())

"""Whether a client's copy is still true: ETag, Last-Modified and 304, at the cost of one small query.

Everything the API shows changes in one of three ways, each of which leaves a mark in the very transaction:
a publication (its number), a recomputation (rows of the outbox go away with it), a change of reference data
(a ReferenceChange). The three together name the state of the data; with the address and the format they name
an answer. Which slice a publication touched is not looked at yet: each makes every answer new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date, parse_etags, parse_http_date_safe

_GENERATION = """
    SELECT (SELECT max(id) FROM indicators_publication),
           (SELECT count(*) FROM indicators_pendingrecompute),
           (SELECT count(*) FROM api_referencechange),
           (SELECT count(*) FROM indicators_recomputerun
            WHERE finished_at IS NULL AND started_at > now() - interval '10 minutes'),
           (SELECT max(id) FROM indicators_recomputerun),
           greatest((SELECT instant FROM indicators_publication ORDER BY id DESC LIMIT 1),
                    (SELECT max(instant) FROM api_referencechange),
                    (SELECT finished_at FROM indicators_recomputerun WHERE finished_at IS NOT NULL
                     ORDER BY started_at DESC LIMIT 1))
"""
CACHE_CONTROL = "public, max-age=0, must-revalidate"


@dataclass(frozen=True)
class Generation:
    """``name`` differs whenever any answer may differ; ``settled`` while nothing waits to be recomputed."""

    name: str
    changed: datetime | None
    settled: bool


def current_generation() -> Generation:
    with connection.cursor() as cursor:
        cursor.execute(_GENERATION)
        publication, pending, reference, running, run, changed = cursor.fetchone()
    name = f"{publication}/{pending}/{reference}/{running}/{run}"
    return Generation(name=name, changed=changed, settled=not pending and not running)


def answer(
    request: HttpRequest, *, variant: str, check: Callable[[], None], write: Callable[[], HttpResponse]
) -> HttpResponse:
    """304 where the client's copy is still true, otherwise what ``write`` gives, with its validators.

    An ETag of ours names this very address, which was checked when the ETag was given; a date says nothing
    about the address, so that ``check`` (which raises) comes first.
    """
    generation = current_generation()
    etag = _etag(request, generation, variant)
    if etag in _bare(parse_etags(request.headers.get("If-None-Match", ""))):
        return _with_validators(HttpResponse(status=304), etag, generation)
    check()
    if "If-None-Match" not in request.headers and _unchanged_since(request, generation):
        return _with_validators(HttpResponse(status=304), etag, generation)
    return _with_validators(write(), etag, generation)


def _etag(request: HttpRequest, generation: Generation, variant: str) -> str:
    address = request.build_absolute_uri()
    text = "\n".join((_code(), generation.name, address, variant))
    return f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'


@cache
def _code() -> str:
    """The API's own code: another version of it may answer otherwise."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.blake2b(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _bare(etags: list[str]) -> list[str]:
    """Without the mark of weakness, which proxies that compress put in front."""
    return [etag.removeprefix("W/") for etag in etags]


def _unchanged_since(request: HttpRequest, generation: Generation) -> bool:
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is None or generation.changed is None or not generation.settled:
        return False
    return int(generation.changed.timestamp()) <= since


def _with_validators(response: HttpResponse, etag: str, generation: Generation) -> HttpResponse:
    response["ETag"] = etag
    if generation.changed is not None:
        response["Last-Modified"] = http_date(generation.changed.timestamp())
    response["Cache-Control"] = CACHE_CONTROL
    return response

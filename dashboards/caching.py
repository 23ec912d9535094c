"""Whole pages kept under the generation of the data, and what of the catalogue need not be read twice in one.

A generation names the state of everything that pages show: publications, the outbox, runs of recomputation,
reference data. Each of these changes in the very transaction that changes what is shown, so that a page kept
under a generation is never older than the data. Asking for it is one small query.

Only anonymous readers get kept pages: who has a session sees everything fresh. Such a page is the same for
all readers of one language and one set of looks; it holds no token, so that it may be compressed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import brotli
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from dashboards import lens
from dashboards.display import display_of

P = ParamSpec("P")
R = TypeVar("R")
View = Callable[..., HttpResponse]

# What ended within a day is enough: a run that falls out of the window makes pages anew, no more.
_GENERATION = """
    SELECT (SELECT max(id) FROM indicators_publication),
           (SELECT count(*) + count(*) FILTER (WHERE NOT figures_stand) FROM indicators_pendingrecompute),
           (SELECT max(number) FROM api_datastate),
           (SELECT max(id) FROM indicators_recomputerun),
           (SELECT max(finished_at) FROM indicators_recomputerun
            WHERE started_at > now() - interval '1 day')
"""
_current: ContextVar[str] = ContextVar("generation", default="")
_LARGEST = 2_000_000


def generation() -> str:
    """The state of the data, and the day: some pages tell what is due."""
    with connection.cursor() as cursor:
        cursor.execute(_GENERATION)
        return "/".join(map(str, (*cursor.fetchone(), timezone.localdate())))


def whole_page(view: View) -> View:
    """Answers anonymous GETs out of the cache, compressed, with an ETag; inside, ``once_a_generation``
    remembers."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = _current.set(generation())
        try:
            if request.method != "GET" or settings.SESSION_COOKIE_NAME in request.COOKIES:
                return view(request, *args, **kwargs)
            return _from_cache(request, lambda: view(request, *args, **kwargs))
        finally:
            _current.reset(token)

    return answer


class _Memory:
    """What was read in the newest generation seen, of at most so many questions. Threads share it: nothing
    is looked for twice, so that one may forget while another asks."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.name = ""
        self.kept: dict[tuple[object, ...], object] = {}

    def put(self, name: str, key: tuple[object, ...], found: object) -> None:
        if name != self.name or len(self.kept) >= self.most:
            self.kept, self.name = {}, name
        self.kept[key] = found


_NOTHING = object()
_catalogue, _tables = _Memory(2_000), _Memory(60)


def _remembering(memory: _Memory) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            name = _current.get()
            if not name:
                return function(*args, **kwargs)
            key = (name, function, get_language(), lens.current(), args, *sorted(kwargs.items()))
            found = memory.kept.get(key, _NOTHING)
            if found is _NOTHING:
                found = function(*args, **kwargs)
                memory.put(name, key, found)
            return found  # type: ignore[return-value]

        return remembered

    return decorate


#: Remembers, for each language and lens, what a function returned for these (hashable) arguments: in this
#: process, while the data stand as they are, and only on a page that asked for their generation.
once_a_generation = _remembering(_catalogue)
#: The same for tables of rows, of which only those last asked for are kept: readers turn one about.
once_a_table = _remembering(_tables)


def forget() -> None:
    """Everything that this process keeps."""
    for memory in (_catalogue, _tables):
        memory.kept = {}
    caches["pages"].clear()


def _from_cache(request: HttpRequest, write: Callable[[], HttpResponse]) -> HttpResponse:
    looks = display_of(request.COOKIES)
    parts = (
        *(_current.get(), get_language(), looks.html_class, lens.current()),
        *(request.scheme, request.get_host(), request.get_full_path()),
    )
    key = hashlib.blake2b("\n".join(map(str, parts)).encode(), digest_size=20).hexdigest()
    kept = caches["pages"].get(key)
    if kept is None:
        response = write()
        if not _may_be_kept(response):
            return response
        packed = brotli.compress(response.content, quality=4)
        etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
        kept = (packed, etag, response.headers["Content-Type"])
        caches["pages"].set(key, kept)
    return _answer(request, *kept)


def _may_be_kept(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "Content-Disposition" not in response.headers
        and response.headers["Content-Type"].startswith(("text/html", "application/json"))
        and len(response.content) <= _LARGEST
    )


def _answer(request: HttpRequest, packed: bytes, etag: str, content_type: str) -> HttpResponse:
    known = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
    accepted = request.headers.get("Accept-Encoding", "")
    if etag in known:
        response = HttpResponse(status=304)
        del response.headers["Content-Type"]
    elif "br" in accepted:
        response = HttpResponse(packed, content_type=content_type, headers={"Content-Encoding": "br"})
    elif "gzip" in accepted:
        body = gzip.compress(brotli.decompress(packed), compresslevel=4, mtime=0)
        response = HttpResponse(body, content_type=content_type, headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(brotli.decompress(packed), content_type=content_type)
    response.headers["ETag"] = f"W/{etag}"
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    patch_vary_headers(response, ("Cookie", "Accept-Encoding"))
    return response

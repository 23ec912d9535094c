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
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import brotli
from django.conf import settings
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

from dashboards import lens
from dashboards.display import chosen_language, display_of

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
    """The state of the data, and the day: some pages tell what is due.

    Most often the only question of a request, so that no other goes before it to see whether the connection
    still holds: one that was cut is made anew when the answer does not come.
    """
    connection.health_check_done = True
    try:
        state = _state_of_the_data()
    except (InterfaceError, OperationalError):
        connection.close()
        state = _state_of_the_data()
    return "/".join(map(str, (*state, timezone.localdate())))


def _state_of_the_data() -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_GENERATION)
        return cursor.fetchone()


def whole_page(view: View) -> View:
    """A page that the middleware may keep for anonymous readers; inside, ``once_a_generation`` remembers."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = getattr(request, "generation", "") or generation()
        token = _current.set(asked)
        try:
            response = view(request, *args, **kwargs)
        finally:
            _current.reset(token)
        request.kept_under = asked  # type: ignore[attr-defined]
        return response

    return answer


class KeptPagesMiddleware:
    """In front of everything: who asks without a session for a page that this process has answered before
    gets the same again, its headers as they left, for one small query; nothing behind is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            request.method not in ("GET", "HEAD")  # without its body, which the server leaves away
            or settings.SESSION_COOKIE_NAME in request.COOKIES
            or request.path_info.startswith(settings.STATIC_URL)
        ):
            return self.get_response(request)
        key = _key(request)
        kept: _Kept | None = caches["pages"].get(key)
        if kept is not None:
            request.generation = generation()  # type: ignore[attr-defined]
            if kept.generation == request.generation:  # type: ignore[attr-defined]
                return kept.answer(request)
        response = self.get_response(request)
        asked = getattr(request, "kept_under", "")
        if not asked or not _may_be_kept(response):
            return response
        kept = _Kept.of(response, asked)
        caches["pages"].set(key, kept)
        return kept.answer(request)


class _Memory:
    """What was read in the newest generation seen, of at most so much as ``weigh`` tells. Threads share it:
    nothing is looked for twice, so that one may forget while another asks."""

    def __init__(self, most: int, weigh: Callable[[Any], int]) -> None:
        self.most, self.weigh = most, weigh
        self.name, self.weight = "", 0
        self.kept: dict[tuple[object, ...], object] = {}

    def put(self, name: str, key: tuple[object, ...], found: object) -> None:
        weight = self.weigh(found)
        if name != self.name or self.weight + weight > self.most:
            self.kept, self.name, self.weight = {}, name, 0
        self.kept[key] = found
        self.weight += weight


_NOTHING = object()
_catalogue = _Memory(2_000, weigh=lambda _: 1)
_tables = _Memory(10_000, weigh=lambda table: 1 + len(table))  # some fifteen megabytes


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
        memory.kept, memory.weight = {}, 0
    caches["pages"].clear()


def _key(request: HttpRequest) -> str:
    """Whatever a page depends on beside the data."""
    looks = display_of(request.COOKIES).html_class
    parts = (chosen_language(request), looks, request.scheme, request.get_host(), request.get_full_path())
    return hashlib.blake2b("\n".join(map(str, parts)).encode(), digest_size=20).hexdigest()


def _may_be_kept(response: HttpResponse) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and "Content-Disposition" not in response.headers
        and response.headers["Content-Type"].startswith(("text/html", "application/json"))
        and len(response.content) <= _LARGEST
    )


@dataclass(frozen=True)
class _Kept:
    """A whole page: packed by Brotli, with its headers."""

    generation: str
    packed: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, response: HttpResponse, generation: str) -> _Kept:
        patch_vary_headers(response, ("Cookie", "Accept-Encoding"))
        headers = dict(response.headers.items()) | {
            "ETag": f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"',
            "Cache-Control": "private, max-age=0, must-revalidate",
        }
        headers.pop("Content-Length", None)
        # A browser starts a new process for it, and what everybody is given hides nothing from its opener.
        headers.pop("Cross-Origin-Opener-Policy", None)
        return cls(generation, brotli.compress(response.content, quality=5), headers)

    def answer(self, request: HttpRequest) -> HttpResponse:
        if self.headers["ETag"] in parse_etags(request.headers.get("If-None-Match", "")):
            response = HttpResponse(status=304, headers=self.headers)
            del response.headers["Content-Type"]
            return response
        accepted = request.headers.get("Accept-Encoding", "")
        if "br" in accepted:
            body, encoding = self.packed, {"Content-Encoding": "br"}
        elif "gzip" in accepted:
            body = gzip.compress(brotli.decompress(self.packed), compresslevel=4, mtime=0)
            encoding = {"Content-Encoding": "gzip"}
        else:
            body, encoding = brotli.decompress(self.packed), {}
        length = {"Content-Length": str(len(body))}
        return HttpResponse(body, headers=self.headers | encoding | length)

"""What holds for every address of the API: answers that are still true are given from memory, any origin may
read, and sentences follow Accept-Language."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from api.freshness import is_named
from api.generations import generations
from api.known import Known
from api.limits import count_address, tell_limit
from api.questions import Recent
from api.shelf import Kept, Shelf, kept_while_read

BASE = "/api/"
_EXPOSED = "ETag, Last-Modified, Link, Retry-After, RateLimit, RateLimit-Policy"
_METHODS = "GET, HEAD, OPTIONS"


class KeptAnswersMiddleware:
    """In front of everything: whoever asks without a token for what this process has answered before gets the
    same again, or 304, for one small query; where that is no longer true, or nothing is kept, what was
    understood before is written anew. Nothing behind is asked. Headers are kept as they left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.shelf = Shelf(settings.API_CACHED_MIB * 2**20)
        self.known: Recent[Known] = Recent()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not request.path_info.startswith(BASE)
            or request.method not in ("GET", "HEAD")
            or "Authorization" in request.headers
        ):
            return self.get_response(request)
        request.api_limit = limit = count_address(request)  # type: ignore[attr-defined]
        key = _key(request)
        allowed = limit is None or limit.allowed
        response = self._kept(request, key) if allowed else None
        if response is None:
            response = (self._known(request, key) if allowed else None) or self._ordinary(request, key)
            tell_limit(request, response)
            kept: Kept | None = getattr(request, "api_kept", None)
            if kept is None or request.method == "HEAD" or response.status_code not in (200, 304):
                return response
            if not settings.API_CACHED_MIB:
                return response
            if response.streaming:
                return self._keep_while_sent(key, kept, response)
            kept = self._keep(key, kept, response, response.content if response.status_code == 200 else None)
            if response.status_code == 200 and not kept.bodies:
                return response
            response = _given(kept, request, unchanged=response.status_code == 304)
        tell_limit(request, response)
        return response

    def _known(self, request: HttpRequest, key: str) -> HttpResponse | None:
        """Written anew, where this address was understood before and nothing else is asked."""
        if request.method == "HEAD" or "If-None-Match" in request.headers or _asks_by_date(request):
            return None
        known = self.known.get(key)
        return known and known.answer(request)

    def _ordinary(self, request: HttpRequest, key: str) -> HttpResponse:
        response = self.get_response(request)
        known: Known | None = getattr(request, "api_known", None)
        if known is not None and request.method == "GET" and response.status_code == 200:
            known.learn(response)
            self.known.put(key, known)
        return response

    def _keep(self, key: str, kept: Kept, response: HttpResponseBase, body: bytes | None) -> Kept:
        """What is kept from now on."""
        old = self.shelf.get(key)
        if body is None and old is not None and old.etag == kept.etag:
            return old  # it knows more
        kept.fill(response, body)
        self.shelf.put(key, kept)
        return kept

    def _keep_while_sent(self, key: str, kept: Kept, response: Any) -> Any:
        """Once it was read to its end. Until then its ETag is known, for a 304."""
        self._keep(key, replace(kept), response, None)
        whole = kept_while_read(
            response.streaming_content, lambda body: self._keep(key, kept, response, body)
        )
        response.streaming_content = whole
        return response

    def _kept(self, request: HttpRequest, key: str) -> HttpResponse | None:
        """From the shelf, where that is enough."""
        kept = self.shelf.get(key)
        if kept is None:
            return None
        generations.refresh()
        if not kept.is_current():
            return None
        if is_named(kept.etag, request):
            return _given(kept, request, unchanged=True)
        # Dates are compared where the answer is made.
        return None if not kept.bodies or _asks_by_date(request) else _given(kept, request)


def _given(kept: Kept, request: HttpRequest, *, unchanged: bool = False) -> HttpResponse:
    return kept.response(request.headers.get("Accept-Encoding", ""), unchanged=unchanged)


def _asks_by_date(request: HttpRequest) -> bool:
    return "If-Modified-Since" in request.headers and "If-None-Match" not in request.headers


def _key(request: HttpRequest) -> str:
    """Whatever an answer depends on beside the data; the day in Vietnam among it."""
    day = int(time.time() + 7 * 3600) // 86400
    parts = (str(day), request.scheme or "", request.get_host(), request.get_full_path())
    return "\n".join((*parts, request.headers.get("Accept", "")))


class ApiMiddleware:
    """Behind LocaleMiddleware. No cookie is read: an answer is the same for whoever asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(BASE):
            return self.get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": _allowed(request)})
            del response["Content-Type"]
        else:
            language = _readers_language(request)
            with translation.override(language):
                response = self.get_response(request)
            tell_limit(request, response)
            response["Content-Language"] = language if response.status_code >= 400 else "vi, en"
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = _METHODS
            response["Access-Control-Allow-Headers"] = request.headers.get(
                "Access-Control-Request-Headers", "Accept"
            )
            response["Access-Control-Max-Age"] = "86400"
        return response


def _allowed(request: HttpRequest) -> str:
    """Other origins may read only, whatever is allowed here."""
    return "POST, OPTIONS" if request.path_info.endswith("/submissions/") else _METHODS


def _readers_language(request: HttpRequest) -> str:
    """Vietnamese or English, whichever Accept-Language prefers; English where it names neither."""
    for language, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language.split("-")[0] in {"vi", "en"}:
            return language.split("-")[0]
    return "en"

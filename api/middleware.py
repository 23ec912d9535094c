"""What holds for every address of the API: answers that are still true are given from memory, any origin may
read, and sentences follow Accept-Language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from api.front import BASE, KEY, LIMIT, asks_by_date, asks_openly, kept_answer, shelf
from api.known import Known
from api.limits import tell_limit
from api.questions import Recent
from api.shelf import Answer, Kept, Key, kept_while_read

_EXPOSED = "ETag, Last-Modified, Link, Retry-After, RateLimit, RateLimit-Policy"
_METHODS = "GET, HEAD, OPTIONS"


class KeptAnswersMiddleware:
    """In front of everything: what was answered to one who asked without a token is kept for the next
    (``api.front``), its headers as they leave; where it is no longer true, or nothing is kept, what was
    understood before is written anew. Nothing behind is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known: Recent[Known] = Recent()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not asks_openly(request.META):
            return self.get_response(request)
        given = kept_answer(request.META)
        request.api_limit = limit = request.META[LIMIT]  # type: ignore[attr-defined]
        if given is None:
            key = request.META[KEY]
            known = self._known(request, key) if limit is None or limit.allowed else None
            response = known or self._ordinary(request, key)
            tell_limit(request, response)
            kept: Kept | None = getattr(request, "api_kept", None)
            if kept is None or request.method == "HEAD" or response.status_code not in (200, 304):
                return response
            if not settings.API_CACHED_MIB:
                return response
            if response.streaming:
                return _keep_while_sent(key, kept, response)
            kept = _keep(key, kept, response, response.content if response.status_code == 200 else None)
            if response.status_code == 200 and kept.body is None:
                return response
            accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
            given = kept.answer(accepted, unchanged=response.status_code == 304)
        response = _response(given)
        tell_limit(request, response)
        return response

    def _known(self, request: HttpRequest, key: Key) -> HttpResponse | None:
        """Written anew, where this address was understood before and nothing else is asked."""
        asked = request.META
        if request.method == "HEAD" or "HTTP_IF_NONE_MATCH" in asked or asks_by_date(asked):
            return None
        known = self.known.get(key)
        return known and known.answer(request)

    def _ordinary(self, request: HttpRequest, key: Key) -> HttpResponse:
        response = self.get_response(request)
        known: Known | None = getattr(request, "api_known", None)
        if known is not None and request.method == "GET" and response.status_code == 200:
            known.learn(response)
            self.known.put(key, known)
        return response


def _keep(key: Key, kept: Kept, response: HttpResponseBase, body: bytes | None) -> Kept:
    """What is kept from now on."""
    old = shelf.get(key)
    if body is None and old is not None and old.etag == kept.etag:
        return old  # it knows more
    kept.fill(response, body)
    shelf.put(key, kept)
    return kept


def _keep_while_sent(key: Key, kept: Kept, response: Any) -> Any:
    """Once it was read to its end. Until then its ETag is known, for a 304."""
    _keep(key, replace(kept), response, None)
    response.streaming_content = kept_while_read(
        response.streaming_content, lambda body: _keep(key, kept, response, body)
    )
    return response


def _response(given: Answer) -> HttpResponse:
    response = HttpResponse(given.body, status=given.code, headers=dict(given.headers))
    if given.code == 304:
        del response["Content-Type"]
    return response


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

"""What holds for every address of the API: any origin may read, and sentences follow Accept-Language."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from api.limits import tell_limit

BASE = "/api/"
_EXPOSED = "ETag, Last-Modified, Link, Retry-After, RateLimit, RateLimit-Policy"
_METHODS = "GET, HEAD, OPTIONS"


class ApiMiddleware:
    """Behind LocaleMiddleware. No cookie is read: an answer is the same for whoever asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(BASE):
            return self.get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers={"Allow": _METHODS})
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


def _readers_language(request: HttpRequest) -> str:
    """Vietnamese or English, whichever Accept-Language prefers; English where it names neither."""
    for language, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if language.split("-")[0] in {"vi", "en"}:
            return language.split("-")[0]
    return "en"

"""How a reader wants the pages to look: theme, contrast, text size; kept in cookies, rendered by the server.

The preferences change nothing but looks. The forms that set them (and the language) carry no CSRF token, so
that a page is the same for all readers with the same preferences and can be cached whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

THEMES = ("auto", "light", "dark")
CONTRASTS = ("normal", "high")
TEXT_SIZES = ("small", "normal", "large", "largest")
_ALLOWED = {"theme": THEMES, "contrast": CONTRASTS, "text": TEXT_SIZES}
_DEFAULTS = {"theme": "auto", "contrast": "normal", "text": "normal"}
_A_YEAR = 60 * 60 * 24 * 365


@dataclass(frozen=True)
class Display:
    theme: str = "auto"
    contrast: str = "normal"
    text: str = "normal"

    @property
    def html_class(self) -> str:
        return f"theme-{self.theme} contrast-{self.contrast} text-{self.text}"

    @property
    def smaller(self) -> str:
        return TEXT_SIZES[max(0, TEXT_SIZES.index(self.text) - 1)]

    @property
    def larger(self) -> str:
        return TEXT_SIZES[min(len(TEXT_SIZES) - 1, TEXT_SIZES.index(self.text) + 1)]

    @property
    def other_contrast(self) -> str:
        return "normal" if self.contrast == "high" else "high"


def display_of(cookies: Mapping[str, str]) -> Display:
    """What the cookies say; anything unknown is the default."""
    chosen = {name: cookies.get(name, "") for name in _ALLOWED}
    return Display(**{k: v if v in _ALLOWED[k] else _DEFAULTS[k] for k, v in chosen.items()})


def display(request: HttpRequest) -> dict[str, object]:
    """Context processor; what stands in every page too, which is the same for all looks."""
    return {
        "display": display_of(request.COOKIES),
        "themes": THEMES,
        "style": mark_safe(settings.STYLE),
        "first_script": mark_safe(settings.FIRST_SCRIPT),
        "icon": settings.ICON,
    }


@csrf_exempt
@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Keeps one or more preferences for a year and goes back to the page."""
    chosen = {name: request.POST[name] for name in _ALLOWED if name in request.POST}
    if any(value not in _ALLOWED[name] for name, value in chosen.items()):
        return HttpResponseBadRequest("; ".join(f"{name}: {', '.join(v)}" for name, v in _ALLOWED.items()))
    response = HttpResponseRedirect(_next_page(request))
    for name, value in chosen.items():
        response.set_cookie(
            name, value, max_age=_A_YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
        )
    return response


set_language = csrf_exempt(django_set_language)


def _next_page(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if safe else "/"


def chosen_language(request: HttpRequest) -> str:
    asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


class ChosenLanguageMiddleware:
    """Vietnamese, unless the reader switched to English. What the browser prefers is not asked: an official's
    computer is often set up in English, and the pages are Vietnamese first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

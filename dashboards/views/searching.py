"""One box for names: provinces and indicators, alone or together ("dien bien ky so")."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages.searching import search_page
from dashboards.queries import catalogue
from dashboards.queries import province as queries
from dashboards.views.page import language, page


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    context = search_page(text, queries.every(), catalogue.indicators(), catalogue.availability(), language())
    return page(request, "search/page.html", context, section="")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What is shown for an address that no page has, however it was asked."""
    return page(request, "404.html", {}, section="", status=404)

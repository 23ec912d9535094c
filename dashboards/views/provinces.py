"""The list of provinces, and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages.province import province_page
from dashboards.queries import catalogue
from dashboards.queries import province as queries
from dashboards.questions import PROVINCES, BadQuestion
from dashboards.rows import Choice
from dashboards.views.page import bad_question, language, page


@require_safe
def province_list(request: HttpRequest) -> HttpResponse:
    """Both sets of provinces; ``q`` finds names with or without accents."""
    text = request.GET.get("q", "").strip()
    every = queries.every()
    if text:
        found = queries.matching(text)
        every = [pair for pair in every if pair[0].slug in found]
    context = {
        "now": [pair for pair in every if not pair[0].ended],
        "before": [pair for pair in every if pair[0].ended],
        "text": text,
    }
    return page(request, "province/list.html", context, section="provinces")


@require_safe
def province(request: HttpRequest, slug: str) -> HttpResponse:
    card = queries.province_card(slug)
    if card is None:
        return _unknown(request, slug)
    context = province_page(card, catalogue.indicators(), catalogue.availability(), language())
    return page(request, "province/page.html", context, section="provinces")


def _unknown(request: HttpRequest, slug: str) -> HttpResponse:
    """Provinces whose names are near to what was asked; all of them where none is."""
    near = queries.matching(slug.replace("-", " "))
    every = [row for row, _region in queries.every()]
    allowed = [Choice(row.slug, row.name) for row in every if not near or row.slug in near]
    error = BadQuestion(PROVINCES, slug, allowed)
    return bad_question(request, error, section="provinces", by_path="dashboards:province")

"""The catalogue of indicators, and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages.indicator import catalogue_page, indicator_page
from dashboards.queries import catalogue
from dashboards.questions import INDICATOR, BadQuestion
from dashboards.rows import Choice
from dashboards.views.page import bad_question, language, page
from provinces.vietnamese import search_key


@require_safe
def indicator_list(request: HttpRequest) -> HttpResponse:
    """By pillar; ``q`` finds names and definitions with or without accents."""
    text = request.GET.get("q", "").strip()
    wanted = search_key(text)
    found = {
        code: row
        for code, row in catalogue.indicators().items()
        if wanted in search_key(f"{row.name} {row.definition}")
    }
    context = catalogue_page(found, catalogue.availability(), language()) | {"text": text}
    return page(request, "indicator/list.html", context, section="indicators")


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    indicators = catalogue.indicators()
    if code not in indicators:
        allowed = [Choice(row.code, row.name) for row in indicators.values()]
        error = BadQuestion(INDICATOR, code, allowed)
        return bad_question(request, error, section="indicators", by_path="dashboards:indicator")
    context = indicator_page(indicators[code], indicators, catalogue.availability(), language())
    return page(request, "indicator/page.html", context, section="indicators")

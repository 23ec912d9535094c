"""One indicator compared across provinces."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages.comparison import comparison_page
from dashboards.queries import catalogue
from dashboards.questions import BadQuestion, read_comparison
from dashboards.views.page import bad_question, language, page


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    indicators, availability = catalogue.indicators(), catalogue.availability()
    if not availability.slices:
        return page(request, "empty.html", {}, section="comparison")
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    names = {code: row.name for code, row in indicators.items()}
    try:
        question = read_comparison(parameters, availability, names, language())
        context = comparison_page(question, indicators, availability, language())
    except BadQuestion as error:
        return bad_question(request, error, section="comparison")
    return page(request, "comparison/page.html", context, section="comparison")

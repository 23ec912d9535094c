"""The first page, and the map's figure that it fetches when the map comes into view."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from dashboards.pages.maps import map_data
from dashboards.pages.overview import overview_page
from dashboards.queries import catalogue
from dashboards.questions import BadQuestion, read_comparison
from dashboards.views.page import bad_question, language, page


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    indicators, availability = catalogue.indicators(), catalogue.availability()
    if not availability.slices:
        return page(request, "empty.html", {}, section="overview")
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    names = {code: row.name for code, row in indicators.items()}
    try:
        question = read_comparison(parameters, availability, names, language())
    except BadQuestion as error:
        return bad_question(request, error, section="overview")
    context = overview_page(question, indicators, availability, language())
    return page(request, "overview/page.html", context, section="overview")


@require_safe
def map_figure(request: HttpRequest) -> HttpResponse:
    """The map as a Plotly figure; what cannot be asked is a 404 with the allowed values."""
    indicators, availability = catalogue.indicators(), catalogue.availability()
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    names = {code: row.name for code, row in indicators.items()}
    try:
        question = read_comparison(parameters, availability, names, language())
    except BadQuestion as error:
        allowed = [choice.value for choice in error.allowed]
        return JsonResponse({"parameter": error.parameter, "allowed": allowed}, status=error.status)
    return JsonResponse(map_data(question, indicators[question.indicator], language()))

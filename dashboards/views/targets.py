"""The page of targets."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards import lens
from dashboards.pages.targets import targets_page
from dashboards.queries import catalogue
from dashboards.questions import BadQuestion
from dashboards.views.page import bad_question, language, page


@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    try:
        context = targets_page(parameters, catalogue.indicators(), lens.today(), language())
    except BadQuestion as error:
        return bad_question(request, error, section="targets")
    return page(request, "target/page.html", context, section="targets")

"""Composite indices: all of them, and one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.pages.indices import index_list, index_page
from dashboards.queries import indices as queries
from dashboards.questions import BadQuestion
from dashboards.rows import Choice
from dashboards.views.page import bad_question, language, page

SECTION = "indices"


@require_safe
def indices(request: HttpRequest) -> HttpResponse:
    return page(request, "index/list.html", index_list(language()), section=SECTION)


@require_safe
def index(request: HttpRequest, code: str) -> HttpResponse:
    versions = queries.versions(code)
    if not versions:
        known = {version.code: version.name for version in queries.versions()}
        error = BadQuestion("chi-so", code, [Choice(one, name) for one, name in known.items()])
        return bad_question(request, error, section=SECTION, by_path="dashboards:index")
    parameters = {name: request.GET.getlist(name) for name in request.GET}
    try:
        context = index_page(versions, parameters, request.path, language())
    except BadQuestion as error:
        return bad_question(request, error, section=SECTION)
    return page(request, "index/page.html", context, section=SECTION)

"""The list of documents, and the figures read in one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards import formatting
from dashboards.pages.figure_lines import figure_line
from dashboards.queries import catalogue
from dashboards.queries import sources as queries
from dashboards.questions import BadQuestion
from dashboards.views.page import bad_question, language, page

PAGE = "trang"
_PER_PAGE = 100
_OWN_TEXT = "seed "  # so begin references to texts that came with the system, which have no address
_MANY = 10  # documents with fewer figures are folded away unless they are searched for


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    listed = [
        (row, formatting.published(row.published), formatting.number(row.figures, language()))
        for row in queries.sources(text)
    ]
    many = [line for line in listed if text or line[0].figures >= _MANY]
    context = {"sources": many, "smaller": [] if text else listed[len(many) :], "many": _MANY, "text": text}
    return page(request, "source/list.html", context, section="sources")


@require_safe
def source(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.source(code)
    if found is None:
        return bad_question(request, BadQuestion("nguon", code, ()), section="sources")
    number = request.GET.get(PAGE, "1")
    if not number.isascii() or not number.isdigit() or number.startswith("0") or len(number) > 5:
        return bad_question(request, BadQuestion(PAGE, number, (), status=400), section="sources")
    start = (int(number) - 1) * _PER_PAGE
    count, figures = queries.figures(code, start, _PER_PAGE)
    indicators = catalogue.indicators()
    contradicted = catalogue.contradictions([figure.stated.observation for _p, _i, figure in figures])
    lines = [
        (
            province,
            name,
            figure.indicator,
            figure_line(figure, indicators[figure.indicator], contradicted, language()),
        )
        for province, name, figure in figures
    ]
    context = {
        "source": found,
        "own_text": found.reference.removeprefix(_OWN_TEXT) if found.reference.startswith(_OWN_TEXT) else "",
        "published": formatting.published(found.published),
        "lines": lines,
        "count": formatting.number(count, language()),
        "previous": int(number) - 1,
        "next": int(number) + 1 if start + _PER_PAGE < count else 0,
        "simulated": found.simulated,
    }
    return page(request, "source/page.html", context, section="sources")

"""A page as a workbook, one of its tables as CSV, one of its charts for another site."""

from __future__ import annotations

import re
from inspect import unwrap

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from dashboards import formatting, lens
from dashboards.questions import BadQuestion
from dashboards.rows import Choice
from dashboards.sending.reading import tables_of
from dashboards.sending.writing import comma_separated, workbook
from dashboards.views.page import FORM, PART, bad_question, language, sent_from

_SECTION = "overview"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIGURE = re.compile(
    r'<figure class="figure" aria-labelledby="([^"]*)-title">.*?</figure>'
    r'(?:\s*<details class="data">.*?</details>)?',
    re.DOTALL,
)
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def in_asked_form(request: HttpRequest, html: str) -> HttpResponse | None:
    """The finished page as ``dang`` asks for it; None where it asks for no other form."""
    form = request.GET.get(FORM, "")
    if not form:
        return None
    if form not in ("xlsx", "csv"):
        choices = (Choice("xlsx", "XLSX"), Choice("csv", "CSV"))
        return bad_question(request, BadQuestion(FORM, form, choices, 400), section=_SECTION)
    page, part = tables_of(html), request.GET.get(PART, "")
    tables = [table for table in page.tables if not part or part in table.names]
    if (part or form == "csv") and not tables:
        choices = [Choice(name, table.title) for table in page.tables for name in table.names]
        return bad_question(request, BadQuestion(PART, part, choices), section=_SECTION)
    if form == "csv":
        body = comma_separated(tables[0], _stamp(request), language()).encode()
        return _attached(body, "text/csv; charset=utf-8", request, part, "csv")
    title = tables[0].title if part else page.title
    return _attached(workbook(title, _stamp(request), tables, language()), _XLSX, request, part, "xlsx")


def _attached(body: bytes, kind: str, request: HttpRequest, part: str, ending: str) -> HttpResponse:
    words = [request.path, part, *(value for _name, value in lens.current().pairs)]
    name = _NOT_IN_NAMES.sub("-", "-".join(words).lower()).strip("-") or "tinh-so"
    return HttpResponse(
        body,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )


def _stamp(request: HttpRequest) -> list[str]:
    """Of what day, whether simulated, and from where."""
    day = _("As of %(stamp)s.") % {"stamp": formatting.day(lens.today(), language())}
    made = _("Made on %(day)s from %(address)s") % {
        "day": formatting.day(timezone.localdate(), language()),
        "address": request.build_absolute_uri(sent_from(request)),
    }
    marks = [_("Simulated figures, made up for demonstration.")] if lens.simulated() else []
    return [*marks, day, made]


@require_safe
def embedded(request: HttpRequest, address: str) -> HttpResponse:
    """One chart of a page on a light page of its own, which other sites may frame."""
    part = request.GET.get(PART, "")
    try:
        found = resolve(f"/{address}/" if address else "/")
    except Resolver404:
        return bad_question(request, BadQuestion("nhung", address, ()), section=_SECTION)
    if found.namespace != "dashboards" or found.url_name in ("embedded", "display", "language", "map"):
        return bad_question(request, BadQuestion("nhung", address, ()), section=_SECTION)
    response = unwrap(found.func)(request, *found.args, **found.kwargs)
    if response.status_code != 200:
        return response
    html = response.content.decode()
    charts = {name[1]: name[0] for name in _FIGURE.finditer(html)}
    if part not in charts:
        choices = [Choice(name, name) for name in charts]
        return bad_question(request, BadQuestion(PART, part, choices), section=_SECTION)
    title = next((table.title for table in tables_of(html).tables if part in table.names), "")
    chart = charts[part].replace("<h2 ", "<h1 ", 1).replace("</h2>", "</h1>", 1)
    context = {"chart": chart, "title": title, "whole": sent_from(request, f"/{address}/")}
    return render(request, "embedded.html", context | {"lens": lens.current()})

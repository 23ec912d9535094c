"""What all pages share: rendering with the navigation, and the page that says what may be asked."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboards import formatting, lens
from dashboards.pages.chart_controls import chart_names
from dashboards.queries.looking import span
from dashboards.questions import (
    CHART,
    GEOGRAPHY,
    GROUP,
    INDICATOR,
    OTHERS,
    PERIOD,
    PROVINCES,
    SINCE,
    BadQuestion,
)

#: A page in another form: as a workbook or CSV, one of its charts alone.
FORM, PART = "dang", "hinh"


def language() -> formatting.Language:
    return formatting.language_of(get_language())


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, section: str, status: int = 200
) -> HttpResponse:
    """``section`` names the entry of the navigation that the page belongs to."""
    computed_at = context.get("computed_at")
    shared = {
        **_looking(request),
        "navigation": _navigation(request.path, section),
        "computed_at": formatting.instant(timezone.localtime(computed_at), language()) if computed_at else "",
    }
    return render(request, template, context | shared, status=status)


def _looking(request: HttpRequest) -> dict[str, Any]:
    """The page's lens, and the addresses that lead out of it; the form of the day keeps everything else."""
    chosen, kept = lens.current(), request.GET.copy()
    kept.pop(lens.DAY, None)
    simulated = request.GET.copy()
    simulated[lens.FIGURES] = lens.SIMULATED
    real = request.GET.copy()
    real.pop(lens.FIGURES, None)
    return {
        "lens": chosen,
        "lens_day": formatting.day(chosen.day, language()),
        "stamp": formatting.day(lens.today(), language()),
        "lens_today": timezone.localdate(),
        "span": span,
        "kept_parameters": [(name, value) for name, values in kept.lists() for value in values],
        "today_address": _with_query(request, kept.urlencode()),
        "simulated_address": _with_query(request, simulated.urlencode()),
        "real_address": _with_query(request, real.urlencode()),
        "send": sent_from(request, joined=True),
        "embed": request.build_absolute_uri(f"/nhung{sent_from(request, joined=True)}"),
    }


def sent_from(request: HttpRequest, path: str = "", *, joined: bool = False) -> str:
    """The page's own address without its form; ``joined``: ready for another parameter."""
    kept = request.GET.copy()
    for name in (FORM, PART):
        kept.pop(name, None)
    query = kept.urlencode()
    address = f"{path or request.path}?{query}" if query or joined else path or request.path
    return f"{address}&" if query and joined else address


def _with_query(request: HttpRequest, query: str) -> str:
    return f"{request.path}?{query}" if query else request.path


def bad_question(
    request: HttpRequest, error: BadQuestion, *, section: str, by_path: str = ""
) -> HttpResponse:
    """A sentence that says what was not understood, and what is allowed instead, each as a link.

    ``by_path`` names the address whose path holds the value, where it is no parameter.
    """
    charts = chart_names() if error.parameter == CHART else {}
    context = {
        "what": _parameter_names().get(error.parameter, error.parameter),
        "value": error.value,
        "allowed": [
            {
                "label": charts.get(choice.value, choice.label),
                "address": reverse(by_path, args=[choice.value])
                if by_path
                else _address(request, error.parameter, choice.value),
            }
            for choice in error.allowed
        ],
        "start": request.path,
    }
    return page(request, "bad_question.html", context, section=section, status=error.status)


def _address(request: HttpRequest, parameter: str, value: str) -> str:
    # Of what else was asked only the indicator is sure to go with the new value.
    kept = [] if parameter == INDICATOR else request.GET.getlist(INDICATOR)
    pairs = [(INDICATOR, one) for one in kept]
    return f"{request.path}?{urlencode([*pairs, (parameter, value)], safe=',:')}"


def _parameter_names() -> dict[str, str]:
    return {
        INDICATOR: _("Indicator"),
        PERIOD: _("Period"),
        GEOGRAPHY: _("Set of provinces"),
        GROUP: _("Peers"),
        PROVINCES: _("Province"),
        CHART: _("Chart"),
        OTHERS: _("Indicator"),
        SINCE: _("Period"),
        "chi-so": _("Composite index"),
        lens.FIGURES: _("Figure"),
        lens.DAY: _("Day"),
        FORM: _("File format"),
        PART: _("Chart"),
        "xem": _("Arranged by"),
        "ket-qua": _("Outcome"),
    }


def _navigation(path: str, section: str) -> list[dict[str, str]]:
    entries = [
        ("overview", _("Overview")),
        ("comparison", _("Compare")),
        ("provinces", _("Provinces")),
        ("indicators", _("Indicators")),
        ("indices", _("Composite indices")),
        ("targets", _("Targets")),
        ("reporting", _("Reporting")),
        ("sources", _("Sources")),
        ("method", _("Method")),
    ]
    return [
        {
            "name": name,
            "address": _address_of(entry),
            "current": _current(path, _address_of(entry), entry == section),
        }
        for entry, name in entries
    ]


@cache
def _address_of(entry: str) -> str:
    return reverse(f"dashboards:{entry}")


def _current(path: str, address: str, in_section: bool) -> str:
    if path == address:
        return "page"
    return "true" if in_section else ""

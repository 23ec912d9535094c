"""The controls of a chart: which chart, what else it shows, since when."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from dashboards.pages.compared import Chart, Compared
from dashboards.pages.controls import indicator_choices
from dashboards.questions import CHARTS, MOST_OTHERS, period_name


def chart_names() -> dict[str, str]:
    """In the order of ``CHARTS``."""
    return {
        "ranking": _("Ranking"),
        "trend": _("Over time"),
        "distribution": _("Distribution"),
        "map": _("Map and tiles"),
        "heat": _("Several indicators"),
        "scatter": _("Two indicators"),
        "slope": _("Two periods"),
        "funnel": _("Funnel"),
        "mix": _("Mix"),
        "multiples": _("Small multiples"),
    }


def chart_controls(c: Compared, chart: Chart | None) -> dict[str, Any]:
    uses = chart.uses if chart else frozenset()
    names = chart_names()
    shown = {
        "chart_choices": [
            {
                "code": code,
                "label": names[code],
                "address": c.question.with_(chart=code).query(),
                "current": code == c.question.chart,
            }
            for code in CHARTS
        ]
    }
    if "others" in uses:
        shown |= _others(c)
    if "since" in uses:
        shown["since_choices"] = [
            {
                "label": period_name(row.period, c.language),
                "detail": f"{row.reporting}/{row.expected}",
                "address": c.question.with_(since=row.period.code).query(),
                "current": chart is not None and row.period.code == chart.since,
            }
            for row in c.availability.before(c.group)
        ]
    return shown


def _others(c: Compared) -> dict[str, Any]:
    others = c.question.others
    free = [
        (pillar, [row for row in rows if row.code not in (c.indicator.code, *others)])
        for pillar, rows in indicator_choices(c.indicators, c.availability)
    ]
    return {
        "other_choices": free if len(others) < MOST_OTHERS else [],
        "others": [
            {
                "code": code,
                "name": c.indicators[code].name,
                "address": c.question.with_(others=tuple(o for o in others if o != code)).query(),
            }
            for code in others
        ],
    }

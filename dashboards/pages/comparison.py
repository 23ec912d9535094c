"""The comparison page: one chart after the reader's choice; every control is a link or a GET form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.pages import chart_controls, controls, parts
from dashboards.pages.changes import multiples_chart, slope_chart
from dashboards.pages.compared import Chart, Compared
from dashboards.pages.maps import map_chart
from dashboards.pages.ranking_lines import table_lines
from dashboards.pages.several import heat_chart, mix_chart, scatter_chart
from dashboards.pages.spread import distribution_chart, funnel_chart
from dashboards.pages.trends import trend_part
from dashboards.queries import catalogue, comparison
from dashboards.questions import (
    CHOSEN,
    PROVINCES,
    RANKING,
    Availability,
    ComparisonQuestion,
    check_choice,
)
from dashboards.rows import Choice, IndicatorRow, Place, ProvinceRow, Slice
from dashboards.sentences import ranking_sentence

CHARTS: dict[str, Callable[[Compared], Chart]] = {
    "distribution": distribution_chart,
    "map": map_chart,
    "heat": heat_chart,
    "scatter": scatter_chart,
    "slope": slope_chart,
    "funnel": funnel_chart,
    "mix": mix_chart,
    "multiples": multiples_chart,
}


def comparison_page(
    question: ComparisonQuestion,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    """BadQuestion where the group or a picked province does not exist in this geography."""
    provinces, mergers = comparison.provinces_of(question.geography), catalogue.mergers()
    groups = catalogue.slices_of(question.indicator, question.period, question.geography)
    labels = controls.group_labels(comparison.regions(question.geography))
    question = controls.carried_over(question, provinces, mergers)
    _check(question, provinces, groups, labels)
    places = _places(question)
    compared = Compared(
        question=question,
        indicator=indicators[question.indicator],
        indicators=indicators,
        availability=availability,
        group=groups.get(question.group) or groups["nation"],
        group_label=labels[question.group],
        places=places,
        chosen=[place for place in places if place.province.slug in question.provinces],
        provinces=provinces,
        mergers=mergers,
        language=language,
    )
    context = {
        "question": question,
        "indicator": compared.indicator,
        "mistakable": parts.mistakable(compared.indicator, indicators),
        "period": compared.period,
        "group_label": compared.group_label,
        "computed_at": compared.group.computed_at,
        "simulated": compared.group.simulated,
    }
    return (
        context
        | _charts(compared)
        | controls.comparison_controls(
            question, indicators, availability, groups, labels, provinces, mergers, language
        )
    )


def _charts(c: Compared) -> dict[str, Any]:
    """What is drawn: the ranking with the lines below it, or the chart that was asked for."""
    if c.question.chart in CHARTS:
        chart = CHARTS[c.question.chart](c)
        return {
            "chart": chart,
            "status": chart.figure.sentence or chart.figure.instead,
        } | chart_controls.chart_controls(c, chart)
    trend = trend_part(c.question, c.indicator, c.availability, c.places, c.mergers, c.language)
    shown = {"trend": trend, "status": trend.figure.sentence} | chart_controls.chart_controls(c, None)
    if c.question.chart != RANKING:
        return shown
    ranking = _ranking(c)
    return shown | {
        "ranking": ranking,
        "missing": _missing(c),
        "status": ranking["figure"].sentence or ranking["figure"].instead,
    }


def _places(question: ComparisonQuestion) -> list[Place]:
    """Of picked provinces only, those keep the rank that they have in the whole country."""
    places = comparison.places(*_asked(question))
    if question.group != CHOSEN:
        return places
    return [place for place in places if place.province.slug in question.provinces]


def _asked(question: ComparisonQuestion) -> tuple[str, str, str, str]:
    """The table of places that the question is about."""
    group = "nation" if question.group == CHOSEN else question.group
    return question.indicator, question.period, question.geography, group


def _check(
    question: ComparisonQuestion,
    provinces: Sequence[ProvinceRow],
    groups: Mapping[str, Slice],
    labels: Mapping[str, str],
) -> None:
    choices = [Choice(row.slug, row.name) for row in provinces]
    for slug in question.provinces:
        check_choice(PROVINCES, slug, choices)
    if question.group != CHOSEN:
        check_choice("nhom", question.group, [Choice(code, labels.get(code, code)) for code in groups])


def _ranking(c: Compared) -> dict[str, Any]:
    question, indicator, group, places = c.question, c.indicator, c.group, c.places
    notes = comparison.contradicted(*_asked(question))
    rows = parts.ranking_rows(places, indicator, group, question.provinces, c.language, notes)
    data, columns = None, None
    if len(places) > 1:
        goals = catalogue.goals(question.indicator)
        data, columns = parts.ranking_chart(places, indicator, group, question.provinces, goals, c.language)
    words = {"indicator": indicator.name, "period": c.in_period, "group": c.group_label}
    among = _("%(indicator)s, %(period)s: %(group)s")
    if question.group == "nation":
        among = _("%(indicator)s, %(period)s: the provinces compared")
    figure = parts.Figure(
        name="ranking",
        title=among % words,
        data=data,
        sentence=ranking_sentence(indicator, c.period, places, group, c.chosen, c.language),
        source=parts.source_line(places, group, c.language),
        width="very-many" if len(places) > 40 else "many" if len(places) > 14 else "",
        height="h380",
        columns=columns,
        instead="" if places else _("No figure of these provinces for this period."),
        simulated=group.simulated,
        api=parts.api_address(question),
    )
    lines = table_lines(rows, ranked=indicator.ranked)
    return {"figure": figure, "lines": lines, "ranked": indicator.ranked, "compared": len(places) > 1}


def _missing(c: Compared) -> list[tuple[ProvinceRow, bool]]:
    """Provinces without a figure, and whether that is because theirs cannot follow from those that merged;
    told for the whole country only, where we know who was expected."""
    if c.question.group != "nation":
        return []
    reporting = {place.province.slug for place in c.places}
    absent = [row for row in c.provinces if row.slug not in reporting]
    if not absent or c.question.geography != "34":
        return [(row, False) for row in absent]
    question = c.question
    merged = set(comparison.not_restatable(question.indicator, question.period, question.geography))
    return [(row, row.slug in merged) for row in absent]

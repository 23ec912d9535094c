"""The comparison page: ranking, trend, peers; every control is a link or a GET form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.pages import controls, parts
from dashboards.pages.trends import trend_part
from dashboards.queries import catalogue, comparison
from dashboards.questions import (
    CHOSEN,
    NATION,
    PROVINCES,
    Availability,
    ComparisonQuestion,
    check_choice,
    period_name,
)
from dashboards.rows import Choice, IndicatorRow, Place, ProvinceRow, Slice
from dashboards.sentences import ranking_sentence


def comparison_page(
    question: ComparisonQuestion,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    """BadQuestion where the group or a picked province does not exist in this geography."""
    indicator = indicators[question.indicator]
    provinces = comparison.provinces_of(question.geography)
    groups = catalogue.slices_of(question.indicator, question.period, question.geography)
    labels = controls.group_labels(comparison.regions(question.geography))
    _check(question, provinces, groups, labels)
    group = groups.get(question.group) or groups["nation"]
    places = _places(question)
    chosen = [place for place in places if place.province.slug in question.provinces]
    period, mergers = period_name(group.period, language), catalogue.mergers()
    context = {
        "question": question,
        "indicator": indicator,
        "period": period,
        "group_label": labels[question.group],
        "ranking": _ranking(
            question, indicator, group, places, chosen, period, labels[question.group], language
        ),
        "missing": _missing(question, provinces, places, groups),
        "trend": trend_part(question, indicator, availability, places, mergers, language),
        "computed_at": group.computed_at,
        "simulated": group.simulated,
    }
    return context | controls.comparison_controls(
        question, indicators, availability, groups, labels, provinces, mergers, language
    )


def _places(question: ComparisonQuestion) -> list[Place]:
    """Of picked provinces only, those keep the rank that they have in the whole country."""
    group = "nation" if question.group == CHOSEN else question.group
    places = comparison.places(question.indicator, question.period, question.geography, group)
    if question.group != CHOSEN:
        return places
    return [place for place in places if place.province.slug in question.provinces]


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


def _ranking(
    question: ComparisonQuestion,
    indicator: IndicatorRow,
    group: Slice,
    places: Sequence[Place],
    chosen: Sequence[Place],
    period: str,
    group_label: str,
    language: f.Language,
) -> dict[str, Any]:
    sentence = ranking_sentence(indicator, period, places, group, chosen, language)
    notes = catalogue.contradictions([place.observation for place in places if place.stated])
    rows = parts.ranking_rows(places, indicator, group, question.provinces, language, notes)
    goals = catalogue.goals(question.indicator)
    data, columns = None, None
    if len(places) > 1:
        data, columns = parts.ranking_chart(places, indicator, group, question.provinces, goals, language)
    figure = parts.Figure(
        name="ranking",
        title=_title(question, indicator, period, group_label),
        data=data,
        sentence=sentence,
        source=parts.source_line(places, group, language),
        width="very-many" if len(places) > 40 else "many" if len(places) > 14 else "",
        height="h380",
        columns=columns,
        instead="" if places else _("No figure of these provinces for this period."),
        simulated=group.simulated,
        api=parts.api_address(question),
    )
    picks = [question.toggled(row.slug).query() for row in rows]
    return {"figure": figure, "rows": list(zip(rows, picks, strict=True)), "ranked": indicator.ranked}


def _title(question: ComparisonQuestion, indicator: IndicatorRow, period: str, group_label: str) -> str:
    """What is compared, and among whom where that is not the whole country."""
    words = {"indicator": indicator.name, "period": period, "group": group_label}
    if question.group == NATION:
        return _("%(indicator)s, %(period)s: the provinces compared") % words
    return _("%(indicator)s, %(period)s: %(group)s") % words


def _missing(
    question: ComparisonQuestion,
    provinces: Sequence[ProvinceRow],
    places: Sequence[Place],
    groups: Mapping[str, Slice],
) -> list[ProvinceRow]:
    """Provinces without a figure; told for the whole country only, where we know who was expected."""
    if question.group != "nation":
        return []
    reporting = {place.province.slug for place in places}
    return [row for row in provinces if row.slug not in reporting]

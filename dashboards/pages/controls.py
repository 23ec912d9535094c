"""The controls of the comparison page, all of them links (or options of a GET form)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.caching import once_a_generation
from dashboards.queries import catalogue
from dashboards.queries.comparison import kind_groups, provinces_of
from dashboards.questions import CHOSEN, MOST_PROVINCES, NATION, Availability, ComparisonQuestion, period_name
from dashboards.rows import Group, IndicatorRow, Merger, ProvinceRow, Slice


def group_labels(regions: Sequence[Group]) -> dict[str, str]:
    """Group → what a person reads."""
    labels = {NATION: _("Whole country"), CHOSEN: _("Picked provinces only")}
    labels |= {group.code: group.label for group in [*regions, *kind_groups()]}
    return labels | {
        "population:under-1m": _("Under 1 million people"),
        "population:1m-2m": _("1 to 2 million people"),
        "population:over-2m": _("Over 2 million people"),
    }


def geography_labels() -> dict[str, str]:
    return {"63": _("63 provinces (to 30/06/2025)"), "34": _("34 provinces (from 01/07/2025)")}


def geography_names() -> dict[str, str]:
    return {"63": _("63 provinces"), "34": _("34 provinces")}


def geography_times() -> dict[str, str]:
    return {"63": _("Provinces to 30/06/2025"), "34": _("Provinces from 01/07/2025")}


def comparison_controls(
    question: ComparisonQuestion,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    groups: Mapping[str, Slice],
    labels: Mapping[str, str],
    provinces: Sequence[ProvinceRow],
    mergers: Sequence[Merger],
    language: f.Language,
) -> dict[str, Any]:
    names = {row.slug: row.name for row in provinces}
    return {
        "indicator_options": _indicator_options(question.indicator),
        "period_choices": _periods(question, availability, language),
        "geography_choices": _geographies(question, availability, mergers),
        "geography_caption": geography_times()[question.geography],
        "group_choices": _groups(question, groups, labels),
        "province_options": mark_safe(
            "".join(
                option
                for slug, option in _province_options(question.geography)
                if slug not in question.provinces
            )
        ),
        "picked": [
            {"name": names[slug], "slug": slug, "address": question.toggled(slug).query()}
            for slug in question.provinces
        ],
    }


def overview_controls(
    question: ComparisonQuestion, availability: Availability, language: f.Language
) -> dict[str, Any]:
    """Set of provinces and period; the indicator stays."""
    return {
        "period_choices": _best_periods(question, availability, language),
        "geography_choices": _geographies(question, availability, ()),
    }


def indicator_choices(
    indicators: Mapping[str, IndicatorRow], availability: Availability
) -> list[tuple[str, list[IndicatorRow]]]:
    """Indicators with figures by pillar; composite indices, which most come for, first."""
    having = availability.indicators()
    listed = [row for row in indicators.values() if row.code in having]
    listed.sort(key=lambda row: row.pillar_place)
    return [(name, list(rows)) for name, rows in groupby(listed, key=lambda row: row.pillar_name)]


def _indicator_options(chosen: str) -> str:
    """The options of a select, with one of them selected; all are written once a generation."""
    options, mark = _all_indicator_options(), f'value="{chosen}"'
    return mark_safe(options.replace(mark, f"{mark} selected", 1))


@once_a_generation
def _all_indicator_options() -> str:
    choices = indicator_choices(catalogue.indicators(), catalogue.availability())
    return render_to_string("comparison/indicator_options.html", {"indicator_choices": choices})


@once_a_generation
def _province_options(geography: str) -> list[tuple[str, str]]:
    """Slug and option of a select."""
    return [
        (row.slug, format_html('<option value="{}">{}</option>', row.slug, row.name))
        for row in provinces_of(geography)
    ]


def _periods(
    question: ComparisonQuestion, availability: Availability, language: f.Language
) -> list[dict[str, object]]:
    return [
        {
            "label": period_name(row.period, language),
            "detail": f"{row.reporting}/{row.expected}",
            "address": question.with_(period=row.period.code, since="").query(),
            "current": row.period.code == question.period,
        }
        for row in availability.of(question.indicator, question.geography)
    ]


def _best_periods(
    question: ComparisonQuestion, availability: Availability, language: f.Language
) -> list[dict[str, object]]:
    """Every period once: in the set of provinces in view where enough report, else in the fuller one."""
    best: dict[str, Slice] = {}
    for row in availability.of(question.indicator):
        known = best.get(row.period.code)
        here = row.geography == question.geography
        if known is None or (row.complete, here) > (known.complete, known.geography == question.geography):
            best[row.period.code] = row
    return [
        {
            "label": period_name(row.period, language),
            "address": question.with_(period=code, geography=row.geography).query(),
            "current": code == question.period,
        }
        for code, row in best.items()
    ]


def _geographies(
    question: ComparisonQuestion, availability: Availability, mergers: Sequence[Merger]
) -> list[dict[str, object]]:
    """The other set of provinces, with the same period where it has it; picked provinces are carried over."""
    choices: list[dict[str, object]] = []
    names = geography_names()
    for geography, label in geography_labels().items():
        choice = {"label": label, "name": names[geography]}
        best = availability.best(question.indicator, geography)
        if best is None:
            choices.append(choice | {"address": "", "current": False})
            continue
        same = availability.find(question.indicator, question.period, geography)
        moved = question.with_(
            geography=geography,
            since="",
            period=(same or best).period.code,
            group=NATION if question.group.startswith("region:") else question.group,
            provinces=_carried(question, geography, mergers),
        )
        current = geography == question.geography
        choices.append(
            choice | {"address": question.query() if current else moved.query(), "current": current}
        )
    return choices


def carried_over(
    question: ComparisonQuestion, provinces: Sequence[ProvinceRow], mergers: Sequence[Merger]
) -> ComparisonQuestion:
    """A picked province of the other set becomes those that it went into or came from."""
    here = {row.slug for row in provinces}
    picked: list[str] = []
    for slug in question.provinces:
        kin = [edge.successor.slug for edge in mergers if edge.predecessor.slug == slug]
        kin += [edge.predecessor.slug for edge in mergers if edge.successor.slug == slug]
        moved = [] if slug in here else [one for one in kin if one in here]
        picked += moved or [slug]
    return question.with_(provinces=tuple(dict.fromkeys(picked))[:MOST_PROVINCES])


def _carried(question: ComparisonQuestion, geography: str, mergers: Sequence[Merger]) -> tuple[str, ...]:
    """Picked provinces in the other geography: a merged province becomes its successor, and back."""
    if geography == question.geography:
        return question.provinces
    carried: list[str] = []
    for slug in question.provinces:
        if geography == "34":
            moved = [edge.successor.slug for edge in mergers if edge.predecessor.slug == slug]
        else:
            moved = [edge.predecessor.slug for edge in mergers if edge.successor.slug == slug]
        carried += moved or [slug]
    return tuple(dict.fromkeys(carried))[:8]


def _groups(
    question: ComparisonQuestion, groups: Mapping[str, Slice], labels: Mapping[str, str]
) -> list[dict[str, object]]:
    codes = [code for code in labels if code in groups]
    if question.provinces:
        codes.append(CHOSEN)
    return [
        {
            "label": labels[code],
            "detail": f"{groups[code].reporting}/{groups[code].expected}" if code in groups else "",
            "address": question.with_(group=code).query(),
            "current": code == question.group,
        }
        for code in codes
    ]

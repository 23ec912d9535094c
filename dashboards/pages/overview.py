"""The overview: the DTI of all provinces, who moved, the headline indicators, how much is reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards import lens
from dashboards.addresses import place_card, slice_card
from dashboards.figures import drawn
from dashboards.pages import parts
from dashboards.pages.controls import overview_controls
from dashboards.pages.targets import missed_targets
from dashboards.queries import catalogue, comparison
from dashboards.questions import Availability, ComparisonQuestion, in_period, period_name
from dashboards.rows import Break, IndicatorRow, Place, Slice
from dashboards.sentences import coverage, ranking_sentence
from indicators.core.periods import Period

_ENDS = 5  # how many leaders, trailing, risers and fallers are named


@dataclass(frozen=True)
class Headline:
    """One line of the table of headline indicators. ``kind_of_value`` names the statistic."""

    name: str
    address: str
    period: str
    value: str
    kind_of_value: str
    change: str
    change_note: str
    coverage: str
    complete: bool
    spark: drawn.Sparkline | None
    card: str


@dataclass(frozen=True)
class CoverageLine:
    name: str
    address: str
    period: str
    words: str
    complete: bool
    bar: drawn.CellBar


@dataclass(frozen=True)
class Mover:
    slug: str
    name: str
    change: str
    value: str
    card: str


@dataclass(frozen=True)
class Movers:
    """Who rose and fell most among ``count`` provinces, ``period`` ``against`` the one before."""

    period: str
    against: str
    count: int
    risers: list[Mover]
    fallers: list[Mover]


def overview_page(
    question: ComparisonQuestion,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    indicator = indicators[question.indicator]
    group = availability.find(question.indicator, question.period, question.geography)
    if group is None:
        raise LookupError("The question was read against this availability.")
    places = comparison.places(question.indicator, question.period, question.geography, "nation")
    rows = parts.ranking_rows(places, indicator, group, (), language)
    breaks = catalogue.series_breaks()
    period = period_name(group.period, language)
    figure = _figure(question, indicator, group, places, period, language)
    return {
        "question": question,
        "indicator": indicator,
        "period": period,
        "figure": figure,
        "rows": rows,
        "leaders": rows[:_ENDS],
        "trailing": rows[-_ENDS:] if len(rows) > 2 * _ENDS else [],
        "movers": _movers(question, places, indicator, availability, language),
        "why_no_movers": _break_at(group.period, breaks.get(indicator.code, ())),
        "headlines": headlines(indicators, availability, breaks, language),
        "coverage": coverage_lines(indicators, availability, language),
        "totals": _totals(availability),
        "targets": missed_targets(indicators, lens.today(), language),
        "map": _map(figure, question, indicator.name, in_period(group.period, language)),
        "computed_at": max((row.computed_at for row in availability.slices if row.computed_at), default=None),
        "simulated": group.simulated,
    } | overview_controls(question, availability, language)


def _figure(
    question: ComparisonQuestion,
    indicator: IndicatorRow,
    group: Slice,
    places: Sequence[Place],
    period: str,
    language: f.Language,
) -> parts.Figure:
    data, columns = parts.ranking_chart(places, indicator, group, (), [], language)
    return parts.Figure(
        name="ranking",
        title=_("%(indicator)s, %(period)s: %(count)s provinces compared")
        % {"indicator": indicator.name, "period": in_period(group.period, language), "count": len(places)},
        data=data,
        sentence=ranking_sentence(indicator, period, places, group, [], language),
        source=parts.source_line(places, group, language),
        width="very-many" if len(places) > 40 else "many",
        height="h380",
        columns=columns,
        simulated=group.simulated,
        api=parts.api_address(question),
    )


def _movers(
    question: ComparisonQuestion,
    places: Sequence[Place],
    indicator: IndicatorRow,
    availability: Availability,
    language: f.Language,
) -> Movers | None:
    """The greatest changes against the period before; where that is not comparable, those of the newest
    period that is. None where there is none. At most one query more."""
    found = _moved(places, indicator, language)
    if found is not None:
        return found
    for row in availability.of(question.indicator):
        before = _slice_before(row, availability)
        asked = (row.period.code, row.geography) == (question.period, question.geography)
        if asked or not row.complete or before is None or not before.complete:
            continue
        other = comparison.places(question.indicator, row.period.code, row.geography, "nation")
        found = _moved(other, indicator, language)
        if found is not None:
            return found
    return None


def _moved(places: Sequence[Place], indicator: IndicatorRow, language: f.Language) -> Movers | None:
    moved = sorted(
        (place for place in places if place.change_previous is not None),
        key=lambda place: place.change_previous or 0.0,
        reverse=True,
    )
    if len(moved) < 2 * _ENDS:
        return None
    period = moved[0].period
    previous = period.previous()
    return Movers(
        period=period_name(period, language),
        against=in_period(previous, language) if previous else "",
        count=len(moved),
        risers=[_mover(place, indicator, language) for place in moved[:_ENDS]],
        fallers=[_mover(place, indicator, language) for place in reversed(moved[-_ENDS:])],
    )


def _mover(place: Place, indicator: IndicatorRow, language: f.Language) -> Mover:
    return Mover(
        slug=place.province.slug,
        name=place.province.name,
        change=f.change(place.change_previous, indicator.measure, language, indicator.decimals),
        value=f.quantity(place.value, indicator.measure, language, indicator.decimals),
        card=place_card(place),
    )


def headlines(
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    breaks: Mapping[str, Sequence[Break]],
    language: f.Language,
) -> list[Headline]:
    chosen = sorted((row for row in indicators.values() if row.headline), key=lambda row: row.headline or 0)
    best = [(row, _best(row.code, availability)) for row in chosen]
    return [
        _headline(row, found, availability, breaks.get(row.code, ()), language)
        for row, found in best
        if found is not None
    ]


def _best(indicator: str, availability: Availability) -> Slice | None:
    """The newest slice; of two sets of provinces that have it, the one with a period before."""
    best = availability.best(indicator)
    if best is None or _slice_before(best, availability) or not best.complete:
        return best
    other = availability.on(indicator, best.period, "63" if best.geography == "34" else "34")
    return other if other and other.complete and _slice_before(other, availability) else best


def _headline(
    indicator: IndicatorRow,
    best: Slice,
    availability: Availability,
    breaks: Sequence[Break],
    language: f.Language,
) -> Headline:
    """The ratio of sums where counts are there, else the median: named, as they are not the same."""
    value, kind = _national(best)
    before = _slice_before(best, availability)
    change, note = f.MISSING, _("nothing to compare with")
    if _break_at(best.period, breaks):
        note = _("not comparable with the period before")
    elif before is not None and before.complete and best.complete:
        earlier, earlier_kind = _national(before)
        if value is not None and earlier is not None and kind == earlier_kind:
            change = f.change(value - earlier, indicator.measure, language, indicator.decimals)
            note = _("against %(period)s") % {"period": in_period(before.period, language)}
    line = [
        row
        for row in reversed(availability.of(indicator.code, best.geography))
        if row.period.comparable_with(best.period) and row.complete
    ]
    return Headline(
        name=indicator.name,
        address=ComparisonQuestion(indicator.code, best.period.code, best.geography).query(),
        period=period_name(best.period, language),
        value=f.quantity(value, indicator.measure, language, indicator.decimals),
        kind_of_value=kind,
        change=change,
        change_note=note,
        coverage=coverage(best, language),
        complete=best.complete,
        spark=drawn.sparkline(
            drawn.with_gaps(
                [(row.period.end, row.median) for row in line if row.median is not None],
                [mark.day for mark in breaks],
            )
        ),
        card=slice_card(best),
    )


def _break_at(period: Period, breaks: Sequence[Break]) -> Break | None:
    """The break that parts a period from the one before it."""
    previous = period.previous()
    if previous is None:
        return None
    return next((mark for mark in breaks if previous.end < mark.day <= period.end), None)


def _national(group: Slice) -> tuple[float | None, str]:
    if group.ratio_of_sums is not None:
        return group.ratio_of_sums, _("ratio of the provinces’ sums")
    return group.median, _("median of the provinces")


def _slice_before(best: Slice, availability: Availability) -> Slice | None:
    """The same indicator one period earlier, in the same set of provinces."""
    previous = best.period.previous()
    return availability.on(best.indicator, previous, best.geography) if previous else None


def coverage_lines(
    indicators: Mapping[str, IndicatorRow], availability: Availability, language: f.Language, most: int = 9
) -> list[CoverageLine]:
    """The indicators whose newest usable slice has the most provinces, headline or not."""
    best = [(indicators[code], availability.best(code)) for code in availability.indicators()]
    found = [(row, part) for row, part in best if part is not None and row.pillar != "composite"]
    found.sort(key=lambda pair: (-pair[1].coverage, pair[0].code))  # the same in both languages
    scale = drawn.Scale(0.0, 1.0)
    return [
        CoverageLine(
            name=row.name,
            address=ComparisonQuestion(row.code, part.period.code, part.geography).query(),
            period=period_name(part.period, language),
            words=f"{part.reporting}/{part.expected}",
            complete=part.complete,
            bar=drawn.cell_bar(part.coverage, scale, median=row.threshold),
        )
        for row, part in found[:most]
    ]


def _totals(availability: Availability) -> dict[str, int]:
    """How many indicators have figures, and how many of them reach their own threshold in some period."""
    complete = {row.indicator for row in availability.slices if row.complete}
    return {"indicators": len(availability.indicators()), "complete": len(complete)}


def _map(ranking: parts.Figure, question: ComparisonQuestion, indicator: str, period: str) -> parts.Figure:
    """The ranking's figures as a map; the script fetches it when it comes into view."""
    return replace(
        ranking,
        name="map",
        title=_("%(indicator)s on the map, %(period)s") % {"indicator": indicator, "period": period},
        data=None,
        columns=None,
        data_address=reverse("dashboards:map") + question.query(),
        note=_(
            "Illustrative outlines (Natural Earth), no base for areas or borders. The archipelagos of "
            "Hoàng Sa (Đà Nẵng) and Trường Sa (Khánh Hòa) are named in the inset."
        ),
        width="",
        height="h620",
    )

"""The card of a figure: what was said, where, how sure it is, what contradicts it, what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards import addresses, lens
from dashboards import formatting as f
from dashboards.pages.controls import geography_labels
from dashboards.pages.figure_lines import FigureLine, figure_line
from dashboards.queries import cards as queries
from dashboards.queries import catalogue
from dashboards.queries.cards import Contradicted, Record
from dashboards.questions import ComparisonQuestion, period_name
from dashboards.rows import IndicatorRow, Place
from indicators.core.periods import Period, parse_period


@dataclass(frozen=True)
class Revision:
    """One row of the history: what stood from when to when, by which act. ``current`` is the one in view."""

    value: str
    since: str
    until: str
    cause: str
    reason: str
    actor: str
    address: str
    current: bool


@dataclass(frozen=True)
class OtherSource:
    title: str
    code: str
    value: str
    address: str


@dataclass(frozen=True)
class Held:
    """One contradiction: the sentence, and the two intervals that have no number in common."""

    sentence: str
    stated: str
    computed: str


def observation_card(
    key: int, found: Sequence[Record], indicators: Mapping[str, IndicatorRow], language: f.Language
) -> dict[str, Any]:
    """``found``: every row of the fact, oldest first, ``key`` among them."""
    record = next(one for one in found if one.key == key)
    figure, indicator = record.figure, indicators[record.figure.indicator]
    standings = queries.standings(key)
    current = [one for one in found if one.superseded_at is None]
    return {
        "title": f"{record.province.name}, {indicator.name}",
        "province": record.province,
        "indicator": indicator,
        "period": period_name(figure.period, language),
        "line": figure_line(figure, indicator, {}, language),
        "interval": _interval(figure.stated.lower, figure.stated.upper, indicator, language),
        "figure": figure,
        "source_note": record.source_note,
        "numerator": indicator.numerator,
        "denominator": indicator.denominator,
        "held": [_held(one, indicator, language) for one in queries.contradictions(key)],
        "revisions": [
            _revision(one, one is record, indicator, language)
            for one in found
            if one.figure.stated.source_code == figure.stated.source_code
        ],
        "superseded": bool(record.superseded_at),
        "others": [
            _other(one, indicator, language)
            for one in current
            if one.figure.stated.source_code != figure.stated.source_code
        ],
        "standings": [_place_words(place, language) for place, _when in standings],
        "computed_at": max((when for _place, when in standings), default=None),
        "recorded": _instant(record.recorded_at, language),
        "api": _api("observations", indicator.code, figure.period.code, province=record.province.slug),
        "simulated": figure.stated.simulated,
    }


def standing_card(
    question: ComparisonQuestion, province: str, indicator: IndicatorRow, language: f.Language
) -> dict[str, Any] | None:
    """A province's figure that nobody published: restated from its predecessors, or a quarter out of
    year-to-date figures. None where there is none."""
    period = question_period(question)
    standing = queries.standing(indicator.code, period, question.geography, question.group, province)
    if standing is None:
        return None
    if standing.restated or standing.value is None:
        members = queries.predecessors(indicator.code, period, province)
        formula, parts = (
            _restated_words(standing, indicator, language),
            _member_lines(members, indicator, language),
        )
    else:
        records = queries.within_year(indicator.code, province, period)
        formula = _("The figure from the start of the year, less that of the period before it.")
        parts = [_record_line(one, indicator, language) for one in records]
    return {
        "title": f"{standing.province.name}, {indicator.name}",
        "indicator": indicator,
        "period": period_name(period, language),
        "geography": geography_labels()[question.geography],
        "value": f.quantity(standing.value, indicator.measure, language, indicator.decimals)
        if standing.value is not None
        else str(standing.get_missing_reason_display()),
        "interval": _interval(standing.lower, standing.upper, indicator, language),
        "statistics": [],
        "formula": formula,
        "parts": parts,
        "coverage": f.share(standing.covered_share, language) if standing.covered_share is not None else "",
        "complete": True,
        "computed_at": standing.computed_at,
        "api": _api("standings", indicator.code, period.code, question.geography, province),
        "simulated": standing.simulated,
    }


def aggregate_card(
    question: ComparisonQuestion, label: str, indicator: IndicatorRow, language: f.Language
) -> dict[str, Any] | None:
    """The statistics of a group, and every figure that they are computed from. None where there are none."""
    period = question_period(question)
    found = queries.statistics(indicator.code, period, question.geography, question.group)
    if found is None:
        return None
    members = queries.members(indicator.code, period, question.geography, question.group)
    row = found.slice

    def shown(value: float | None) -> str:
        return f.quantity(value, indicator.measure, language, indicator.decimals)

    statistics = [
        (_("Median"), shown(row.median), _("the middle one of the values in their order")),
        (_("Mean"), shown(row.mean), _("every province counted once")),
        (_("Ratio of sums"), shown(row.ratio_of_sums), _ratio_words(members, language)),
        (_("Middle half"), f"{shown(row.q1)} – {shown(row.q3)}", _("quartiles of type 7")),
        (_("Least – greatest"), f"{shown(row.minimum)} – {shown(row.maximum)}", ""),
        (
            _("Standard deviation"),
            shown(found.deviation if row.reporting > 1 else None),
            _("of the population"),
        ),
    ]
    if indicator.kind == "count":
        statistics.append((_("Sum"), shown(found.total), _("of the provinces that report")))
    return {
        "title": f"{label}, {indicator.name}",
        "indicator": indicator,
        "period": period_name(period, language),
        "geography": geography_labels()[question.geography],
        "statistics": [one for one in statistics if f.MISSING not in one[1].split(" – ")],
        "formula": "",
        "parts": _member_lines(members, indicator, language),
        "coverage": f"{row.reporting}/{row.expected} ({f.share(row.coverage, language)})",
        "threshold": f.share(indicator.threshold, language),
        "complete": row.complete,
        "computed_at": row.computed_at,
        "api": _api("aggregates", indicator.code, period.code, question.geography),
        "simulated": row.simulated,
    }


def question_period(question: ComparisonQuestion) -> Period:
    return parse_period(question.period)


def _restated_words(standing: Any, indicator: IndicatorRow, language: f.Language) -> str:
    if standing.value is None:
        return _("Not every predecessor has what the restated figure needs, so it is missing.")
    if standing.numerator is not None and standing.denominator is not None:
        return _("Summed numerators ÷ summed denominators × 100: %(above)s ÷ %(below)s") % {
            "above": f.number(standing.numerator, language, 0),
            "below": f.number(standing.denominator, language, 0),
        }
    return _("The sum of the predecessors’ figures.")


def _ratio_words(members: Sequence[queries.Summed], language: f.Language) -> str:
    if not members or any(one.numerator is None or one.denominator is None for one in members):
        return ""
    return _("%(above)s ÷ %(below)s × 100") % {
        "above": f.number(sum(one.numerator or 0.0 for one in members), language, 0),
        "below": f.number(sum(one.denominator or 0.0 for one in members), language, 0),
    }


def _member_lines(
    members: Sequence[queries.Summed], indicator: IndicatorRow, language: f.Language
) -> list[dict[str, str]]:
    return [
        {
            "name": one.place.province.name,
            "value": f.quantity(one.place.value, indicator.measure, language, indicator.decimals)
            if one.place.stated is None
            else f.stated(one.place.stated.value, one.place.stated.qualifier, indicator.measure, language),
            "counts": f"{f.number(one.numerator, language, 0)} / {f.number(one.denominator, language, 0)}"
            if one.numerator is not None and one.denominator is not None
            else "",
            "address": addresses.place_card(one.place),
        }
        for one in members
    ]


def _record_line(record: Record, indicator: IndicatorRow, language: f.Language) -> dict[str, str]:
    line = figure_line(record.figure, indicator, {}, language)
    return {
        "name": line.period,
        "value": line.value,
        "counts": line.counts,
        "address": addresses.observation_card(record.key),
    }


def _held(one: Contradicted, indicator: IndicatorRow, language: f.Language) -> Held:
    return Held(
        one.sentence,
        _interval(*one.stated, indicator, language),
        _interval(*one.computed, indicator, language),
    )


def _interval(lower: Any, upper: Any, indicator: IndicatorRow, language: f.Language) -> str:
    """ "72,625 – 72,635 %"; one number where both ends are the same; empty where nothing is bounded."""
    if lower is None and upper is None:
        return ""
    ends = [f.number(end, language, _digits(end, indicator)) for end in (lower, upper)]
    words = ends[0] if ends[0] == ends[1] else " – ".join(ends)
    unit = indicator.unit if indicator.measure == "count" else ""
    return f.with_unit(words, indicator.measure, language, unit)


def _digits(end: Any, indicator: IndicatorRow) -> int | None:
    """What was stated keeps its digits; what was computed has two more than the indicator shows."""
    most = indicator.decimals + 2
    return most if isinstance(end, float) or f.written_decimals(end) > most else None


def _revision(record: Record, current: bool, indicator: IndicatorRow, language: f.Language) -> Revision:
    line: FigureLine = figure_line(record.figure, indicator, {}, language)
    return Revision(
        value=line.value,
        since=_instant(record.recorded_at, language),
        until=_instant(record.superseded_at, language) if record.superseded_at else "",
        cause=record.cause,
        reason=record.reason,
        actor=record.actor,
        address=addresses.observation_card(record.key),
        current=current,
    )


def _other(record: Record, indicator: IndicatorRow, language: f.Language) -> OtherSource:
    line = figure_line(record.figure, indicator, {}, language)
    return OtherSource(
        line.source_title, line.source_code, line.value, addresses.observation_card(record.key)
    )


def _place_words(place: Place, language: f.Language) -> dict[str, str]:
    question = ComparisonQuestion(
        place.indicator, place.period.code, place.geography, provinces=(place.province.slug,)
    )
    group = catalogue.availability().on(place.indicator, place.period, place.geography)
    return {
        "geography": place.geography,
        "rank": f.rank(place.rank, place.rank_from, place.rank_to),
        "among": str(group.reporting) if group else "",
        "compare": question.query(),
        "aggregate": addresses.computed_card(place.indicator, place.period.code, place.geography),
    }


def _instant(value: datetime | None, language: f.Language) -> str:
    return f.instant(timezone.localtime(value), language) if value else ""


def _api(table: str, indicator: str, period: str, geography: str = "", province: str = "") -> str:
    pairs = [("indicator", indicator), ("period", period), ("geography", geography), ("province", province)]
    if lens.simulated():
        pairs.append(("simulated", "true"))
    return f"/api/v1/{table}/?{urlencode([pair for pair in pairs if pair[1]])}"

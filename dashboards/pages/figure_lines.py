"""The lines of a province's tables: one an indicator, its newest figure in front, the others behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.addresses import observation_card
from dashboards.figures import drawn
from dashboards.pages.verdicts import TargetLine, Verdict
from dashboards.queries.province import Figure
from dashboards.questions import Availability, ComparisonQuestion, period_name
from dashboards.rows import IndicatorRow, Place, Slice


@dataclass(frozen=True)
class FigureLine:
    """One published figure in words."""

    period: str
    category: str
    value: str
    as_stated: str
    counts: str
    tags: tuple[str, ...]
    note: str
    source_code: str
    source_title: str
    place: str
    contradictions: tuple[str, ...]
    stated_rank: str
    card: str

    @property
    def source_short(self) -> str:
        return shorten(self.source_title, 60, placeholder="…")


@dataclass(frozen=True)
class Strip:
    """Middle half and median of the country between its least and its greatest (0–100), and the province."""

    q1: float
    width: float
    median: float
    at: float


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator of the province: its newest figure, and all the others."""

    code: str
    name: str
    newest: FigureLine
    place: Place | None
    group: Slice | None
    rank: str
    among: str
    percentile: str
    incomplete: bool
    strip: Strip | None
    spark: drawn.Sparkline | None
    change: str
    lone: bool  # one period alone: nothing to be compared with over time
    verdicts: tuple[Verdict, ...]
    others: tuple[FigureLine, ...]
    compare: str


def indicator_lines(
    figures: Sequence[Figure],
    places: Sequence[Place],
    targets: Sequence[TargetLine],
    contradicted: Mapping[int, list[str]],
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    breaks: Mapping[str, Sequence[date]],
    language: f.Language,
) -> list[tuple[IndicatorRow, IndicatorLine]]:
    """In the order of the catalogue; indicators without a figure of this province are left out."""
    lines = []
    for code, indicator in indicators.items():
        own = [figure for figure in figures if figure.indicator == code]
        if own:
            ranked = [place for place in places if place.indicator == code]
            line = _line(indicator, own, ranked, targets, contradicted, availability, breaks, language)
            lines.append((indicator, line))
    return lines


def newest_first(figures: Sequence[Figure]) -> list[Figure]:
    """Of what ends together the longest period, the whole before its parts, the preferred source."""
    return sorted(figures, key=lambda one: (one.period.end, one.period.days, not one.category), reverse=True)


def _line(
    indicator: IndicatorRow,
    figures: Sequence[Figure],
    places: Sequence[Place],
    targets: Sequence[TargetLine],
    contradicted: Mapping[int, list[str]],
    availability: Availability,
    breaks: Mapping[str, Sequence[date]],
    language: f.Language,
) -> IndicatorLine:
    ordered = newest_first(figures)
    whole = [one for one in ordered if not one.category and one.stated.value is not None]
    newest = (whole or ordered)[0]
    place = _place_of(newest, places, availability)
    group = availability.on(indicator.code, newest.period, place.geography) if place else None
    like = {one.period: one for one in places if one.period.comparable_with(newest.period)}
    return IndicatorLine(
        code=indicator.code,
        name=indicator.name,
        newest=figure_line(newest, indicator, contradicted, language),
        place=place,
        group=group,
        rank=f.rank(place.rank, place.rank_from, place.rank_to) if place else f.MISSING,
        among=str(group.reporting) if group else "",
        percentile=_percentile(place, language),
        incomplete=bool(group and not group.complete),
        strip=_strip(place, group),
        spark=drawn.sparkline(
            drawn.with_gaps(
                [(one.period.end, one.value) for one in like.values()], breaks.get(indicator.code, ())
            )
        ),
        change=_change(place, indicator, language),
        lone=len({one.period for one in ordered if one.category == newest.category}) == 1,
        verdicts=tuple(line.verdict for line in targets if line.code == indicator.code),
        others=tuple(
            figure_line(one, indicator, contradicted, language) for one in ordered if one is not newest
        ),
        compare=_compare(indicator, place) if place and group else "",
    )


def _percentile(place: Place | None, language: f.Language) -> str:
    return f.number(place.percentile, language, 0) if place and place.percentile is not None else ""


def _change(place: Place | None, indicator: IndicatorRow, language: f.Language) -> str:
    if place is None or place.change_previous is None:
        return ""
    return f.change(place.change_previous, indicator.measure, language, indicator.decimals)


def _compare(indicator: IndicatorRow, place: Place) -> str:
    question = ComparisonQuestion(
        indicator.code, place.period.code, place.geography, provinces=(place.province.slug,)
    )
    return question.query()


def _place_of(figure: Figure, places: Sequence[Place], availability: Availability) -> Place | None:
    """Where the province belongs to both sets of provinces, in the one that is covered better."""
    same = [place for place in places if place.period == figure.period and not figure.category]

    def coverage(place: Place) -> tuple[float, bool]:
        group = availability.on(place.indicator, place.period, place.geography)
        return (group.coverage if group else 0.0, place.geography == "34")

    return max(same, key=coverage, default=None)


def _strip(place: Place | None, group: Slice | None) -> Strip | None:
    if place is None or group is None or group.reporting < 4 or None in (group.q1, group.q3, group.median):
        return None
    scale = drawn.Scale(group.minimum or 0.0, group.maximum or 0.0)
    q1, q3, median, at = (scale.at(v) or 0.0 for v in (group.q1, group.q3, group.median, place.value))
    return Strip(q1, round(q3 - q1, 2), median, at)


def figure_line(
    figure: Figure, indicator: IndicatorRow, contradicted: Mapping[int, list[str]], language: f.Language
) -> FigureLine:
    stated = figure.stated
    return FigureLine(
        period=period_name(figure.period, language),
        category=figure.category,
        value=_value(figure, indicator, language),
        as_stated=stated.as_stated,
        counts=_counts(figure, language),
        tags=_tags(figure),
        note=figure.note,
        source_code=stated.source_code,
        source_title=stated.source_title,
        place=stated.place,
        contradictions=tuple(contradicted.get(stated.observation, ())),
        stated_rank=_stated_rank(figure),
        card=observation_card(stated.observation),
    )


def _value(figure: Figure, indicator: IndicatorRow, language: f.Language) -> str:
    stated = figure.stated
    if stated.value is None:
        return figure.missing_reason or f.MISSING
    # A score's unit ("points") says nothing that its name does not say.
    unit = indicator.unit if indicator.measure == "count" else ""
    estimated = stated.status == "estimated"
    return f.stated(stated.value, stated.qualifier, indicator.measure, language, unit, estimated=estimated)


def _counts(figure: Figure, language: f.Language) -> str:
    """Numerator and denominator, in their own words where the source gives words."""
    if figure.numerator is None or figure.denominator is None:
        return ""
    above = figure.numerator_as_stated or f.number(figure.numerator, language)
    below = figure.denominator_as_stated or f.number(figure.denominator, language)
    return f"{above} / {below}"


def _stated_rank(figure: Figure) -> str:
    if not figure.stated.stated_rank:
        return ""
    words = _("published rank %(rank)s") % {"rank": figure.stated.stated_rank}
    return words + (f"/{figure.stated.stated_rank_of}" if figure.stated.stated_rank_of else "")


def _tags(figure: Figure) -> tuple[str, ...]:
    tags = [figure.status] if figure.stated.status != "final" else []
    if figure.stated.confidence == "derived":
        tags.append(_("worked out from the source"))
    if figure.stated.confidence == "ambiguous":
        tags.append(_("in doubt, not ranked"))
    return tuple(tags)

"""The trend part of a page: lines of provinces beside the median, marks where they or definitions changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.addresses import place_card, slice_card
from dashboards.figures.trend import Mark, Point, Trend, trend_figure
from dashboards.pages.parts import Figure, api_series, axis_title, source_line
from dashboards.queries import catalogue, comparison
from dashboards.questions import Availability, ComparisonQuestion, in_period, period_name
from dashboards.rows import Break, IndicatorRow, Merger, Place, Slice
from dashboards.sentences import break_sentence, shown, trend_sentence, why_not_comparable
from indicators.core.periods import Period

_NO_POINT = Point(date.min, None, "", "–")


@dataclass(frozen=True)
class TrendTable:
    """The same lines as a table: one column a period. A value goes with the address of its card."""

    periods: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class TrendPart:
    figure: Figure
    table: TrendTable
    breaks: list[Break]


def trend_part(
    question: ComparisonQuestion,
    indicator: IndicatorRow,
    availability: Availability,
    places: Sequence[Place],
    mergers: Sequence[Merger],
    language: f.Language,
) -> TrendPart:
    """Lines of the picked provinces; of the first and the last where none is picked."""
    picked = list(question.provinces) or _first_and_last(places)
    period = next(row.period for row in availability.of(indicator.code) if row.period.code == question.period)
    return province_trends(indicator, picked, mergers, availability, period, language)


def province_trends(
    indicator: IndicatorRow,
    slugs: Sequence[str],
    mergers: Sequence[Merger],
    availability: Availability,
    like: Period,
    language: f.Language,
    name: str = "trend",
) -> TrendPart:
    """Each province with those it came from or went into, over the periods that compare with ``like``."""
    roles = _with_kin(slugs, mergers)
    series = comparison.series((indicator.code,), tuple(roles))
    found = [place for place in series if place.period.comparable_with(like)]
    others = {(p.province.slug, p.period) for p in series if not p.period.comparable_with(like)}
    apart = Counter(slug for slug, _period in others)
    trends = _trends(found, roles, indicator, language)
    trends += _median_lines(indicator, availability, like, language)
    periods = sorted({place.period for place in found} | _median_periods(indicator, availability, like))
    own_breaks = catalogue.series_breaks().get(indicator.code, [])
    breaks = [*catalogue.definition_breaks(indicator.code), *own_breaks]
    days = [mark.day for mark in own_breaks]
    drawable = len(periods) > 1 and bool(found)
    figure = Figure(
        name=name,
        title=_("%(indicator)s over time") % {"indicator": indicator.name},
        data=_figure(
            [_parted(trend, days) for trend in trends],
            _marks(breaks, found, mergers, periods),
            periods,
            indicator,
            language,
        )
        if drawable
        else None,
        sentence=" ".join(_sentences(found, apart, roles, indicator, own_breaks, language)),
        source=source_line(found, None, language),
        instead="" if drawable else why_not_comparable(found, apart.total()),
        simulated=any(place.simulated for place in found),
        api=api_series([indicator.code], roles),
    )
    return TrendPart(figure, _table(trends, periods, language), breaks)


def middle(period: Period) -> date:
    """Where a period's point is drawn: a mark on the first day of the next period falls between the two."""
    return period.start + (period.end - period.start) / 2


def _first_and_last(places: Sequence[Place]) -> list[str]:
    return list(dict.fromkeys(place.province.slug for place in (*places[:1], *places[-1:])))


def _with_kin(slugs: Iterable[str], mergers: Sequence[Merger]) -> dict[str, str]:
    """Slug → role: the provinces asked for, then their predecessors and successors."""
    roles = dict.fromkeys(slugs, "chosen")
    for edge in mergers:
        if roles.get(edge.successor.slug) == "chosen":
            roles.setdefault(edge.predecessor.slug, "predecessor")
        if roles.get(edge.predecessor.slug) == "chosen":
            roles.setdefault(edge.successor.slug, "successor")
    return roles


def _trends(
    found: Sequence[Place], roles: dict[str, str], indicator: IndicatorRow, language: f.Language
) -> list[Trend]:
    lines: dict[str, dict[Period, Place]] = {slug: {} for slug in roles}
    for place in found:
        lines[place.province.slug].setdefault(place.period, place)
    return [
        Trend(
            name=_line_name(next(iter(line.values()))),
            points=tuple(
                Point(
                    middle(period),
                    place.value,
                    _hover(place, indicator, language),
                    shown(place, indicator, language),
                    place_card(place),
                )
                for period, place in line.items()
            ),
            role="chosen" if roles[slug] == "chosen" else "predecessor",
        )
        for slug, line in lines.items()
        if line
    ]


def _line_name(place: Place) -> str:
    if place.province.valid_to:
        return _("%(name)s (to %(year)s)") % {"name": _bare(place), "year": place.province.valid_to.year}
    if place.province.valid_from:
        return _("%(name)s (from %(year)s)") % {"name": _bare(place), "year": place.province.valid_from.year}
    return place.province.name


def _bare(place: Place) -> str:
    return place.province.name.split(" (")[0]


def _hover(place: Place, indicator: IndicatorRow, language: f.Language) -> str:
    value = shown(place, indicator, language)
    return f"{place.province.name}, {in_period(place.period, language)}: {value}"


def _median_slices(
    indicator: IndicatorRow, availability: Availability, like: Period, geography: str
) -> list[Slice]:
    return [
        row
        for row in reversed(availability.of(indicator.code, geography))
        if row.complete and row.median is not None and row.period.comparable_with(like)
    ]


def _median_periods(indicator: IndicatorRow, availability: Availability, like: Period) -> set[Period]:
    slices = [row for code in ("63", "34") for row in _median_slices(indicator, availability, like, code)]
    return {row.period for row in slices}


def _median_lines(
    indicator: IndicatorRow, availability: Availability, like: Period, language: f.Language
) -> list[Trend]:
    """One median line a geography, where enough provinces report: two sets of provinces make no one line."""
    lines = []
    for code, name in (("63", _("Median of the 63")), ("34", _("Median of the 34"))):
        points = []
        for row in _median_slices(indicator, availability, like, code):
            words = f.quantity(row.median, indicator.measure, language, indicator.decimals)
            hover = f"{name}, {in_period(row.period, language)}: {words}"
            points.append(Point(middle(row.period), row.median, hover, words, slice_card(row)))
        if points:
            lines.append(Trend(name, tuple(points), role="median"))
    return lines


def _marks(
    breaks: Sequence[Break], found: Sequence[Place], mergers: Sequence[Merger], periods: Sequence[Period]
) -> list[Mark]:
    """Only marks that fall within what is drawn; a merger only where a line crosses it or ends at it."""
    marks = [Mark(item.day, item.label) for item in breaks if _inside(item.day, periods)]
    days = {
        edge.day
        for edge in mergers
        for place in found
        if place.province.slug in (edge.predecessor.slug, edge.successor.slug)
    }
    return marks + [Mark(day, _("Merger")) for day in sorted(days) if _near(day, periods)]


def _near(day: date, periods: Sequence[Period]) -> bool:
    """Within what is drawn, or within a year after it: a line that ends at the merger shows why it ends."""
    return bool(periods) and periods[0].start < day <= periods[-1].end + timedelta(days=366)


def _inside(day: date, periods: Sequence[Period]) -> bool:
    return bool(periods) and periods[0].start < day <= periods[-1].end


def _figure(
    trends: Sequence[Trend],
    marks: Sequence[Mark],
    periods: Sequence[Period],
    indicator: IndicatorRow,
    language: f.Language,
) -> dict:
    ticks = [(middle(period), short_name(period, language)) for period in periods]
    return trend_figure(trends, marks, language=language, axis_title=axis_title(indicator), ticks=ticks)


def short_name(period: Period, language: f.Language) -> str:
    return str(period.year) if period.kind == "year" else period_name(period, language)


def _parted(trend: Trend, days: Sequence[date]) -> Trend:
    """A gap at every break that the line would cross."""
    points: list[Point] = []
    for point in trend.points:
        for day in days:
            if points and points[-1].day < day <= point.day:
                points.append(Point(day, None, ""))
        points.append(point)
    return replace(trend, points=tuple(points))


def _sentences(
    found: Sequence[Place],
    apart: Counter[str],
    roles: dict[str, str],
    indicator: IndicatorRow,
    breaks: Sequence[Break],
    language: f.Language,
) -> list[str]:
    """One sentence for each comparable stretch of a chosen province (three provinces at most)."""
    chosen = [slug for slug, role in roles.items() if role == "chosen"][:3]
    sentences = []
    for slug in chosen:
        own = {place.period: place for place in found if place.province.slug == slug}
        if not own:
            continue
        name = next(iter(own.values())).province.name
        stretches = _stretches(own, [mark.day for mark in breaks])
        told = [stretch for stretch in stretches if len(stretch) > 1] or stretches[-1:]
        for stretch in told:
            sentences.append(trend_sentence(indicator, name, stretch, apart[slug], language))
    crossed = [mark for mark in breaks if any(place.period.start < mark.day for place in found)]
    return sentences + [break_sentence(mark, language) for mark in crossed if sentences]


def _stretches(own: dict[Period, Place], days: Sequence[date]) -> list[list[Place]]:
    """The places of one province, parted wherever a break lies between two of them."""
    stretches: list[list[Place]] = [[]]
    for period, place in own.items():
        last = stretches[-1][-1].period if stretches[-1] else None
        if last and any(last.end < day <= period.end for day in days):
            stretches.append([])
        stretches[-1].append(place)
    return stretches


def _table(trends: Sequence[Trend], periods: Sequence[Period], language: f.Language) -> TrendTable:
    rows = []
    for trend in trends:
        points = {point.day: point for point in trend.points}
        told = [points.get(middle(period), _NO_POINT) for period in periods]
        rows.append((trend.name, [(point.words, point.card) for point in told]))
    return TrendTable([short_name(period, language) for period in periods], rows)

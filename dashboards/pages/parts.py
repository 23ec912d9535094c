"""Parts that several pages share: a figure with its words, the table of a ranking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.addresses import place_card
from dashboards.figures import drawn
from dashboards.figures.ranking import Bar, Line, ranking_figure
from dashboards.questions import NATION, ComparisonQuestion
from dashboards.rows import Goal, IndicatorRow, Place, Slice
from dashboards.sentences import coverage, shown

_DASHES = {"target": "dot", "median": "dash"}


@dataclass(frozen=True)
class Figure:
    """One chart on a page. ``data`` is drawn by the script; ``columns`` by the server until then."""

    name: str
    title: str
    data: dict[str, Any] | None
    sentence: str
    source: str
    note: str = ""
    width: str = ""  # CSS class: how many marks must find room before the box scrolls
    height: str = ""
    columns: drawn.Columns | None = None
    instead: str = ""  # why nothing is drawn
    simulated: bool = False
    api: str = ""
    data_address: str = ""  # where the figure is fetched from, for those too large for the page

    @property
    def data_id(self) -> str:
        return f"{self.name}-data"


def mistakable(indicator: IndicatorRow, indicators: Mapping[str, IndicatorRow]) -> list[IndicatorRow]:
    """What a reader may take this one for: the same numerator, divided by something else."""
    return [
        row
        for row in indicators.values()
        if row.code != indicator.code and row.numerator and row.numerator == indicator.numerator
    ]


@dataclass(frozen=True)
class RankingRow:
    slug: str
    name: str
    rank: str
    value: str
    as_stated: str
    difference: str
    bar: drawn.CellBar
    chosen: bool
    estimated: bool
    notes: tuple[str, ...] = ()
    ended: bool = False
    restated: bool = False
    source_code: str = ""
    card: str = ""  # address of the card that says where the figure comes from

    @property
    def address(self) -> str:
        return province_address(self.slug)


def ranking_rows(
    places: Sequence[Place],
    indicator: IndicatorRow,
    group: Slice | None,
    chosen: Sequence[str],
    language: f.Language,
    notes: dict[int, list[str]] | None = None,
) -> list[RankingRow]:
    scale = drawn.bar_scale([place.value for place in places], indicator.upper_bound)
    return [
        RankingRow(
            slug=place.province.slug,
            name=place.province.name,
            rank=f.rank(place.rank, place.rank_from, place.rank_to) if len(places) > 1 else f.MISSING,
            value=shown(place, indicator, language),
            as_stated=place.stated.as_stated if place.stated else "",
            difference=f.change(
                place.difference_to_median if len(places) > 1 else None,
                indicator.measure,
                language,
                indicator.decimals,
            ),
            bar=drawn.cell_bar(place.value, scale, group.median if group else None, *place.open_interval),
            chosen=place.province.slug in chosen,
            estimated=place.stated is not None and place.stated.status == "estimated",
            restated=place.restated,
            source_code=place.stated.source_code if place.stated else "",
            notes=tuple((notes or {}).get(place.observation, ())),
            ended=place.province.ended,
            card=place_card(place, group.group if group else NATION),
        )
        for place in places
    ]


def ranking_chart(
    places: Sequence[Place],
    indicator: IndicatorRow,
    group: Slice,
    chosen: Sequence[str],
    goals: Sequence[Goal],
    language: f.Language,
) -> tuple[dict[str, Any], drawn.Columns]:
    """The Plotly figure, and the same as columns drawn by the server."""
    bars = [_bar(place, indicator, place.province.slug in chosen, group, language) for place in places]
    lines = [
        Line(goal_value, label, "dot", "var(--target)")
        for goal_value, label in goal_lines(goals, indicator, chosen, language)
    ]
    median_label = ""
    if group.median is not None and group.reporting > 1:
        median = f.quantity(group.median, indicator.measure, language, indicator.decimals)
        median_label = _("Median %(value)s") % {"value": median}
        lines.insert(0, Line(group.median, median_label))
    figure = ranking_figure(bars, lines, language=language, axis_title=axis_title(indicator))
    columns = drawn.columns([(bar.value, bar.chosen) for bar in bars], group.median, median_label)
    return figure, columns


@cache
def province_address(slug: str) -> str:
    return reverse("dashboards:province", args=[slug])


def api_address(question: ComparisonQuestion, *others: str, periods: Sequence[str] = ()) -> str:
    """The same figures from the REST interface; ``others``: indicators that are drawn beside the first."""
    return (
        f"/api/v1/observations/?indicator={','.join([question.indicator, *others])}"
        f"&period={','.join(periods or [question.period])}&geography={question.geography}"
    )


def api_series(indicators: Iterable[str], provinces: Iterable[str] = ()) -> str:
    """The same figures over all periods; of every province where none is named."""
    named = f"&province={','.join(provinces)}" if provinces else ""
    return f"/api/v1/observations/?indicator={','.join(indicators)}{named}"


def room(height: int) -> str:
    """The class that keeps room for a chart of so many pixels before it is drawn (static/css)."""
    return f"lines-{min(24, max(2, (height - 96) // 40))}"


def axis_title(indicator: IndicatorRow) -> str:
    return "%" if indicator.measure == "percent" else indicator.unit


def goal_lines(
    goals: Sequence[Goal], indicator: IndicatorRow, chosen: Sequence[str], language: f.Language
) -> list[tuple[float, str]]:
    """Targets that hold for all provinces, and those of the picked ones; others are told on their pages."""
    return [
        (
            float(goal.value),
            _("Target %(value)s by %(day)s")
            % {
                "value": f.quantity(goal.value, indicator.measure, language),
                "day": f.day(goal.due, language),
            },
        )
        for goal in goals
        if goal.value is not None and (not goal.province or goal.province in chosen)
    ]


def source_line(places: Sequence[Place], group: Slice | None, language: f.Language) -> str:
    """Where the figures were read and how many provinces they cover."""
    titles = list(dict.fromkeys(place.stated.source_title for place in places if place.stated))
    parts = []
    if len(titles) == 1:
        parts.append(_("Source: %(title)s.") % {"title": titles[0]})
    elif titles:
        parts.append(
            _("Sources: %(title)s and %(more)s more.") % {"title": titles[0], "more": len(titles) - 1}
        )
    if group is not None:
        parts.append(_("Coverage: %(coverage)s.") % {"coverage": coverage(group, language)})
        if not group.complete:
            parts.append(_("Incomplete: fewer provinces than the indicator asks for."))
    return " ".join(parts)


def _bar(place: Place, indicator: IndicatorRow, chosen: bool, group: Slice, language: f.Language) -> Bar:
    lower, upper = place.open_interval
    words = f"{place.province.name}: {shown(place, indicator, language)}"
    if place.rank is not None and group.reporting > 1:
        rank = f.rank(place.rank, place.rank_from, place.rank_to)
        words += " · " + _("rank %(rank)s of %(count)s") % {"rank": rank, "count": group.reporting}
    return Bar(place.province.name, place.value, words, chosen, lower, upper)

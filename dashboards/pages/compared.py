"""What a comparison has read, and what its charts give back: figures with their words, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.pages.parts import Figure, province_address
from dashboards.questions import CHOSEN, Availability, ComparisonQuestion, in_period, period_name
from dashboards.rows import IndicatorRow, Merger, Place, ProvinceRow, Slice
from dashboards.sentences import shown
from indicators.core.periods import Period

#: Fewer say nothing of a spread, of fifths, or of how two things go together.
FEWEST = 5


@dataclass(frozen=True)
class Compared:
    """``places`` best first; ``chosen`` those of the picked provinces; ``group`` the peers' statistics."""

    question: ComparisonQuestion
    indicator: IndicatorRow
    indicators: Mapping[str, IndicatorRow]
    availability: Availability
    group: Slice
    group_label: str
    places: Sequence[Place]
    chosen: Sequence[Place]
    provinces: Sequence[ProvinceRow]
    mergers: Sequence[Merger]
    language: f.Language

    @cached_property
    def period(self) -> str:
        return period_name(self.group.period, self.language)

    @property
    def in_period(self) -> str:
        return in_period(self.group.period, self.language)

    @property
    def group_read(self) -> str:
        """The group that standings are read of: of picked provinces only, their places in the country."""
        return "nation" if self.question.group == CHOSEN else self.question.group

    def among(self, places: Iterable[Place]) -> list[Place]:
        """Of places in ``group_read`` those of the peers."""
        if self.question.group != CHOSEN:
            return list(places)
        return [place for place in places if self.is_chosen(place)]

    def is_chosen(self, place: Place) -> bool:
        return place.province.slug in self.question.provinces

    def title(self, what: str) -> str:
        """``what`` is compared, and among whom where that is not the whole country."""
        return what if self.question.group == "nation" else f"{what} ({self.group_label})"

    def hover(self, place: Place) -> str:
        words = f"{place.province.name}: {self.shown(place)}"
        if place.rank is None:
            return words
        rank = f.rank(place.rank, place.rank_from, place.rank_to)
        return f"{words} · " + _("rank %(rank)s of %(count)s") % {"rank": rank, "count": self.group.reporting}

    def shown(self, place: Place) -> str:
        return shown(place, self.indicator, self.language)

    def quantity(self, value: float | None, indicator: IndicatorRow | None = None) -> str:
        row = indicator or self.indicator
        return f.quantity(value, row.measure, self.language, row.decimals)

    def name_of(self, period: Period) -> str:
        return period_name(period, self.language)


@dataclass(frozen=True)
class Line:
    """One line of a table: a province (``slug``) or what ``name`` says, then a cell a column."""

    name: str
    cells: Sequence[str]
    slug: str = ""
    chosen: bool = False

    @property
    def address(self) -> str:
        return province_address(self.slug) if self.slug else ""


@dataclass(frozen=True)
class Table:
    heads: Sequence[str]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Chart:
    """``beside`` stands next to ``figure`` where there is room. ``note``: what the page chose."""

    figure: Figure
    table: Table | None = None
    beside: Figure | None = None
    note: str = ""
    uses: frozenset[str] = frozenset()  # controls of its own: "others", "since"
    since: str = ""  # the earlier period that is drawn


def unit_of(indicator: IndicatorRow) -> str:
    return "%" if indicator.measure == "percent" else indicator.unit


def titled(indicator: IndicatorRow) -> str:
    """For an axis: the name, and the unit where it has one."""
    unit = unit_of(indicator)
    return f"{indicator.name} ({unit})" if unit else indicator.name

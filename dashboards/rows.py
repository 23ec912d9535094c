"""Plain rows between the database and the pages: what queries return, and figures and sentences read.

No Django. Values are in the indicator's unit (percentages 0–100); missing is ``None``. ``geography`` is "63"
or "34"; ``group`` is "nation", "region:<code>", "kind:<province|city>" or "population:<class>".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from indicators.core.periods import Period

#: Composite indices, which most come for, then the three pillars and what carries them.
PILLARS = (
    "composite",
    "digital-government",
    "digital-economy",
    "digital-society",
    "awareness",
    "institutions",
    "infrastructure",
    "human-resources",
    "cybersecurity",
)


@dataclass(frozen=True)
class IndicatorRow:
    code: str
    name: str
    definition: str
    pillar: str
    pillar_name: str
    kind: str
    measure: str
    unit: str
    direction: str
    decimals: int
    threshold: float
    lower_bound: float | None = None
    upper_bound: float | None = None
    headline: int | None = None
    legal_basis: str = ""
    numerator: str = ""
    denominator: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def pillar_place(self) -> int:
        return PILLARS.index(self.pillar)

    @property
    def ranked(self) -> bool:
        """Nothing is ranked where the indicator carries no judgement."""
        return self.direction != "none"


@dataclass(frozen=True)
class Slice:
    """What was computed over one group for an indicator and a period."""

    indicator: str
    period: Period
    geography: str
    group: str
    reporting: int
    expected: int
    complete: bool
    median: float | None
    mean: float | None
    ratio_of_sums: float | None
    q1: float | None
    q3: float | None
    minimum: float | None
    maximum: float | None
    computed_at: datetime | None = None
    simulated: bool = False

    @property
    def coverage(self) -> float:
        return self.reporting / self.expected if self.expected else 0.0


@dataclass(frozen=True)
class ProvinceRow:
    slug: str
    name: str
    code: str
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def ended(self) -> bool:
        return self.valid_to is not None


@dataclass(frozen=True)
class Stated:
    """One figure as its source states it."""

    value: Decimal | None
    qualifier: str = "exact"
    as_stated: str = ""
    status: str = "final"
    lower: Decimal | None = None
    upper: Decimal | None = None
    stated_rank: int | None = None
    stated_rank_of: int | None = None
    confidence: str = "read"
    simulated: bool = False
    source_code: str = ""
    source_title: str = ""
    place: str = ""
    observation: int = 0


@dataclass(frozen=True)
class Place:
    """Where a province stands within a group, with the figure that it stands there by.

    ``stated`` is missing where the figure was computed: ``restated`` from the provinces that merged into this
    one, or ``derived`` as a quarter out of year-to-date figures. Changes are missing across a break.
    """

    province: ProvinceRow
    period: Period
    indicator: str
    geography: str
    value: float
    stated: Stated | None
    restated: bool = False
    derived: bool = False
    lower: float | None = None
    upper: float | None = None
    simulated: bool = False
    rank: int | None = None
    rank_from: int | None = None
    rank_to: int | None = None
    percentile: float | None = None
    quartile: int | None = None
    difference_to_median: float | None = None
    change_previous: float | None = None
    change_year: float | None = None
    distance_to_target: float | None = None
    trend: str = ""

    @property
    def open_interval(self) -> tuple[float | None, float | None]:
        """What the source's words leave open ("over 92%"); an exact figure's own rounding does not count."""
        if self.stated is None or self.stated.qualifier == "exact":
            return None, None
        return self.lower, self.upper

    @property
    def observation(self) -> int:
        return self.stated.observation if self.stated else 0


@dataclass(frozen=True)
class Part:
    """What one category of a breakdown has in a province (its slug)."""

    province: str
    dimension: str
    dimension_name: str
    category: str
    category_name: str
    value: float


@dataclass(frozen=True)
class Goal:
    """A target: what is to be reached by a day. ``province`` is empty where it holds for all."""

    indicator: str
    due: date
    operator: str
    value: Decimal | None
    as_stated: str
    stated_outcome: str
    basis: str
    province: str = ""
    province_name: str = ""
    category: str = ""
    source_code: str = ""
    source_title: str = ""
    place: str = ""


@dataclass(frozen=True)
class Break:
    """A mark on a series: a definition that gave way to another (``other``), or, without one, a day from
    which the same indicator's figures are not comparable with those before."""

    day: date
    label: str
    reason: str = ""
    other: str = ""
    other_name: str = ""
    forward: bool = True
    comparable: bool = False


@dataclass(frozen=True)
class Series:
    """One line of a trend: points in the order of time; a missing value leaves a gap."""

    name: str
    points: tuple[tuple[Period, float], ...]
    role: str = "chosen"  # chosen | predecessor | successor | median | other-definition
    slug: str = ""


@dataclass(frozen=True)
class Choice:
    """One allowed value of a parameter, with what a person reads."""

    value: str
    label: str


@dataclass(frozen=True)
class Source:
    code: str
    title: str
    publisher: str
    published: str
    reference: str
    figures: int = 0
    province: str = ""
    province_slug: str = ""
    note: str = ""
    simulated: bool = False
    indicators: int = 0


@dataclass(frozen=True)
class Merger:
    predecessor: ProvinceRow
    successor: ProvinceRow
    day: date
    legal_basis: str


@dataclass(frozen=True)
class Group:
    code: str
    label: str

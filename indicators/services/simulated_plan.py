"""What simulated data are made for: which provinces report which indicators in which periods.

Simulated figures use the real catalogue as far as it goes, so that every page shows them as it shows real
ones; beyond it come indicators that exist for them only, and say so in their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Max, Q, QuerySet

from indicators.core.periods import Kind, UnknownPeriod, parse_period
from indicators.core.periods import Period as CorePeriod
from indicators.core.ranking import Direction
from indicators.core.restatement import Content
from indicators.core.simulation import VERSION, Booleans, Ground, Integers, Subject
from indicators.models import Indicator, Period, Pillar
from provinces.models import BoundaryChange, Geography, Population, Province, RegionMembership

#: Each province in its own time: those of one geography until its end, then those of the next.
ACROSS = "across"
#: Fixed, so that the same command loads the same figures in any year.
LAST_QUARTER = "2025-Q4"
#: Marks indicators that exist for simulated data only; the catalogue has none of this name.
CODE_PREFIX = "simulated-indicator-"
MOST_INDICATORS, MOST_QUARTERS = 500, 80
#: Every fourth indicator whose figures add up is reported from the start of the year.
_CUMULATIVE_EACH = 4
_ASSUMED_POPULATION = 1_000_000.0
_CONTENTS = {
    Indicator.Kind.COUNT: Content.COUNT,
    Indicator.Kind.RATIO: Content.RATIO,
    Indicator.Kind.RATE: Content.OTHER,
}
#: Kind, direction and whether it is a flow, of the indicators beyond the catalogue, in turn.
_BEYOND = (
    (Indicator.Kind.RATIO, Direction.HIGHER, True),
    (Indicator.Kind.RATIO, Direction.HIGHER, False),
    (Indicator.Kind.COUNT, Direction.NONE, True),
    (Indicator.Kind.RATIO, Direction.LOWER, True),
    (Indicator.Kind.COUNT, Direction.HIGHER, False),
    (Indicator.Kind.RATE, Direction.HIGHER, False),
)


class SimulationRefused(Exception):
    """What was asked for cannot be made; the sentence says why and what to do."""


@dataclass(frozen=True)
class Request:
    """What is to be simulated. ``geography`` is the code of one, or ``ACROSS``; ``until`` a quarter's code,
    empty for the last quarter of the geography (``LAST_QUARTER`` while it is in force)."""

    geography: str = "34"
    indicators: int = 60
    quarters: int = 24
    seed: int = 1
    until: str = ""

    @property
    def words(self) -> str:
        """The command that loads the same, with the version of what draws it: kept with the source."""
        until = f" --until {self.until}" if self.until else ""
        return (
            f"load_simulated --geography {self.geography} --indicators {self.indicators} "
            f"--quarters {self.quarters} --seed {self.seed}{until} (version {VERSION})"
        )


@dataclass(frozen=True)
class Plan:
    """``provinces`` (P,) keys in the order of ``ground.members``; ``quarters`` the calendar quarters;
    ``reporting`` (T, P) whether the province exists at the end of the quarter."""

    provinces: Integers
    ground: Ground
    quarters: list[CorePeriod]
    reporting: Booleans
    indicators: list[Indicator]
    subjects: dict[int, Subject]

    @property
    def lead(self) -> int:
        """Quarters of the first year that are drawn but not reported: a year is drawn as a whole."""
        return (self.quarters[0].start.month - 1) // 3


def plan(request: Request) -> Plan:
    """Makes the rows of periods and of indicators beyond the catalogue. Raises SimulationRefused."""
    _refuse_impossible(request)
    geographies = list(Geography.objects.all())
    quarters = _quarters(request, geographies)
    provinces, reporting = _reporting(request, geographies, quarters)
    indicators = _indicators(request.indicators, quarters)
    return Plan(
        provinces=np.array([province.pk for province in provinces], dtype=np.int64),
        ground=_ground(provinces),
        quarters=quarters,
        reporting=reporting,
        indicators=indicators,
        subjects={indicator.pk: _subject(n, indicator) for n, indicator in enumerate(indicators, start=1)},
    )


def period_keys(quarters: list[CorePeriod], *, cumulative: bool) -> Integers:
    """The key of each quarter, or of the period from the start of the year to its end; rows are made."""
    cores = [(quarter.year_to_date() if cumulative else None) or quarter for quarter in quarters]
    Period.objects.bulk_create(
        [
            Period(code=c.code, kind=c.kind.value, calendar=c.calendar.value, start=c.start, end=c.end)
            for c in cores
        ],
        ignore_conflicts=True,
    )
    keys = {period.core: period.pk for period in Period.objects.filter(code__in=[c.code for c in cores])}
    return np.array([keys[core] for core in cores], dtype=np.int64)


def _refuse_impossible(request: Request) -> None:
    if not 1 <= request.indicators <= MOST_INDICATORS:
        raise SimulationRefused(f"--indicators must be from 1 to {MOST_INDICATORS}.")
    if not 1 <= request.quarters <= MOST_QUARTERS:
        raise SimulationRefused(f"--quarters must be from 1 to {MOST_QUARTERS}.")
    if request.seed < 0:
        raise SimulationRefused("--seed must be 0 or more.")


def _quarters(request: Request, geographies: list[Geography]) -> list[CorePeriod]:
    codes = [geography.code for geography in geographies]
    if not codes:
        raise SimulationRefused("There are no provinces yet; run `manage.py load_reference` first.")
    if request.geography not in (*codes, ACROSS):
        raise SimulationRefused(f"--geography must be one of {', '.join((*codes, ACROSS))}.")
    last = _last_quarter(request, geographies)
    quarters = [last]
    while len(quarters) < request.quarters:
        previous = quarters[-1].previous()
        assert previous is not None
        quarters.append(previous)
    return quarters[::-1]


def _last_quarter(request: Request, geographies: list[Geography]) -> CorePeriod:
    try:
        last = parse_period(request.until or LAST_QUARTER)
    except UnknownPeriod as error:
        raise SimulationRefused(f"--until must be a quarter, such as {LAST_QUARTER}.") from error
    if last.kind is not Kind.QUARTER:
        raise SimulationRefused(f"--until must be a quarter, such as {LAST_QUARTER}.")
    ends = {geography.code: geography.valid_to for geography in geographies}.get(request.geography)
    while not request.until and ends and last.end > ends:
        earlier = last.previous()
        assert earlier is not None
        last = earlier
    return last


def _reporting(
    request: Request, geographies: list[Geography], quarters: list[CorePeriod]
) -> tuple[list[Province], Booleans]:
    """Who reports, and when. The provinces of one geography do so for all quarters, also for those before
    they were made, as is done with published series; otherwise each in its own time."""
    everyone = Province.objects.order_by("id")
    if request.geography != ACROSS:
        chosen = next(g for g in geographies if g.code == request.geography)
        provinces = list(everyone.of(chosen))
        return provinces, np.ones((len(quarters), len(provinces)), dtype=np.bool_)
    days = [quarter.end for quarter in quarters]
    provinces = [p for p in everyone if any(p.is_valid_on(day) for day in days)]
    return provinces, np.array([[p.is_valid_on(day) for p in provinces] for day in days], dtype=np.bool_)


def _ground(reporting: list[Province]) -> Ground:
    made_of: dict[int, list[int]] = {}
    for old, new in BoundaryChange.objects.order_by("id").values_list("predecessor_id", "successor_id"):
        made_of.setdefault(new, []).append(old)
    parts = [made_of.get(province.pk, [province.pk]) for province in reporting]
    base = sorted({key for of_one in parts for key in of_one})
    census = Population.objects.filter(definition=Population.Definition.CENSUS, province__in=base)
    persons = dict(census.values_list("province_id", "persons"))
    memberships = RegionMembership.objects.filter(province__in=base).order_by("-geography__valid_from")
    region_of = dict(memberships.values_list("province_id", "region_id"))
    numbers = {key: place for place, key in enumerate(sorted(set(region_of.values())))}
    return Ground(
        population=np.array([float(persons.get(key, _ASSUMED_POPULATION)) for key in base]),
        region=np.array([numbers.get(region_of.get(key, 0), 0) for key in base], dtype=np.int64),
        members=np.array([[key in of_one for key in base] for of_one in parts], dtype=np.int64),
    )


def _indicators(wanted: int, quarters: list[CorePeriod]) -> list[Indicator]:
    """The first of the catalogue that a quarterly figure makes sense for, then ones made for simulation."""
    found = list(_of_catalogue(quarters[0].start, quarters[-1].end)[:wanted])
    numbers = range(len(found) + 1, wanted + 1)
    last = (
        Indicator.objects.exclude(code__startswith=CODE_PREFIX).aggregate(last=Max("position"))["last"] or 0
    )
    beyond = [_beyond(number, last + number) for number in numbers]
    known = Indicator.objects.in_bulk([i.code for i in beyond], field_name="code")
    Indicator.objects.bulk_create(i for i in beyond if i.code not in known)
    rows = Indicator.objects.in_bulk([i.code for i in beyond], field_name="code")
    return [*found, *(rows[indicator.code] for indicator in beyond)]


def _of_catalogue(start: date, end: date) -> QuerySet[Indicator]:
    """Counts, and percentages of 0 to 100, whose definition holds during all the quarters."""
    holds = Q(valid_from=None) | Q(valid_from__lte=start)
    holds &= Q(valid_to=None) | Q(valid_to__gte=end)
    percentages = Q(kind__in=["ratio", "rate"], lower_bound=0, upper_bound=100)
    catalogue = Indicator.objects.filter(holds, Q(kind="count") | percentages)
    return catalogue.exclude(code__startswith=CODE_PREFIX).order_by("position", "code")


def _beyond(number: int, position: int) -> Indicator:
    kind, direction, flow = _BEYOND[number % len(_BEYOND)]
    counted = kind is Indicator.Kind.COUNT
    of_counts = kind is Indicator.Kind.RATIO
    return Indicator(
        code=f"{CODE_PREFIX}{number}",
        name_vi=f"Chỉ tiêu mô phỏng {number}",
        name_en=f"Simulated indicator {number}",
        definition_vi="Chỉ tiêu đặt ra để trình diễn; chỉ có số liệu mô phỏng.",
        definition_en="An indicator made up for demonstration; it has simulated figures only.",
        pillar=Pillar.values[number % 5],
        kind=kind,
        measure=Indicator.Measure.COUNT if counted else Indicator.Measure.PERCENT,
        unit_vi="lượt" if counted else "%",
        unit_en="times" if counted else "%",
        direction=direction.value,
        numerator_vi="tử số mô phỏng" if of_counts else "",
        numerator_en="simulated numerator" if of_counts else "",
        denominator_vi="mẫu số mô phỏng" if of_counts else "",
        denominator_en="simulated denominator" if of_counts else "",
        accumulates=flow,
        lower_bound=Decimal(0),
        upper_bound=None if counted else Decimal(100),
        decimals=0 if counted else 2,
        position=position,
    )


def _subject(number: int, indicator: Indicator) -> Subject:
    return Subject(
        number=number,
        content=_CONTENTS[Indicator.Kind(indicator.kind)],
        direction=Direction(indicator.direction),
        flow=indicator.accumulates,
        cumulative=indicator.accumulates and number % _CUMULATIVE_EACH == 0,
    )


def linked(indicators: Iterable[Indicator]) -> tuple[dict[int, int], dict[int, int]]:
    """Which percentage an indicator is the numerator of, and which indicator a percentage's denominator is:
    {count: percentage} and {percentage: count}, among ``indicators``."""
    rows = {indicator.pk: indicator for indicator in indicators}
    numerator_of: dict[int, int] = {}
    denominator: dict[int, int] = {}
    for row in rows.values():
        top, bottom = row.numerator_indicator_id, row.denominator_indicator_id
        if row.kind != Indicator.Kind.RATIO or top == bottom:
            continue
        if top in rows:
            numerator_of.setdefault(top, row.pk)
        if bottom in rows:
            denominator[row.pk] = bottom
    return numerator_of, denominator

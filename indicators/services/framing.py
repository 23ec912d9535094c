"""The frame that the engine computes in: geographies and groups, periods and neighbours, definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import combinations
from math import inf

import numpy as np
from django.db import connection
from django.db.models import Model

from indicators.core.engine import NATION
from indicators.core.frames import Calendar, Definition, Frame, Goal, Group, Integers, Layout
from indicators.core.periods import Kind, quarter_between, tilings
from indicators.core.periods import Period as CorePeriod
from indicators.core.ranking import Direction
from indicators.core.restatement import Content
from indicators.models import Indicator, IndicatorLink, Period, SeriesBreak, Target
from provinces.models import (
    BoundaryChange,
    Geography,
    Population,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)
from provinces.populations import POPULATION_CLASSES, population_class

_MADE_OF: tuple[type[Model], ...] = (
    *(Period, Indicator, SeriesBreak, IndicatorLink, Target, Geography, Region, RegionMembership),
    *(Province, ProvinceDesignation, BoundaryChange, Population),
)
#: The frame by the state of these tables, which tells past ones (``reference_history``) from today's.
_kept: dict[str, Frame] = {}
_MOST_KEPT = 2
_CUMULATIVE = {Kind.QUARTER, Kind.HALF_YEAR, Kind.YEAR_TO_DATE, Kind.YEAR}
_CONTENTS = {Indicator.Kind.COUNT: Content.COUNT, Indicator.Kind.RATIO: Content.RATIO}


def frame() -> Frame:
    """Periods, definitions, targets and geographies as they stand. It is kept until a row of the tables that
    it is made of is another, which one query tells."""
    state = _state()
    if (found := _kept.get(state)) is not None:
        return found
    while True:
        before, made, state = state, _made(), _state()
        if state == before:  # nothing changed while it was made
            if len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)), None)
            _kept[state] = made
            return made


def _state() -> str:
    hashes = (f"(SELECT sum(hash_record_extended(t, 0)) FROM {model._meta.db_table} t)" for model in _MADE_OF)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT concat_ws('/', {', '.join(hashes)})")
        return str(cursor.fetchone()[0])


def _made() -> Frame:
    periods = Period.objects.order_by("pk").values_list("pk", "start", "end")
    calendar = _calendar(tuple(periods))
    return Frame(calendar, definitions=_definitions(), goals=_goals(), layouts=_layouts(calendar))


def _layouts(calendar: Calendar) -> list[Layout]:
    census = _census()
    geographies = list(Geography.objects.all())
    everyone = list(Province.objects.order_by("id"))
    edges = list(BoundaryChange.objects.values_list("predecessor_id", "successor_id", "date"))
    region_of = _regions_by_geography()
    designations = list(ProvinceDesignation.objects.order_by())
    found = []
    for geography in geographies:
        day = geography.reference_date()
        others = [other.reference_date() for other in geographies if other != geography]
        provinces = [p for p in everyone if p.is_valid_on(day)]
        keys = [p.pk for p in provinces]
        days = _days_inside(geography, calendar)
        found.append(
            Layout(
                geography=geography.pk,
                provinces=np.array(keys, dtype=np.int64),
                exclusive=np.array(
                    [not any(p.is_valid_on(d) for d in others) for p in provinces], dtype=np.bool_
                ),
                in_force=calendar.period[days == calendar.end],
                groups=[
                    Group(NATION, np.ones(len(provinces), dtype=np.bool_)),
                    *_groups("region", [region_of.get((geography.pk, key), "") for key in keys]),
                    *_kinds(keys, designations, days, calendar),
                    *_population_classes(keys, census),
                ],
                edges=[(old, new) for old, new, on in edges if new in set(keys) and on <= day],
                weights=census,
            )
        )
    return found


def _days_inside(geography: Geography, calendar: Calendar) -> Integers:
    """The last day of each period, or the nearest day of the geography's lifetime (ordinals)."""
    last = geography.valid_to.toordinal() if geography.valid_to else date.max.toordinal()
    return np.clip(calendar.end, geography.valid_from.toordinal(), last)


def _calendar(periods: tuple[tuple[int, date, date], ...]) -> Calendar:
    cores = [CorePeriod(start, end) for _, start, end in periods]
    key_of = {core: key for core, (key, *_) in zip(cores, periods, strict=True)}
    classes: dict[object, int] = {}

    def neighbours(of: Iterable[CorePeriod | None]) -> list[int]:
        return [key_of.get(core, 0) if core else 0 for core in of]

    return Calendar(
        period=np.array([key for key, *_ in periods], dtype=np.int64),
        comparison=np.array(
            [classes.setdefault(_class(core), len(classes)) for core in cores], dtype=np.int64
        ),
        start=np.array([core.start.toordinal() for core in cores], dtype=np.int64),
        end=np.array([core.end.toordinal() for core in cores], dtype=np.int64),
        previous=np.array(neighbours(core.previous() for core in cores), dtype=np.int64),
        year_before=np.array(neighbours(core.year_before() for core in cores), dtype=np.int64),
        quarters=[
            (key_of[quarter], key_of[whole], key_of[earlier])
            for quarter, (whole, earlier) in derivable_quarters(tuple(cores)).items()
            if quarter in key_of
        ],
        sums=[tuple(key_of[core] for core in parts) for parts in tilings(cores)],
    )


def _class(core: CorePeriod) -> object:
    """Days and ranges stand alone: one of equal length is not its neighbour in any calendar."""
    return core if core.kind in (Kind.DAY, Kind.RANGE) else core.comparison_class


@lru_cache(maxsize=256)
def derivable_quarters(cores: tuple[CorePeriod, ...]) -> dict[CorePeriod, tuple[CorePeriod, CorePeriod]]:
    """The quarters that two of ``cores`` with one beginning leave between them: quarter → (whole,
    earlier)."""
    of_start: dict[date, list[CorePeriod]] = {}
    for core in cores:
        if core.kind in _CUMULATIVE:
            of_start.setdefault(core.start, []).append(core)
    found = {}
    for same_start in of_start.values():
        for earlier, whole in combinations(sorted(same_start), 2):
            with suppress(ValueError):  # what is left is not a quarter
                found[quarter_between(whole, earlier)] = whole, earlier
    return found


def _definitions() -> dict[int, Definition]:
    """A series that goes on in another definition takes its breaks along."""
    own: dict[int, list[int]] = {}
    for key, day in SeriesBreak.objects.values_list("indicator_id", "date"):
        own.setdefault(key, []).append(day.toordinal())
    links = IndicatorLink.objects.filter(comparable=True).order_by("date", "id")
    before = {link.successor_id: (link.predecessor_id, link.date.toordinal()) for link in links}
    columns = ("pk", "direction", "kind", "coverage_threshold", "accumulates", "lower_bound", "upper_bound")
    rows = Indicator.objects.order_by().values_list(*columns)
    return {
        key: Definition(
            direction=Direction(direction),
            content=_CONTENTS.get(Indicator.Kind(kind), Content.OTHER),
            coverage_threshold=threshold,
            accumulates=accumulates,
            continues=before.get(key, (0, 0))[0],
            breaks=_breaks(key, own, before),
            least=-inf if least is None else float(least),
            greatest=inf if greatest is None else float(greatest),
        )
        for key, direction, kind, threshold, accumulates, least, greatest in rows
    }


def _breaks(
    indicator: int, own: Mapping[int, list[int]], before: Mapping[int, tuple[int, int]]
) -> tuple[int, ...]:
    """Its own, and of each definition before it those until the next one followed."""
    found, seen, until = set(own.get(indicator, ())), {indicator}, date.max.toordinal()
    while (link := before.get(indicator)) and link[0] not in seen:
        indicator, until = link[0], min(until, link[1])
        seen.add(indicator)
        found |= {day for day in own.get(indicator, ()) if day <= until}
    return tuple(sorted(found))


def _goals() -> list[Goal]:
    return [
        Goal(
            indicator=target.indicator_id,
            category=target.category_id or 0,
            province=target.province_id or 0,
            due=target.due.toordinal(),
            value=float(target.value),
            simulated=target.source.simulated,
        )
        for target in Target.objects.exclude(value=None).select_related("source")
    ]


def _census() -> dict[int, float]:
    census = Population.objects.filter(definition=Population.Definition.CENSUS)
    return {key: float(persons) for key, persons in census.values_list("province_id", "persons")}


def _regions_by_geography() -> dict[tuple[int, int], str]:
    memberships = RegionMembership.objects.values_list("geography_id", "province_id", "region__code")
    return {(geography, province): code for geography, province, code in memberships}


def _population_classes(provinces: list[int], census: dict[int, float]) -> list[Group]:
    classes = [population_class(int(census[key])) if key in census else "" for key in provinces]
    return _groups("population", classes, order=[code for code, _ in POPULATION_CLASSES])


def _kinds(
    provinces: list[int], designations: list[ProvinceDesignation], days: Integers, calendar: Calendar
) -> list[Group]:
    """Kinds change within a geography's lifetime: a period belongs to the membership on its last day."""
    beginnings = sorted({d.valid_from for d in designations if d.valid_from})
    stretch = np.searchsorted([day.toordinal() for day in beginnings], days, side="right")
    found = []
    for number in np.unique(stretch).tolist():
        day = beginnings[number - 1] if number else date.min
        kind_of = {d.province_id: d.kind for d in designations if _holds(d, day)}
        periods = calendar.period[stretch == number]
        found += _groups("kind", [kind_of.get(key, "") for key in provinces], periods=periods)
    return found


def _holds(designation: ProvinceDesignation, day: date) -> bool:
    begun = designation.valid_from is None or designation.valid_from <= day
    return begun and (designation.valid_to is None or day <= designation.valid_to)


def _groups(
    scheme: str,
    members: list[str],
    order: list[str] | None = None,
    periods: Integers | None = None,
) -> list[Group]:
    codes = [code for code in (order or sorted(set(members))) if code and code in members]
    return [
        Group(f"{scheme}:{code}", np.array([m == code for m in members], dtype=np.bool_), periods)
        for code in codes
    ]

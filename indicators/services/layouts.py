"""The geographies as the engine wants them: provinces in order, and the groups among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np

from indicators.core.engine import Booleans, Layout
from indicators.models import Period
from provinces.models import Geography, Population, Province, ProvinceDesignation, RegionMembership
from provinces.populations import POPULATION_CLASSES, population_class

NATION = "nation"


def layouts(periods: Iterable[Period]) -> list[Layout]:
    """For every geography, one layout for each stretch of time in which no province changed its kind.

    A period belongs to the stretch that its last day falls in (brought inside the geography's lifetime).
    """
    periods = list(periods)
    found = []
    for geography in Geography.objects.all():
        provinces = list(Province.objects.of(geography).order_by("id").prefetch_related("designations"))
        fixed = _regions(geography, provinces) | _population_classes(provinces)
        stretches: dict[tuple[str, ...], list[int]] = {}
        for period in periods:
            kinds = _kinds_on(provinces, _inside(geography, period.end))
            stretches.setdefault(kinds, []).append(period.pk)
        in_force = [p.pk for p in periods if _inside(geography, p.end) == p.end]
        found += [
            Layout(
                geography=geography.pk,
                provinces=np.array([p.pk for p in provinces], dtype=np.int64),
                exclusive=_exclusive(geography, provinces),
                periods=np.array(members, dtype=np.int64),
                periods_in_force=np.array(in_force, dtype=np.int64),
                groups={NATION: np.ones(len(provinces), dtype=np.bool_)} | fixed | _kind_groups(kinds),
            )
            for kinds, members in stretches.items()
        ]
    return found


def _inside(geography: Geography, day: date) -> date:
    """``day``, or the nearest day of the geography's lifetime."""
    day = max(day, geography.valid_from)
    return min(day, geography.valid_to) if geography.valid_to else day


def _exclusive(geography: Geography, provinces: list[Province]) -> Booleans:
    """Provinces that no other geography has: their lifetime lies within this one's."""
    others = [g.reference_date() for g in Geography.objects.exclude(pk=geography.pk)]
    return np.array([not any(p.is_valid_on(day) for day in others) for p in provinces], dtype=np.bool_)


def _regions(geography: Geography, provinces: list[Province]) -> dict[str, Booleans]:
    memberships = RegionMembership.objects.filter(geography=geography).values_list(
        "province_id", "region__code"
    )
    region_of = dict(memberships)
    return _masks("region", [region_of.get(p.pk, "") for p in provinces])


def _population_classes(provinces: list[Province]) -> dict[str, Booleans]:
    census = Population.objects.filter(definition=Population.Definition.CENSUS)
    persons = dict(census.values_list("province_id", "persons"))
    classes = [population_class(persons[p.pk]) if p.pk in persons else "" for p in provinces]
    return _masks("population", classes, order=[code for code, _ in POPULATION_CLASSES])


def _kinds_on(provinces: list[Province], day: date) -> tuple[str, ...]:
    return tuple(
        next((d.kind for d in province.designations.all() if _holds(d, day)), "") for province in provinces
    )


def _holds(designation: ProvinceDesignation, day: date) -> bool:
    begun = designation.valid_from is None or designation.valid_from <= day
    return begun and (designation.valid_to is None or day <= designation.valid_to)


def _kind_groups(kinds: tuple[str, ...]) -> dict[str, Booleans]:
    return _masks("kind", list(kinds))


def _masks(scheme: str, members: list[str], order: list[str] | None = None) -> dict[str, Booleans]:
    codes = [code for code in (order or sorted(set(members))) if code and code in members]
    return {f"{scheme}:{code}": np.array([m == code for m in members], dtype=np.bool_) for code in codes}

"""From facts to aggregates and standings: one pure path for a single slice and for the whole table.

Facts come as columns, are spread into a dense array slice × province for one geography, and leave as columns
again. A slice is one indicator × period × category. Nothing here knows a database or a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.core.ranking import Direction, signs, standings
from indicators.core.statistics import summarise

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Columns = dict[str, NDArray[np.generic]]

NO_CATEGORY = 0  # stands for "the whole province"; database keys begin at 1
NO_OBSERVATION = 0


@dataclass(frozen=True)
class Facts:
    """Preferred, usable facts, one row each; all arrays have the same length. Missing numbers are NaN."""

    indicator: Integers
    period: Integers
    category: Integers
    province: Integers
    observation: Integers
    value: Floats
    lower: Floats
    upper: Floats
    numerator: Floats
    denominator: Floats


@dataclass(frozen=True)
class Layout:
    """One geography: its provinces (P,), the groups among them, and for which slices it is asked at all.

    Only facts of ``periods`` are looked at. ``exclusive`` marks provinces that only this geography has;
    ``periods_in_force`` lists the periods that end within its lifetime. A slice is computed for a geography
    when one of these two speaks for it.
    """

    geography: int
    provinces: Integers
    exclusive: Booleans
    periods: Integers
    periods_in_force: Integers
    groups: Mapping[str, Booleans]


@dataclass(frozen=True)
class Definition:
    """What the arithmetic needs to know of an indicator; the threshold is a share, 0 to 1."""

    direction: Direction
    coverage_threshold: float


@dataclass(frozen=True)
class Cube:
    """Facts of one geography, dense: keys of shape (S,), numbers of shape (S, P) with NaN where missing."""

    indicator: Integers
    period: Integers
    category: Integers
    observation: Integers
    value: Floats
    lower: Floats
    upper: Floats
    numerator: Floats
    denominator: Floats


def spread(facts: Facts, layout: Layout) -> Cube:
    """The facts of the layout's provinces as dense arrays, only slices that the geography answers for."""
    place = np.searchsorted(layout.provinces, facts.province)
    place = np.minimum(place, len(layout.provinces) - 1)
    ours = (layout.provinces[place] == facts.province) & np.isin(facts.period, layout.periods)
    here = np.flatnonzero(ours)
    keys = np.stack([facts.indicator[here], facts.period[here], facts.category[here]], axis=1)
    slices, row = np.unique(keys, axis=0, return_inverse=True)
    row = row.reshape(-1)
    asked = np.isin(slices[:, 1], layout.periods_in_force)
    np.logical_or.at(asked, row, layout.exclusive[place[here]])
    shape = (len(slices), len(layout.provinces))

    def dense(column: Floats) -> Floats:
        array = np.full(shape, np.nan)
        array[row, place[here]] = column[here]
        return array[asked]

    observation = np.full(shape, NO_OBSERVATION, dtype=np.int64)
    observation[row, place[here]] = facts.observation[here]
    indicator, period, category = slices[asked].T
    return Cube(
        indicator=indicator,
        period=period,
        category=category,
        observation=observation[asked],
        value=dense(facts.value),
        lower=dense(facts.lower),
        upper=dense(facts.upper),
        numerator=dense(facts.numerator),
        denominator=dense(facts.denominator),
    )


def compute(cube: Cube, layout: Layout, definitions: Mapping[int, Definition]) -> tuple[Columns, Columns]:
    """Aggregates and standings of every slice within every group, as columns named like the tables' own.

    A group in which no province reports a slice gets no row for it. Missing numbers are NaN.
    """
    aggregates: list[Columns] = []
    rankings: list[Columns] = []
    for code, members in layout.groups.items():
        reported = np.flatnonzero(~np.isnan(cube.value[:, members]).all(axis=1))
        part = _part(cube, reported, members)
        aggregates.append(_aggregate(part, code, int(members.sum()), definitions))
        rankings.append(_standing(part, code, layout.provinces[members], definitions))
    return _stacked(aggregates), _stacked(rankings)


def _part(cube: Cube, slices: Integers, members: Booleans) -> Cube:
    keys = {name: getattr(cube, name)[slices] for name in ("indicator", "period", "category")}
    names = ("observation", "value", "lower", "upper", "numerator", "denominator")
    return Cube(**keys, **{name: getattr(cube, name)[np.ix_(slices, members)] for name in names})


def _aggregate(part: Cube, group: str, expected: int, definitions: Mapping[int, Definition]) -> Columns:
    summary = summarise(part.value, part.numerator, part.denominator, expected)
    threshold = np.array([definitions[key].coverage_threshold for key in part.indicator.tolist()])
    return _keys(part, group) | {
        "reporting": summary.reporting,
        "expected": summary.expected,
        "coverage": summary.coverage,
        "complete": summary.coverage >= threshold,
        "sum": summary.sum,
        "ratio_of_sums": summary.ratio_of_sums,
        "mean": summary.mean,
        "median": summary.median,
        "q1": summary.q1,
        "q3": summary.q3,
        "minimum": summary.minimum,
        "maximum": summary.maximum,
        "standard_deviation": summary.standard_deviation,
    }


def _standing(part: Cube, group: str, provinces: Integers, definitions: Mapping[int, Definition]) -> Columns:
    direction = signs([definitions[key].direction for key in part.indicator.tolist()])
    place = standings(part.value, part.lower, part.upper, direction)
    row, column = np.nonzero(~np.isnan(part.value))
    keys = {name: array[row] for name, array in _keys(part, group).items()}
    return keys | {
        "province_id": provinces[column],
        "observation_id": part.observation[row, column],
        "value": part.value[row, column],
        "lower": part.lower[row, column],
        "upper": part.upper[row, column],
        "numerator": part.numerator[row, column],
        "denominator": part.denominator[row, column],
        "restated": np.zeros(len(row), dtype=np.bool_),
        "derived": np.zeros(len(row), dtype=np.bool_),
        "missing_reason": np.full(len(row), ""),
        "trend": np.full(len(row), ""),
        "rank": place.rank[row, column],
        "rank_from": place.rank_from[row, column],
        "rank_to": place.rank_to[row, column],
        "percentile": place.percentile[row, column],
        "quartile": place.quartile[row, column],
        "difference_to_median": place.difference_to_median[row, column],
        "difference_to_best": place.difference_to_best[row, column],
    }


def _keys(part: Cube, group: str) -> Columns:
    return {
        "indicator_id": part.indicator,
        "period_id": part.period,
        "category_id": np.where(part.category == NO_CATEGORY, np.nan, part.category),
        "group": np.full(len(part.indicator), group),
    }


def _stacked(tables: list[Columns]) -> Columns:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}

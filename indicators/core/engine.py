"""From facts to aggregates and standings: one pure path for one publication and for the whole table.

Facts come as columns, become dense arrays key × period × province for one geography, and leave as columns
named like the tables' own. A slice is one indicator × category × period. Nothing here knows a database or a
clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indicators.core import over_time
from indicators.core.cube import Cube, spread
from indicators.core.frames import NONE, Booleans, Columns, Facts, Floats, Frame, Group, Integers, Layout
from indicators.core.ranking import signs, standings
from indicators.core.restatement import Reason
from indicators.core.statistics import summarise
from indicators.core.trend import distance_to_target

#: The group of all provinces; only there does a missing restated value get a row, to say why it is missing.
NATION = "nation"
_NUMBERS = ("value", "lower", "upper", "numerator", "denominator")


@dataclass(frozen=True)
class Wanted:
    """Which slices to put out: those of these indicators and periods (keys); None means all."""

    indicators: Integers | None = None
    periods: Integers | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True)
class _Slices:
    """The slices that are put out, (S,) and (S, P)."""

    indicator: Integers
    category: Integers
    period: Integers
    direction: Floats
    threshold: Floats
    cells: dict[str, Floats]
    observation: Integers
    derived: Booleans
    restated: Booleans
    missing: Booleans


def computed(
    facts: Facts, frame: Frame, layout: Layout, wanted: Wanted = EVERYTHING
) -> Iterator[tuple[str, Columns, Columns]]:
    """(group, aggregates, standings) of the wanted slices for every group of ``layout``.

    ``facts`` must hold whatever the wanted slices refer to: earlier periods, predecessors, year-to-date
    figures. A group in which no province reports a slice gets no row for it. Missing numbers are NaN.
    ``trend`` is −1, 0 or 1, ``not_restatable`` marks rows without a value.
    """
    together, derived = over_time.with_derived_quarters(facts, frame)
    cubes = spread(together, derived, frame, layout)
    if cubes:
        slices = _joined([_slices(cube, frame, layout, wanted) for cube in cubes])
        for group in layout.groups:
            yield group.code, _aggregates(slices, group), _standings(slices, group, layout)


def _slices(cube: Cube, frame: Frame, layout: Layout, wanted: Wanted) -> _Slices:
    series, segment = over_time.continued(cube, frame), over_time.segments(cube, frame)
    definitions = [frame.definitions[key] for key in cube.indicator.tolist()]
    direction = signs([definition.direction for definition in definitions])
    target = over_time.goals(cube, frame, layout.provinces)
    calendar = frame.calendar
    cells = {name: getattr(cube, name) for name in (*_NUMBERS, "covered")} | {
        "change_previous": over_time.changes(series, segment, cube, calendar, "previous"),
        "change_year": over_time.changes(series, segment, cube, calendar, "year_before"),
        "trend": over_time.running_trend(series, segment, cube),
        "distance_to_target": distance_to_target(cube.value, target, direction[:, None]),
    }
    asked = cube.asked.copy()
    if wanted.indicators is not None:
        asked &= np.isin(cube.indicator, wanted.indicators)[:, None]
    if wanted.periods is not None:
        asked &= np.isin(cube.period, wanted.periods)[None, :]
    key, time = np.nonzero(asked)
    return _Slices(
        indicator=cube.indicator[key],
        category=cube.category[key],
        period=cube.period[time],
        direction=direction[key],
        threshold=np.array([definition.coverage_threshold for definition in definitions])[key],
        cells={name: array[key, time] for name, array in cells.items()},
        observation=cube.observation[key, time],
        derived=cube.derived[key, time],
        restated=cube.restated[key, time],
        missing=cube.reason[key, time] != Reason.STATED,
    )


def _joined(parts: list[_Slices]) -> _Slices:
    """Slices of all classes of periods: from here on every slice stands for itself."""
    names = [name for name in _Slices.__dataclass_fields__ if name != "cells"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    cells = {name: np.concatenate([part.cells[name] for part in parts]) for name in parts[0].cells}
    return _Slices(**joined, cells=cells)


def _reported(slices: _Slices, group: Group) -> Integers:
    """The slices in which a province of the group has a figure."""
    there = ~np.isnan(slices.cells["value"][:, group.members]).all(axis=1)
    if group.periods is not None:
        there &= np.isin(slices.period, group.periods)
    return np.flatnonzero(there)


def _aggregates(slices: _Slices, group: Group) -> Columns:
    rows = _reported(slices, group)
    part = {name: slices.cells[name][np.ix_(rows, group.members)] for name in _NUMBERS}
    summary = summarise(
        part["value"], part["numerator"], part["denominator"], expected=int(group.members.sum())
    )
    return _keys(slices, rows) | {
        "reporting": summary.reporting,
        "expected": summary.expected,
        "coverage": summary.coverage,
        "complete": summary.coverage >= slices.threshold[rows],
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


def _standings(slices: _Slices, group: Group, layout: Layout) -> Columns:
    rows = _reported(slices, group)
    if group.code == NATION:
        rows = np.union1d(rows, np.flatnonzero(slices.missing[:, group.members].any(axis=1)))
    within = np.ix_(rows, group.members)
    part = {name: array[within] for name, array in slices.cells.items()}
    place = standings(part["value"], part["lower"], part["upper"], slices.direction[rows])
    missing = slices.missing[within] & (group.code == NATION)
    row, column = np.nonzero(~np.isnan(part["value"]) | missing)
    one = {name: array[row] for name, array in _keys(slices, rows).items()}
    return one | {
        "province_id": layout.provinces[group.members][column],
        "observation_id": _nullable(slices.observation[within][row, column]),
        "restated": slices.restated[within][row, column],
        "derived": slices.derived[within][row, column],
        **{name: part[name][row, column] for name in _NUMBERS},
        "not_restatable": missing[row, column],
        "covered_share": part["covered"][row, column],
        "rank": place.rank[row, column],
        "rank_from": place.rank_from[row, column],
        "rank_to": place.rank_to[row, column],
        "percentile": place.percentile[row, column],
        "quartile": place.quartile[row, column],
        "difference_to_median": place.difference_to_median[row, column],
        "difference_to_best": place.difference_to_best[row, column],
        "change_previous": part["change_previous"][row, column],
        "change_year": part["change_year"][row, column],
        "distance_to_target": part["distance_to_target"][row, column],
        "trend": part["trend"][row, column],
    }


def _keys(slices: _Slices, rows: Integers) -> Columns:
    return {
        "indicator_id": slices.indicator[rows],
        "period_id": slices.period[rows],
        "category_id": _nullable(slices.category[rows]),
    }


def _nullable(keys: Integers) -> Floats:
    return np.where(keys == NONE, np.nan, keys.astype(np.float64))

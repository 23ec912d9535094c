"""From facts to aggregates and standings: one pure path for one publication and for the whole table.

Facts come as columns, become dense arrays key × period × province for one geography, and leave as columns
named like the tables' own. A slice is one indicator × category × period. Nothing here knows a database or a
clock.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.core import over_time
from indicators.core.cube import Cube, spread
from indicators.core.frames import NONE, Booleans, Columns, Facts, Floats, Frame, Integers, Layout
from indicators.core.grouping import Batch, batches, holding
from indicators.core.mergers import quarters_across
from indicators.core.ranking import signs, standings
from indicators.core.restatement import Reason
from indicators.core.statistics import summarise
from indicators.core.trend import distance_to_target

#: The group of all provinces; only there does a missing restated value get a row, to say why it is missing.
NATION = "nation"
_NUMBERS = ("value", "lower", "upper", "numerator", "denominator")
_PLACES = (
    *("rank", "rank_from", "rank_to", "percentile", "quartile"),
    *("difference_to_median", "difference_to_best"),
)
#: Cells that are worked on together.
_BLOCK = 30_000


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
    reason: NDArray[np.int8]

    def keys(self) -> Columns:
        return {
            "indicator_id": self.indicator,
            "period_id": self.period,
            "category_id": _nullable(self.category),
        }


def computed(
    facts: Facts, frame: Frame, layout: Layout, wanted: Wanted = EVERYTHING
) -> tuple[Columns, Columns] | None:
    """(aggregates, standings) of the wanted slices for every group of ``layout``; None without any slice.

    ``facts`` must hold whatever the wanted slices refer to: earlier periods, predecessors, year-to-date
    figures. A group in which no province reports a slice gets no row for it. Missing numbers are NaN.
    ``group`` is a place among the layout's groups, ``trend`` is −1, 0 or 1, ``reason`` a
    ``Reason``: STATED but in rows without a value.
    """
    cubes = cubes_of(facts, frame, layout, wanted)
    if not cubes:
        return None
    slices = _joined([_slices(cube, frame, layout, wanted) for cube in cubes])
    parts = [
        _compared(slices, rows, batch, layout)
        for batch in batches(layout)
        for rows in _blocks(len(slices.period), batch.members.size)
    ]
    if not parts:
        return None
    aggregates, places, standings = (
        {name: np.concatenate([part[number][name] for part in parts]) for name in parts[0][number]}
        for number in range(3)
    )
    return aggregates, _of_provinces(slices, places, layout) | standings


def cubes_of(facts: Facts, frame: Frame, layout: Layout, wanted: Wanted = EVERYTHING) -> list[Cube]:
    """The facts with all that is derived from them and restated to ``layout``, one cube for each class of
    periods that are wanted."""
    together, derived = over_time.with_derived_quarters(facts, frame)
    across = quarters_across(together, frame, layout)
    return spread(together, derived, across, frame, layout, wanted.periods)


def _blocks(slices: int, width: int) -> list[slice]:
    """Slices that are worked on together: so many that what is computed of them stays in the cache."""
    step = max(1, _BLOCK // width)
    return [slice(start, start + step) for start in range(0, slices, step)]


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
        reason=cube.reason[key, time],
    )


def _joined(parts: list[_Slices]) -> _Slices:
    """Slices of all classes of periods: from here on every slice stands for itself."""
    names = [name for name in _Slices.__dataclass_fields__ if name != "cells"]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    cells = {name: np.concatenate([part.cells[name] for part in parts]) for name in parts[0].cells}
    return _Slices(**joined, cells=cells)


def _compared(slices: _Slices, rows: slice, batch: Batch, layout: Layout) -> tuple[Columns, Columns, Columns]:
    """Some slices in some groups: the aggregates; (slice, province, group) of the standings; what is said of
    each among the others of its group."""
    cells = {name: batch.gathered(slices.cells[name][rows]) for name in _NUMBERS}
    held = holding(layout, batch, slices.period[rows])
    if held is not None:
        cells["value"][~held] = np.nan
    there = ~np.isnan(cells["value"])
    which, group = np.nonzero(there.any(axis=-1))
    aggregates = _aggregates(cells, batch, slices.threshold[rows])
    aggregates = {name: array[which, group] for name, array in aggregates.items()}
    keys = {name: array[rows][which] for name, array in slices.keys().items()}
    found = standings(cells["value"], cells["lower"], cells["upper"], slices.direction[rows][:, None])
    for place in np.flatnonzero(batch.groups == _nation(layout)).tolist():
        there[:, place] |= slices.reason[rows][:, batch.members[place]] != Reason.STATED
    cell = np.flatnonzero(there)
    which_slice, member = np.divmod(cell, batch.members.size)
    places = {
        "slice": which_slice + rows.start,
        "province": batch.members.ravel()[member],
        "group": batch.groups[member // batch.members.shape[1]],
    }
    return (
        keys | {"group": batch.groups[group]} | aggregates,
        places,
        {name: getattr(found, name).ravel()[cell] for name in _PLACES},
    )


def _nation(layout: Layout) -> int:
    return next((place for place, group in enumerate(layout.groups) if group.code == NATION), -1)


def _aggregates(cells: Columns, batch: Batch, threshold: Floats) -> Columns:
    summary = summarise(cells["value"], cells["numerator"], cells["denominator"], expected=batch.expected)
    return {
        "reporting": summary.reporting,
        "expected": summary.expected,
        "coverage": summary.coverage,
        "complete": summary.coverage >= threshold[:, None],
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


def _of_provinces(slices: _Slices, places: Columns, layout: Layout) -> Columns:
    """What is the same in every group: the figure itself and what is said of it over time."""
    which = places["slice"]
    cell = which * len(layout.provinces) + places["province"]
    cells = {name: array.ravel()[cell] for name, array in slices.cells.items() if name != "covered"}
    return {name: array[which] for name, array in slices.keys().items()} | {
        "group": places["group"],
        "province_id": layout.provinces[places["province"]],
        "observation_id": _nullable(slices.observation.ravel()[cell]),
        "restated": slices.restated.ravel()[cell],
        "derived": slices.derived.ravel()[cell],
        "reason": slices.reason.ravel()[cell],
        "covered_share": slices.cells["covered"].ravel()[cell],
        **cells,
    }


def _nullable(keys: Integers) -> Floats:
    return np.where(keys == NONE, np.nan, keys.astype(np.float64))

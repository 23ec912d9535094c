"""Where each province stands among the others of its slice: rank, rank from–to, percentile, quartile.

Rank 1 is the best; equal values share the better rank (1, 2, 2, 4). Nothing is ranked where the indicator
makes no judgement. The reasons are in docs/decisions/ranks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from indicators.core.arrays import FloatArray, IntArray, count_below, counted, sorted_rows
from indicators.core.statistics import quantile


class Direction(StrEnum):
    """What is better; `none` where a figure is neither good nor bad."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


_SIGNS = {Direction.HIGHER: 1.0, Direction.LOWER: -1.0, Direction.NONE: float("nan")}

#: One direction for all slices, or an array of `signs` with the leading axes of the values.
Directions = Direction | FloatArray


@dataclass(frozen=True, slots=True)
class Standings:
    """One number for each province, `(..., P)`; NaN where the value is missing or there is no judgement."""

    rank: FloatArray
    rank_from: FloatArray
    rank_to: FloatArray
    percentile: FloatArray
    quartile: FloatArray
    difference_to_median: FloatArray
    difference_to_best: FloatArray


def signs(directions: Sequence[Direction]) -> FloatArray:
    """+1 where higher is better, −1 where lower is, NaN where neither: the form for many slices at once."""
    return np.array([_SIGNS[Direction(direction)] for direction in directions])


def standings(values: FloatArray, lower: FloatArray, upper: FloatArray, direction: Directions) -> Standings:
    """Everything that is said of a province within its group, for all slices `(..., P)` at once."""
    rank = ranks(values, direction)
    rank_from, rank_to = rank_bounds(values, lower, upper, direction)
    percentile = _percentiles_of_ranks(rank)
    return Standings(
        rank=rank,
        rank_from=rank_from,
        rank_to=rank_to,
        percentile=percentile,
        quartile=quartiles(percentile),
        difference_to_median=differences_to_median(values),
        difference_to_best=differences_to_best(values, direction),
    )


def ranks(values: FloatArray, direction: Directions) -> FloatArray:
    """1 + the number of better values."""
    better_up = _oriented(values, direction)
    at_most = count_below(sorted_rows(better_up), better_up, or_equal=True)
    return _where_ranked(better_up, 1 + counted(better_up)[..., None] - at_most)


def rank_bounds(
    values: FloatArray, lower: FloatArray, upper: FloatArray, direction: Directions
) -> tuple[FloatArray, FloatArray]:
    """(rank from, rank to): the best and the worst rank that the intervals [lower, upper] allow.

    Another province is certainly better where its interval lies wholly on the better side. Intervals that
    only touch do not overlap (most of their ends are open); yet equal values are never certainly better or
    worse, so that from–to covers the rank and its ties. A bound that is NaN is the value itself; unbounded
    is ±inf. O(P log P) a slice.
    """
    value = _oriented(values, direction)
    low, high = _oriented_bounds(value, lower, upper, direction)
    certainly_better = counted(value)[..., None] - count_below(sorted_rows(low), high, or_equal=False)
    certainly_worse = count_below(sorted_rows(high), low, or_equal=True)
    rank_from = 1 + certainly_better - _equal_at_touch(value, at=high, other=low)
    rank_to = counted(value)[..., None] - certainly_worse + _equal_at_touch(value, at=low, other=high)
    return _where_ranked(value, rank_from), _where_ranked(value, rank_to)


def percentiles(values: FloatArray, direction: Directions) -> FloatArray:
    """The share of the other provinces that do no better, in per cent: the best 100, the worst 0.

    100 · (1 − PERCENT_RANK) of the SQL standard with the best first; NaN for a province alone.
    """
    return _percentiles_of_ranks(ranks(values, direction))


def quartiles(percentile: FloatArray) -> FloatArray:
    """1 for the best quarter (percentile 75 and above) to 4 for the last (below 25)."""
    quarter = 4.0 - (percentile >= 25.0) - (percentile >= 50.0) - (percentile >= 75.0)
    return np.where(np.isnan(percentile), np.nan, quarter)


def differences_to_median(values: FloatArray) -> FloatArray:
    """value − median of its slice, in the unit of the values, whatever the direction."""
    return values - quantile(sorted_rows(values), counted(values), 0.5)[..., None]


def differences_to_best(values: FloatArray, direction: Directions) -> FloatArray:
    """value − best value of its slice: 0 for the best, negative where higher is better, else positive."""
    better_up = _oriented(values, direction)
    best = np.fmax.reduce(better_up, axis=-1, initial=np.nan, keepdims=True)
    return (better_up - best) * sign_of(direction)


def _percentiles_of_ranks(rank: FloatArray) -> FloatArray:
    number = counted(rank)[..., None]
    others = np.where(number > 1, number - 1.0, np.nan)
    return 100.0 * (number - rank) / others


def sign_of(direction: Directions) -> FloatArray:
    """+1, −1 or NaN, with one more axis for the provinces."""
    if isinstance(direction, Direction):
        return np.array([_SIGNS[direction]])
    return direction[..., None]


def _oriented(values: FloatArray, direction: Directions) -> FloatArray:
    """The values such that more is better; all missing where nothing is."""
    return values * sign_of(direction)


def _oriented_bounds(
    value: FloatArray, lower: FloatArray, upper: FloatArray, direction: Directions
) -> tuple[FloatArray, FloatArray]:
    """The bounds such that more is better, missing exactly where the value is, and never beside it."""
    one, other = _oriented(lower, direction), _oriented(upper, direction)
    low, high = np.fmin(np.fmin(one, other), value), np.fmax(np.fmax(one, other), value)
    missing = np.isnan(value)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _equal_at_touch(value: FloatArray, *, at: FloatArray, other: FloatArray) -> IntArray:
    """How many provinces, itself among them if it is a point, touch this one's end `at` with an equal value.

    They were counted as certain because their end `other` lies on it; a value lying there too makes a tie.
    """
    result = np.zeros(value.shape, dtype=np.int64)
    mine = value == at
    rows = mine.any(axis=-1) & (value == other).any(axis=-1)
    if rows.any():
        theirs = sorted_rows(np.where(value == other, value, np.nan)[rows])
        here = value[rows]
        ties = count_below(theirs, here, or_equal=True) - count_below(theirs, here, or_equal=False)
        result[rows] = np.where(mine[rows], ties, 0)
    return result


def _where_ranked(value: FloatArray, rank: IntArray) -> FloatArray:
    return np.where(np.isnan(value), np.nan, rank)

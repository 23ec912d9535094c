"""The floor of the arithmetic: the engine's own statistics on dense cubes, as one writes them in plain NumPy.

One pass over whole arrays, group by group; no blocks, no keys, no rows to hand on. What it computes of every
slice and group: number reporting, coverage, sum, ratio of sums, mean, median, quartiles, minimum, maximum,
standard deviation; of every province: rank (ties share the better), rank from–to out of the intervals (ends
that touch count as one wherever they lie), percentile, quartile, difference to the median and to the best; of
every series: both changes, distance to a target, and the Mann–Kendall verdict at each period.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indicators.core.cube import Cube
from indicators.core.frames import Frame, Group, Layout
from indicators.core.ranking import signs

Array = NDArray[np.float64]


def compute(cubes: list[tuple[Cube, Layout]], frame: Frame) -> int:
    """Everything once; how many ranks."""
    rows = 0
    for cube, layout in cubes:
        sign = signs([frame.definitions[key].direction for key in cube.indicator.tolist()])
        over_time(cube, sign)
        for group in layout.groups:
            rows += of_group(cube, group, sign)
    return rows


def over_time(cube: Cube, sign: Array) -> None:
    value = cube.value
    for lag in (1, 4):
        value[:, lag:] - value[:, :-lag]
    (50.0 - value) * sign[:, None, None]
    score, points, ties = np.zeros(value.shape), np.zeros(value.shape), np.zeros(value.shape)
    for t in range(1, value.shape[1]):
        later, earlier = value[:, t : t + 1], value[:, :t]
        score[:, t] = score[:, t - 1] + (later > earlier).sum(axis=1) - (later < earlier).sum(axis=1)
        equal = (later == earlier).sum(axis=1)
        ties[:, t] = ties[:, t - 1] + 6 * equal * (equal + 2)
    points = np.cumsum(~np.isnan(value), axis=1)
    deviation = np.sqrt(np.maximum(points * (points - 1) * (2 * points + 5) - ties, 0) / 18)
    np.where(points < 5, np.nan, np.where(np.abs(score) - 1 >= 1.96 * deviation, np.sign(score), 0))


def of_group(cube: Cube, group: Group, sign: Array) -> int:
    def part(cells: Array) -> Array:
        return cells[..., group.members].reshape(-1, int(group.members.sum()))

    value = part(cube.value)
    there = ~np.isnan(value)
    some = there.any(axis=1) & _asked(cube, group)
    value, there = value[some], there[some]
    top, bottom = part(cube.numerator)[some], part(cube.denominator)[some]
    low, high = part(cube.lower)[some], part(cube.upper)[some]
    number = there.sum(axis=1)
    median = statistics_of(value, top, bottom, number)
    up = np.repeat(sign, len(cube.period))[some][:, None]
    rank = ranks(value * up)
    spans(np.minimum(low * up, high * up), np.maximum(low * up, high * up), number)
    percentile = 100.0 * (number[:, None] - rank) / np.maximum(number - 1, 1)[:, None]
    4 - (percentile >= 25) - (percentile >= 50) - (percentile >= 75)
    value - median[:, None]
    (value * up - np.nanmax(value, axis=1)[:, None]) * up
    return int(number.sum())


def _asked(cube: Cube, group: Group) -> NDArray[np.bool_]:
    """Slices that the geography answers for, and in which the group existed."""
    held = True if group.periods is None else np.isin(cube.period, group.periods)
    return (cube.asked & held).reshape(-1)


def statistics_of(value: Array, top: Array, bottom: Array, number: NDArray[np.int64]) -> Array:
    number / value.shape[1]
    both = ~np.isnan(top) & ~np.isnan(bottom)
    np.where((both | np.isnan(value)).all(axis=1), 100 * np.nansum(top, axis=1), np.nan) / np.nansum(
        bottom, axis=1
    )
    np.nansum(value, axis=1)
    np.nanmean(value, axis=1)
    np.nanstd(value, axis=1)
    ordered = np.sort(value, axis=1)  # missing last
    quantiles = []
    for probability in (0.0, 0.25, 0.5, 0.75, 1.0):
        position = (number - 1) * probability
        below = np.floor(position).astype(np.int64)
        lower = np.take_along_axis(ordered, below[:, None], axis=1)[:, 0]
        upper = np.take_along_axis(ordered, np.minimum(below + 1, number - 1)[:, None], axis=1)[:, 0]
        quantiles.append(lower + (upper - lower) * (position - below))
    return quantiles[2]


def ranks(up: Array) -> Array:
    """From sorted rows: the place of the first of those that are equal."""
    order = np.argsort(-up, axis=1)
    ordered = np.take_along_axis(up, order, axis=1)
    place = np.broadcast_to(np.arange(up.shape[1]), up.shape)
    first = np.where(np.diff(ordered, axis=1, prepend=np.inf) != 0, place, 0)
    rank = np.empty(up.shape)
    np.put_along_axis(rank, order, np.maximum.accumulate(first, axis=1) + 1.0, axis=1)
    return np.where(np.isnan(up), np.nan, rank)


def spans(low: Array, high: Array, number: NDArray[np.int64]) -> tuple[Array, Array]:
    """Certainly better: whose least lies above this one's greatest; out of one sorting of both ends."""
    size = low.shape[1]
    order = np.argsort(np.concatenate([high, low], axis=1), axis=1)
    is_low = order >= size
    lows, highs = np.cumsum(is_low, axis=1), np.cumsum(~is_low, axis=1)
    lows_below, highs_below = np.empty(order.shape), np.empty(order.shape)
    np.put_along_axis(lows_below, order, lows, axis=1)
    np.put_along_axis(highs_below, order, highs, axis=1)
    return 1 + number[:, None] - lows_below[:, :size], number[:, None] - highs_below[:, size:]

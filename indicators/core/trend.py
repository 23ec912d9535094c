"""Changes between periods, distances to targets, and whether a series rises or falls.

Everything is in the unit of the values (percentage points for percentages) and NaN where a part is missing.
Whoever calls sees to it that the periods are comparable and that no break of definition lies between.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import isnan

import numpy as np

from indicators.core.arrays import FloatArray
from indicators.core.ranking import Directions, sign_of

#: Below this many points nothing is said about a trend.
FEWEST_POINTS = 5
#: Two-sided 5 % of the normal distribution.
CRITICAL = 1.959963984540054


class Trend(StrEnum):
    """What a series does, without judging it."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


def change(values: FloatArray, previous: FloatArray) -> FloatArray:
    """values − previous."""
    return values - previous


def relative_change(values: FloatArray, previous: FloatArray) -> FloatArray:
    """The change in per cent of the size of what it was; NaN where that was 0."""
    base = np.where(previous == 0, np.nan, np.abs(previous))
    return 100.0 * (values - previous) / base


def distance_to_target(values: FloatArray, target: FloatArray, direction: Directions) -> FloatArray:
    """What is still missing, shape `(..., P)`: 0 or less where the target is met; NaN without a judgement."""
    return (target - values) * sign_of(direction)


def trend_signs(series: FloatArray) -> FloatArray:
    """The verdict at every period on the points up to it, `(..., T)` in and out, time last.

    +1 rising, −1 falling, 0 steady, NaN for fewer than five points; NaN in `series` is a gap and left out.
    The Mann–Kendall test with its correction for ties, two-sided at 5 %: H. B. Mann, "Nonparametric tests
    against trend", Econometrica 13 (1945), 245–259; M. G. Kendall, "Rank Correlation Methods" (1975). With
    continuity correction, the normal approximation decides exactly as the exact test does for 5 to 18 points
    without ties, and never more boldly beyond.
    """
    present = ~np.isnan(series)
    steps = np.zeros(series.shape, dtype=np.int32)  # what each point adds to S
    equals = np.zeros(series.shape, dtype=np.int32)  # earlier points equal to it
    for lag in range(1, series.shape[-1]):
        later, earlier = series[..., lag:], series[..., :-lag]
        steps[..., lag:] += later > earlier
        steps[..., lag:] -= later < earlier
        equals[..., lag:] += later == earlier
    points = np.cumsum(present, axis=-1, dtype=np.float64)
    score = np.cumsum(steps, axis=-1, dtype=np.float64)
    # one point more in a group of t equal ones adds 6t(t + 2) to the sum of t(t − 1)(2t + 5)
    ties = np.cumsum(6.0 * equals * (equals + 2), axis=-1)
    deviation = np.sqrt(np.maximum(points * (points - 1) * (2 * points + 5) - ties, 0.0) / 18)
    certain = (np.abs(score) - 1 >= CRITICAL * deviation) & (score != 0)
    return np.where(points < FEWEST_POINTS, np.nan, np.where(certain, np.sign(score), 0.0))


def trend_verdict(series: Sequence[float] | FloatArray) -> Trend | None:
    """The verdict on one series in the order of time, NaN = gap; None for fewer than five points."""
    signs = trend_signs(np.asarray(series, dtype=np.float64))
    if not signs.size or isnan(signs[-1]):
        return None
    return {1.0: Trend.RISING, -1.0: Trend.FALLING, 0.0: Trend.STEADY}[float(signs[-1])]

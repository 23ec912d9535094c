"""Statistics over the provinces of a group, for any number of indicators and periods at once.

Medians and quartiles are of type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American
Statistician 50 (1996), 361–365: linear between the order statistics around (n − 1)·p. The standard deviation
is that of a population (divided by n): the provinces of a group are all there are, not a sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indicators.core.arrays import FloatArray, IntArray, counted, row_sums, sorted_rows


@dataclass(frozen=True, slots=True)
class Summary:
    """One number for each slice, shape `(...)`, in the unit of the values; NaN where nothing was reported."""

    reporting: IntArray
    expected: IntArray
    coverage: FloatArray  # reporting / expected, 0 to 1; NaN where nobody is expected
    sum: FloatArray
    ratio_of_sums: FloatArray  # per cent
    mean: FloatArray  # unweighted
    median: FloatArray
    q1: FloatArray
    q3: FloatArray
    minimum: FloatArray
    maximum: FloatArray
    standard_deviation: FloatArray


def summarise(
    values: FloatArray,
    numerators: FloatArray | None = None,
    denominators: FloatArray | None = None,
    expected: IntArray | int | None = None,
) -> Summary:
    """Summarise `values` `(..., P)`, NaN = not reported; counts of a ratio have the same shape.

    `expected` is the number of provinces that should report, one for all or one a slice; without it all P.
    """
    rows = sorted_rows(values)
    reporting = counted(values)
    due = np.broadcast_to(np.asarray(values.shape[-1] if expected is None else expected), reporting.shape)
    median = quantile(rows, reporting, 0.5)
    mean, deviation = _mean_and_deviation(rows, reporting, median)
    return Summary(
        reporting=reporting,
        expected=due,
        coverage=_divided(reporting.astype(np.float64), due.astype(np.float64)),
        sum=np.where(reporting > 0, row_sums(np.nan_to_num(rows, nan=0.0)), np.nan),
        ratio_of_sums=_ratio_of_sums(values, numerators, denominators),
        mean=mean,
        median=median,
        q1=quantile(rows, reporting, 0.25),
        q3=quantile(rows, reporting, 0.75),
        minimum=rows[..., 0],
        maximum=_picked(rows, np.maximum(reporting - 1, 0)),
        standard_deviation=deviation,
    )


def quantile(rows: FloatArray, reporting: IntArray, probability: float) -> FloatArray:
    """The type 7 quantile of rows that are sorted with their missing last, shape `(...)`."""
    position = np.maximum(reporting - 1, 0) * probability
    below = np.floor(position).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(reporting - 1, 0))
    low, high = _picked(rows, below), _picked(rows, above)
    return low + (high - low) * (position - below)


def _mean_and_deviation(
    rows: FloatArray, reporting: IntArray, median: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Around the median first, so that equal values deviate by exactly 0 and large ones lose no digits."""
    around = np.nan_to_num(rows - median[..., None], nan=0.0)
    number = reporting.astype(np.float64)
    shift = _divided(row_sums(around), number)
    variance = _divided(row_sums(np.square(around)), number) - np.square(shift)
    return median + shift, np.sqrt(np.maximum(variance, 0.0))


def _ratio_of_sums(
    values: FloatArray, numerators: FloatArray | None, denominators: FloatArray | None
) -> FloatArray:
    """100 · Σ numerators / Σ denominators, where every province that reports states both its counts."""
    if numerators is None or denominators is None:
        return np.full(values.shape[:-1], np.nan)
    both = ~(np.isnan(numerators) | np.isnan(denominators))
    complete = (both | np.isnan(values)).all(axis=-1)
    top = row_sums(np.where(both, numerators, 0.0))
    bottom = row_sums(np.where(both, denominators, 0.0))
    return np.where(complete, _divided(100.0 * top, bottom), np.nan)


def _picked(rows: FloatArray, index: IntArray) -> FloatArray:
    picked: FloatArray = np.take_along_axis(rows, index[..., None], axis=-1)[..., 0]
    return picked


def _divided(dividend: FloatArray, divisor: FloatArray) -> FloatArray:
    """The quotient, NaN where the divisor is 0."""
    result: FloatArray = np.full(dividend.shape, np.nan)
    np.divide(dividend, divisor, out=result, where=divisor != 0)
    return result

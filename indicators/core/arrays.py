"""What the vectorised core shares: the array type, and counting inside sorted rows.

Arrays are `(..., P)` float64: any leading axes (indicator, period, category), provinces last, NaN = missing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def sorted_rows(values: FloatArray) -> FloatArray:
    """Each slice in ascending order, what is missing last; a group without provinces gets one missing."""
    if values.shape[-1] == 0:
        return np.full((*values.shape[:-1], 1), np.nan)
    return np.sort(values, axis=-1)


def counted(values: FloatArray) -> IntArray:
    """How many of each slice are not missing, shape `(...)`."""
    number: IntArray = np.sum(~np.isnan(values), axis=-1, dtype=np.int64)
    return number


def row_sums(values: FloatArray) -> FloatArray:
    """The sum of each slice, in one order of adding whatever axes and memory layout `values` has.

    A figure recomputed alone has to be the figure recomputed with all others, to the last bit.
    """
    sums: FloatArray = np.ascontiguousarray(values).sum(axis=-1)
    return sums


def count_below(rows: FloatArray, queries: FloatArray, *, or_equal: bool) -> IntArray:
    """For each query, how many numbers of its slice of `rows` lie below it (`or_equal`: or on it).

    `rows` as `sorted_rows` gives them, `queries` `(..., Q)` with the same leading axes. One binary search for
    all slices at once, O(Q log P) each. A missing query counts nothing that is meant: mask it.
    """
    size = rows.shape[-1]
    steps = size.bit_length()
    width = (1 << steps) - 1  # missing numbers pad each row, so that no search can leave it
    padded = np.full((rows[..., 0].size, width), np.nan)
    padded[:, :size] = rows.reshape(-1, size)
    flat = padded.ravel()
    before = np.arange(padded.shape[0], dtype=np.int64)[:, None] * width - 1
    wanted = queries.reshape(padded.shape[0], queries.shape[-1])
    position: IntArray = np.broadcast_to(before, wanted.shape).copy()
    for step in (1 << power for power in reversed(range(steps))):
        candidate = flat.take(position + step)
        position += step * (candidate <= wanted if or_equal else candidate < wanted)
    below: IntArray = (position - before).reshape(queries.shape)
    return below


def numbered(keys: IntArray) -> tuple[IntArray, IntArray]:
    """The different keys in order, and the place of each of ``keys`` among them.

    Where they are dense, as rows of one table are, a table of all beats sorting many times over.
    """
    if not keys.size or keys.min() < 0 or keys.max() > 4 * keys.size + 1000:
        different, place = np.unique(keys, return_inverse=True)
        return different, place.reshape(-1)
    there = np.zeros(int(keys.max()) + 1, dtype=np.bool_)
    there[keys] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[keys]


def paired(first: IntArray, *others: IntArray) -> IntArray:
    """One key for several (none negative), in the order of the first, then the second, and so on."""
    result = first
    for other in others:
        result = result * (int(other.max(initial=0)) + 1) + other
    return result

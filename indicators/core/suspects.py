"""A quick sieve over all facts for what the exact rules of ``contradictions`` should look at.

It works on whole columns in floating point and lets through too much rather than too little; whether a
suspect is a contradiction is decided by the rule on the figure as stated. Facts are named by their
observation keys.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indicators.core.contradictions import FEWEST_EARLIER_POINTS, JUMP_THRESHOLD
from indicators.core.frames import Facts, Floats, Frame, Integers
from indicators.core.over_time import rows_by_fact
from indicators.core.restatement import Content

#: What rounding to floating point may hide, as a share of a number.
_SLACK = 1e-9
_MAD_TO_SIGMA = 1.4826


def falling(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, earlier): year-to-date counts whose greatest lies below the least of an earlier one of the
    year."""
    counts = _counts(facts, frame)
    for _, whole, earlier in frame.calendar.quarters:
        rows = rows_by_fact(facts, counts, [whole, earlier])
        rows = rows[(rows >= 0).all(axis=1)]
        below = facts.upper[rows[:, 0]] < facts.lower[rows[:, 1]] * (1 + _SLACK)
        yield from _observations(facts, rows[below])


def sums_off(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, quarter, quarter …): year-to-date counts that all the stated quarters in them do not add up
    to."""
    counts = _counts(facts, frame)
    for whole, quarters in _quarters_in(frame).items():
        rows = rows_by_fact(facts, counts, [whole, *quarters])
        rows = rows[(rows >= 0).all(axis=1)]
        least, most = facts.lower[rows[:, 1:]].sum(axis=1), facts.upper[rows[:, 1:]].sum(axis=1)
        off = (facts.upper[rows[:, 0]] < least * (1 + _SLACK)) | (
            facts.lower[rows[:, 0]] > most * (1 - _SLACK)
        )
        yield from _observations(facts, rows[off])


def jumps(facts: Facts, frame: Frame, among: Integers) -> Iterator[tuple[int, ...]]:
    """(figure, earlier, earlier …, in the order of time) for figures of the periods ``among`` that lie far
    from the median of at least six comparable ones before them."""
    calendar = frame.calendar
    every = np.arange(len(facts))
    for number in np.unique(calendar.comparison[np.isin(calendar.period, among)]).tolist():
        same = np.flatnonzero(calendar.comparison == number)
        periods = calendar.period[same[np.argsort(calendar.end[same])]]
        if len(periods) <= FEWEST_EARLIER_POINTS:
            continue
        rows = rows_by_fact(facts, every, periods.tolist())
        values = np.where(rows >= 0, facts.value[rows], np.nan)
        segment = _segments(facts, rows, periods, frame)
        for t in np.flatnonzero(np.isin(periods, among)).tolist():
            before = np.where(segment[:, :t] == segment[:, t : t + 1], values[:, :t], np.nan)
            for row in np.flatnonzero(_far(values[:, t], before)).tolist():
                earlier = rows[row, :t][~np.isnan(before[row])]
                yield tuple(facts.observation[[rows[row, t], *earlier]].tolist())


def _far(value: Floats, before: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether values lie beyond the jump threshold of robust deviations from the median of those before."""
    enough = ((~np.isnan(before)).sum(axis=1) >= FEWEST_EARLIER_POINTS) & ~np.isnan(value)
    result = np.zeros(len(value), dtype=np.bool_)
    if enough.any():
        past = before[enough]
        middle = np.nanmedian(past, axis=1)
        scale = _MAD_TO_SIGMA * np.nanmedian(np.abs(past - middle[:, None]), axis=1)
        reach = float(JUMP_THRESHOLD) * np.maximum(scale, 0.01 * np.abs(middle))
        result[enough] = np.abs(value[enough] - middle) > reach * (1 - _SLACK)
    return result


def _segments(facts: Facts, rows: Integers, periods: Integers, frame: Frame) -> Integers:
    """The number of breaks of each fact's indicator up to each period."""
    ends = frame.calendar.end[np.searchsorted(frame.calendar.period, periods)]
    indicator = facts.indicator[rows.max(axis=1)]
    result = np.zeros(rows.shape, dtype=np.int64)
    for key in np.unique(indicator).tolist():
        for day in frame.definitions[key].breaks:
            result[indicator == key] += ends >= day
    return result


def _counts(facts: Facts, frame: Frame) -> Integers:
    adding = [k for k, d in frame.definitions.items() if d.accumulates and d.content is Content.COUNT]
    return np.flatnonzero(np.isin(facts.indicator, np.array(adding, dtype=np.int64)))


def _quarters_in(frame: Frame) -> dict[int, list[int]]:
    """Year-to-date period → all the quarters it is made of, where each of them is known."""
    calendar = frame.calendar
    chain = {whole: (quarter, earlier) for quarter, whole, earlier in calendar.quarters}
    found = {}
    for whole in chain:
        parts, current = [], whole
        while current in chain:
            quarter, current = chain[current]
            parts.append(quarter)
        found[whole] = [*parts, current]  # what is left at the end of the chain is the first quarter
    return found


def _observations(facts: Facts, rows: Integers) -> Iterator[tuple[int, ...]]:
    for row in facts.observation[rows].tolist():
        yield tuple(row)

"""A quick sieve over all facts for what the exact rules of ``contradictions`` should look at.

It works on whole columns in floating point and lets through too much rather than too little; whether a
suspect is a contradiction is decided by the rule on the figure as stated. Facts are named by their
observation keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from indicators.core.contradictions import FEWEST_EARLIER_POINTS, JUMP_THRESHOLD
from indicators.core.frames import Booleans, Facts, Floats, Frame, Integers
from indicators.core.over_time import rows_by_fact
from indicators.core.restatement import Content

#: What rounding to floating point may hide, as a share of a number.
_SLACK = 1e-9
_MAD_TO_SIGMA = 1.4826


def falling(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, earlier): counts whose greatest lies below the least of one that begins on the same day and
    ends earlier."""
    calendar, counts = frame.calendar, _counts(facts, frame)
    used = np.isin(calendar.period, facts.period[counts])
    for start in np.unique(calendar.start[used]).tolist():
        same = np.flatnonzero(used & (calendar.start == start))
        periods = calendar.period[same[np.argsort(calendar.end[same])]].tolist()
        rows = rows_by_fact(facts, counts, periods)
        for earlier, whole in combinations(range(len(periods)), 2):
            both = rows[:, [whole, earlier]]
            both = both[(both >= 0).all(axis=1)]
            below = facts.upper[both[:, 0]] <= facts.lower[both[:, 1]] * (1 + _SLACK)
            found = both[below]
            ends = calendar.days(calendar.end, [periods[earlier], periods[whole]])
            yield from _observations(facts, found[~_broken(facts, found, ends, frame)])


def sums_off(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, part, part …): year-to-date counts that all the stated quarters, or months, in them do not add
    up to."""
    calendar, counts = frame.calendar, _counts(facts, frame)
    used = set(facts.period[counts].tolist())
    for periods in calendar.sums:
        if not used.issuperset(periods):
            continue
        rows = rows_by_fact(facts, counts, periods)
        rows = rows[(rows >= 0).all(axis=1)]
        least, most = facts.lower[rows[:, 1:]].sum(axis=1), facts.upper[rows[:, 1:]].sum(axis=1)
        off = (facts.upper[rows[:, 0]] <= least * (1 + _SLACK)) | (
            facts.lower[rows[:, 0]] >= most * (1 - _SLACK)
        )
        ends = calendar.days(calendar.end, periods[1:])
        yield from _observations(facts, rows[off & ~_broken(facts, rows, [min(ends), max(ends)], frame)])


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


def _far(value: Floats, before: Floats) -> Booleans:
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


def _broken(facts: Facts, rows: Integers, ends: Sequence[int], frame: Frame) -> Booleans:
    """Whether a break lies between the first and the last of ``ends``, for each of ``rows``."""
    indicators = facts.indicator[rows[:, 0]].tolist()
    return np.array(
        [frame.definitions[key].is_broken(ends[0], ends[-1]) for key in indicators], dtype=np.bool_
    )


def _observations(facts: Facts, rows: Integers) -> Iterator[tuple[int, ...]]:
    for row in facts.observation[rows].tolist():
        yield tuple(row)

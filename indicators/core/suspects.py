"""A quick sieve over all facts for what the exact rules of ``contradictions`` should look at.

It works on whole columns in floating point and lets through too much rather than too little; whether a
suspect is a contradiction is decided by the rule on the figure as stated. Facts are named by their
observation keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from indicators.core.arrays import counted, numbered, paired, sorted_rows
from indicators.core.contradictions import FEWEST_EARLIER_POINTS, JUMP_THRESHOLD
from indicators.core.frames import Booleans, Facts, Floats, Frame, Integers, Layout
from indicators.core.over_time import rows_by_fact
from indicators.core.restatement import Content
from indicators.core.statistics import quantile

#: What rounding to floating point may hide, as a share of a number.
_SLACK = 1e-9
_MAD_TO_SIGMA = 1.4826


def falling(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, earlier): counts whose greatest lies below the least of one that begins on the same day and
    ends earlier; and (whole, earlier, earlier …) of a successor and its predecessors."""
    yield from _falling(facts, frame, Content.COUNT, facts.lower, facts.upper)


def falling_numerators(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """The same of the numerators of percentages."""
    counts = facts.numerators()
    yield from _falling(facts, frame, Content.RATIO, counts.lower, counts.upper)


def falling_denominators(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """The same of the denominators of percentages."""
    counts = facts.denominators()
    yield from _falling(facts, frame, Content.RATIO, counts.lower, counts.upper)


def _falling(
    facts: Facts, frame: Frame, content: Content, least: Floats, most: Floats
) -> Iterator[tuple[int, ...]]:
    calendar, among = frame.calendar, _adding(facts, frame, content)
    used = np.isin(calendar.period, facts.period[among])
    for start in np.unique(calendar.start[used]).tolist():
        same = np.flatnonzero(used & (calendar.start == start))
        periods = calendar.period[same[np.argsort(calendar.end[same])]].tolist()
        if len(periods) < 2:
            continue
        rows = rows_by_fact(facts, among, periods)
        for earlier, whole in combinations(range(len(periods)), 2):
            both = rows[:, [whole, earlier]]
            both = both[(both >= 0).all(axis=1)]
            found = both[most[both[:, 0]] <= least[both[:, 1]] * (1 + _SLACK)]
            ends = calendar.days(calendar.end, [periods[earlier], periods[whole]])
            yield from _observations(facts, found[~_broken(facts, found, ends, frame)])
        for layout in frame.layouts:
            yield from _falling_across(facts, frame, layout, among, periods, (least, most))


def _falling_across(
    facts: Facts,
    frame: Frame,
    layout: Layout,
    among: Integers,
    periods: Sequence[int],
    ends: tuple[Floats, Floats],
) -> Iterator[tuple[int, ...]]:
    """Of merged provinces, held against as many of their predecessors as reported: counts are not negative.
    A predecessor that was divided between several is left out."""
    least, most = ends
    column = {period: place for place, period in enumerate(periods)}
    mine = among[np.isin(facts.period[among], periods)]
    old, successor = _of_successors(facts, mine, layout)
    new = mine[np.isin(facts.province[mine], successor)]
    if not len(new):
        return
    both, province = np.append(old, new), np.append(successor, facts.province[new])
    codes, key = numbered(paired(facts.indicator[both], facts.category[both], province))
    time = np.array([column[period] for period in facts.period[both].tolist()])
    before, whole = (key[: len(old)], time[: len(old)]), (key[len(old) :], time[len(old) :])
    sums = np.full((len(codes), len(periods)), -np.inf)
    sums[before] = 0.0
    np.add.at(sums, before, least[old])
    rows = np.full(sums.shape, -1, dtype=np.int64)
    rows[whole] = new
    for earlier, later in combinations(range(len(periods)), 2):
        row = rows[:, later]
        below = np.flatnonzero((row >= 0) & (most[row] <= sums[:, earlier] * (1 + _SLACK)))
        days = frame.calendar.days(frame.calendar.end, [periods[earlier], periods[later]])
        for place in below[~_broken(facts, row[below][:, None], days, frame)].tolist():
            parts = old[(before[0] == place) & (before[1] == earlier)]
            yield tuple(facts.observation[[row[place], *parts]].tolist())


def _of_successors(facts: Facts, among: Integers, layout: Layout) -> tuple[Integers, Integers]:
    """The rows of provinces that became one other, and which that is."""
    edges = np.array(layout.edges, dtype=np.int64).reshape(-1, 2)
    old, first, number = np.unique(edges[:, 0], return_index=True, return_counts=True)
    old, new = old[number == 1], edges[first[number == 1], 1]
    rows = among[np.isin(facts.province[among], old)]
    return rows, new[np.searchsorted(old, facts.province[rows])]


def sums_off(facts: Facts, frame: Frame) -> Iterator[tuple[int, ...]]:
    """(whole, part, part …): year-to-date counts that all the stated quarters, or months, in them do not add
    up to."""
    calendar, counts = frame.calendar, _adding(facts, frame, Content.COUNT)
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
        middle = _medians(past)
        scale = _MAD_TO_SIGMA * _medians(np.abs(past - middle[:, None]))
        reach = float(JUMP_THRESHOLD) * np.maximum(scale, 0.01 * np.abs(middle))
        result[enough] = np.abs(value[enough] - middle) > reach * (1 - _SLACK)
    return result


def _medians(rows: Floats) -> Floats:
    return quantile(sorted_rows(rows), counted(rows), 0.5)


def _segments(facts: Facts, rows: Integers, periods: Integers, frame: Frame) -> Integers:
    """The number of breaks of each fact's indicator up to each period."""
    ends = frame.calendar.end[np.searchsorted(frame.calendar.period, periods)]
    indicator = facts.indicator[rows.max(axis=1)]
    result = np.zeros(rows.shape, dtype=np.int64)
    for key in np.unique(indicator).tolist():
        for day in frame.definitions[key].breaks:
            result[indicator == key] += ends >= day
    return result


def _adding(facts: Facts, frame: Frame, content: Content) -> Integers:
    """The rows of indicators of this kind that accumulate."""
    adding = [key for key, d in frame.definitions.items() if d.accumulates and d.content is content]
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

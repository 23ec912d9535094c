"""What is said of a figure against its own past: derived quarters, changes, trends, distance to a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indicators.core.arrays import numbered, paired
from indicators.core.cube import Cube
from indicators.core.frames import NONE, Booleans, Calendar, Facts, Floats, Frame, Integers
from indicators.core.restatement import Content, percentages
from indicators.core.trend import trend_signs


def with_derived_quarters(facts: Facts, frame: Frame) -> tuple[Facts, Booleans]:
    """``facts`` with the quarters that follow from year-to-date figures, and which rows those are.

    Only of counts and ratios that accumulate, where nobody states the quarter itself and no break of the
    definition lies between the two. A count is the difference of two counts, its interval from least less
    greatest to greatest less least; a ratio follows from the differences of its counts, as exact as these. A
    negative difference is kept: it says that an earlier figure was revised.
    """
    added = _quarters(facts, frame)
    if added is None or not len(added):
        return facts, np.zeros(len(facts), dtype=np.bool_)
    together = facts.joined(added)
    return together, np.arange(len(together)) >= len(facts)


def _quarters(facts: Facts, frame: Frame) -> Facts | None:
    calendar, definitions = frame.calendar, frame.definitions
    adding = derivable(frame)
    among = np.flatnonzero(np.isin(facts.indicator, np.array(adding, dtype=np.int64)))
    if not len(among) or not calendar.quarters:
        return None
    triples = np.array(calendar.quarters, dtype=np.int64)
    triples = triples[np.isin(triples[:, 1:], facts.period[among]).all(axis=1)]
    periods = np.unique(triples)
    rows = rows_by_fact(facts, among, periods.tolist())
    stated, whole, earlier = (rows[:, np.searchsorted(periods, column)] for column in triples.T)
    between = (stated < 0) & (whole >= 0) & (earlier >= 0)
    for key in adding:
        for column, (_, until, after) in enumerate(triples.tolist() if definitions[key].breaks else ()):
            if definitions[key].is_broken(*calendar.days(calendar.end, [after, until])):
                between[facts.indicator[rows.max(axis=1)] == key, column] = False
    which, row = np.nonzero(between.T)
    pairs = facts.taken(whole[row, which]), facts.taken(earlier[row, which])
    found = difference(*pairs, triples[which, 0], frame)
    return found.taken(np.flatnonzero(~np.isnan(found.value)))


def derivable(frame: Frame) -> list[int]:
    """The indicators whose quarters follow from year-to-date figures."""
    definitions = frame.definitions.items()
    return [key for key, d in definitions if d.accumulates and d.content is not Content.OTHER]


def rows_by_fact(facts: Facts, among: Integers, periods: Sequence[int]) -> Integers:
    """Rows of ``facts`` by indicator × category × province, a column for each of ``periods``; −1 where none
    is."""
    wanted = np.array(periods, dtype=np.int64)
    order = np.argsort(wanted)
    rows = among[np.isin(facts.period[among], wanted)]
    if not len(rows):
        return np.empty((0, len(periods)), dtype=np.int64)
    number, key = numbered(paired(facts.indicator[rows], facts.category[rows], facts.province[rows]))
    result = np.full((len(number), len(periods)), -1, dtype=np.int64)
    result[key, order[np.searchsorted(wanted[order], facts.period[rows])]] = rows
    return result


def difference(whole: Facts, earlier: Facts, quarter: Integers, frame: Frame) -> Facts:
    """``whole`` − ``earlier``, row by row, as facts of ``quarter``; without a value where nothing can be
    said."""
    top = whole.numerators().minus(earlier.numerators())
    bottom = whole.denominators().minus(earlier.denominators())
    share = percentages(top, bottom)
    counts = [key for key, definition in frame.definitions.items() if definition.content is Content.COUNT]
    counted = np.isin(whole.indicator, np.array(counts, dtype=np.int64))
    known = bottom.value > 0
    result = replace(
        whole,
        period=quarter,
        observation=np.full(len(whole), NONE, dtype=np.int64),
        value=np.where(counted, whole.value - earlier.value, share.value),
        lower=np.where(counted, whole.lower - earlier.upper, share.lower),
        upper=np.where(counted, whole.upper - earlier.lower, share.upper),
        numerator=top.value,
        denominator=np.where(known, bottom.value, np.nan),
        counts=None
        if top.is_exact and bottom.is_exact
        else np.stack(
            [top.lower, top.upper, *(np.where(known, end, np.nan) for end in (bottom.lower, bottom.upper))],
            axis=-1,
        ),
    )
    return within_bounds(result, frame)


def within_bounds(facts: Facts, frame: Frame) -> Facts:
    """Intervals of percentages end where the scale of their definition does, yet hold the figure itself."""
    if facts.counts is None:
        return facts
    definitions = [frame.definitions[key] for key in facts.indicator.tolist()]
    ratio = np.array([definition.content is Content.RATIO for definition in definitions], dtype=np.bool_)
    least = np.array([definition.least for definition in definitions])
    greatest = np.array([definition.greatest for definition in definitions])
    lower = np.minimum(np.maximum(facts.lower, least), facts.value)
    upper = np.maximum(np.minimum(facts.upper, greatest), facts.value)
    return replace(
        facts, lower=np.where(ratio, lower, facts.lower), upper=np.where(ratio, upper, facts.upper)
    )


def continued(cube: Cube, frame: Frame) -> Floats:
    """The values (K, T, P), with those of the comparable definitions before it where there are none yet, the
    nearest first."""
    place = {
        key: row for row, key in enumerate(zip(cube.indicator.tolist(), cube.category.tolist(), strict=True))
    }
    result = cube.value
    for (indicator, category), row in place.items():
        for earlier in frame.before(indicator):
            before = place.get((earlier, category))
            if before is not None:
                result = result.copy() if result is cube.value else result
                result[row] = np.where(np.isnan(result[row]), cube.value[before], result[row])
    return result


def segments(cube: Cube, frame: Frame) -> Integers:
    """The number of breaks up to each period, (K, T): only periods with the same number are comparable."""
    result = np.zeros((len(cube.indicator), len(cube.period)), dtype=np.int64)
    for row, indicator in enumerate(cube.indicator.tolist()):
        for day in frame.definitions[indicator].breaks:
            result[row] += cube.end >= day
    return result


def changes(series: Floats, segment: Integers, cube: Cube, calendar: Calendar, neighbour: str) -> Floats:
    """The value less that of the neighbouring period ("previous" or "year_before"), NaN across a break."""
    wanted = getattr(calendar, neighbour)[np.searchsorted(calendar.period, cube.period)]
    order = np.argsort(cube.period)
    place = order[np.minimum(np.searchsorted(cube.period[order], wanted), len(order) - 1)]
    known = (wanted != NONE) & (cube.period[place] == wanted)
    comparable = known[None, :] & (segment == segment[:, place])
    return np.where(comparable[..., None], cube.value - series[:, place], np.nan)


def running_trend(series: Floats, segment: Integers, cube: Cube) -> Floats:
    """The Mann–Kendall verdict at every period on the series up to it, begun anew at every break:
    +1, −1, 0, or NaN under five points and where the indicator itself has no figure."""
    verdict = np.full(series.shape, np.nan)
    for number in np.unique(segment):
        here = (segment == number)[..., None]
        signs = trend_signs(np.moveaxis(np.where(here, series, np.nan), 1, -1))
        verdict = np.where(here, np.moveaxis(signs, -1, 1), verdict)
    return np.where(np.isnan(cube.value), np.nan, verdict)


def goals(cube: Cube, frame: Frame, provinces: Integers) -> Floats:
    """The target that a figure is held against, (K, T, P), NaN where there is none.

    A province's own before that of all; of several the first due on or after the period's end, else the last.
    """
    result = np.full(cube.value.shape, np.nan)
    rows = {
        key: row for row, key in enumerate(zip(cube.indicator.tolist(), cube.category.tolist(), strict=True))
    }
    for everybody in (True, False):
        mine = [
            g for g in frame.goals if (g.province == NONE) is everybody and (g.indicator, g.category) in rows
        ]
        past = sorted((g for g in mine), key=lambda g: g.due)
        for goal in past:  # later ones overwrite: the last that was due
            _hold(
                result, cube, rows[goal.indicator, goal.category], goal.province, provinces, goal.value, None
            )
        for goal in reversed(past):  # earlier ones overwrite: the first still to come
            row = rows[goal.indicator, goal.category]
            _hold(result, cube, row, goal.province, provinces, goal.value, goal.due)
    return result


def _hold(
    result: Floats, cube: Cube, row: int, province: int, provinces: Integers, value: float, due: int | None
) -> None:
    times = np.ones(len(cube.end), dtype=np.bool_) if due is None else cube.end <= due
    places = np.ones(len(provinces), dtype=np.bool_) if province == NONE else provinces == province
    result[row][np.ix_(times, places)] = value

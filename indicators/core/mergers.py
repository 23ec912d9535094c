"""Quarters across a merger: what a successor reported from the start of the year, less what its predecessors
had reported until they merged.

Q3 2025 of a merged province is its nine months less the half-years of those that it was made of. It is
derived and restated; it is missing, with the reason, unless all the predecessors reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indicators.core.arrays import numbered, paired
from indicators.core.cube import Across
from indicators.core.frames import COLUMNS, Booleans, Facts, Floats, Frame, Integers, Layout
from indicators.core.over_time import derivable, difference
from indicators.core.restatement import (
    Bounded,
    Concordance,
    Content,
    Reason,
    Restated,
    concordance,
    restate,
)

_NUMBERS = ("value", "lower", "upper", "numerator", "denominator")


@dataclass(frozen=True)
class _Merger:
    """The provinces that went, (B,), those that came, (P,), and how they belong together."""

    old: Integers
    new: Integers
    between: Concordance
    weights: Floats

    @classmethod
    def of(cls, layout: Layout) -> _Merger:
        old, new = (np.array(sorted({edge[end] for edge in layout.edges}), dtype=np.int64) for end in (0, 1))
        weights = np.array([layout.weights.get(key, 1.0) for key in old.tolist()])
        return cls(old, new, concordance(old.tolist(), new.tolist(), layout.edges), weights)


def quarters_across(facts: Facts, frame: Frame, layout: Layout) -> Across | None:
    """The quarters that lie between a year-to-date figure of a successor and one of its predecessors, where
    neither the successor nor a predecessor states the quarter, nor the successor the earlier figure."""
    if not layout.edges or not frame.calendar.quarters:
        return None
    merger = _Merger.of(layout)
    adding = np.isin(facts.indicator, np.array(derivable(frame), dtype=np.int64))
    of_new = np.flatnonzero(adding & np.isin(facts.province, merger.new))
    of_old = np.flatnonzero(adding & np.isin(facts.province, merger.old))
    wholes, befores = set(facts.period[of_new].tolist()), set(facts.period[of_old].tolist())
    parts = [
        part
        for quarter, whole, earlier in frame.calendar.quarters
        if whole in wholes and earlier in befores
        for part in _across(facts, (of_new, of_old), (quarter, whole, earlier), frame, merger)
    ]
    if not parts:
        return None
    together = parts[0].facts
    for part in parts[1:]:
        together = together.joined(part.facts)
    return Across(
        together,
        np.concatenate([part.reason for part in parts]),
        np.concatenate([part.covered for part in parts]),
    )


def _across(
    facts: Facts,
    provinces: tuple[Integers, Integers],
    periods: tuple[int, int, int],
    frame: Frame,
    merger: _Merger,
) -> Iterator[Across]:
    """Of one triple of periods."""
    of_new, of_old = provinces
    quarter, whole, earlier = periods
    ends = frame.calendar.days(frame.calendar.end, [earlier, whole])
    unbroken = [key for key in derivable(frame) if not frame.definitions[key].is_broken(*ends)]
    rows = of_new[(facts.period[of_new] == whole) & np.isin(facts.indicator[of_new], unbroken)]
    every = np.concatenate([of_new, of_old])
    every = every[np.isin(facts.period[every], periods)]
    codes, key = numbered(paired(facts.indicator[every], facts.category[every]))
    place = np.zeros(len(facts), dtype=np.int64)
    place[every] = key
    shape = (len(codes), len(merger.old))

    def there(among: Integers, period: int, of: Integers) -> Booleans:
        found = np.zeros((len(codes), len(of)), dtype=np.bool_)
        mine = among[facts.period[among] == period]
        found[place[mine], np.searchsorted(of, facts.province[mine])] = True
        return found

    told = there(of_new, quarter, merger.new) | there(of_new, earlier, merger.new)
    for column in merger.between.members.T:
        told |= (column >= 0) & there(of_old, quarter, merger.old)[:, column]
    before = of_old[facts.period[of_old] == earlier]
    where = (place[before], np.searchsorted(merger.old, facts.province[before]))
    content = [frame.definitions[k].content for k in facts.indicator[every][_first(key, len(codes))].tolist()]
    for kind in set(content):
        of_kind = np.array([c is kind for c in content], dtype=np.bool_)
        found = _restated(facts.taken(before), where, shape, kind, merger)
        at = place[rows], np.searchsorted(merger.new, facts.province[rows])
        wanted = of_kind[at[0]] & ~told[at] & (found.covered[at] > 0)
        yield from _split(facts.taken(rows[wanted]), found, (at[0][wanted], at[1][wanted]), quarter, frame)


def _first(numbers: Integers, size: int) -> Integers:
    """A place of each number."""
    found = np.zeros(size, dtype=np.int64)
    found[numbers] = np.arange(len(numbers))
    return found


def _restated(
    before: Facts,
    where: tuple[Integers, Integers],
    shape: tuple[int, int],
    content: Content,
    merger: _Merger,
) -> Restated:
    """The predecessors' figures as the successors', keys × successors."""

    def spread(column: Floats) -> Floats:
        found = np.full(shape, np.nan)
        found[where] = column
        return found

    numerators, denominators = before.numerators(), before.denominators()
    tops, bottoms = (
        Bounded.exact(spread(counts.value))
        if counts.is_exact
        else Bounded(spread(counts.value), spread(counts.lower), spread(counts.upper))
        for counts in (numerators, denominators)
    )
    return restate(
        content,
        Bounded(spread(before.value), spread(before.lower), spread(before.upper)),
        merger.between,
        numerators=tops,
        denominators=bottoms,
        weights=merger.weights,
    )


def _split(
    whole: Facts, found: Restated, at: tuple[Integers, Integers], quarter: int, frame: Frame
) -> Iterator[Across]:
    reason, covered = found.reason[at].astype(np.int64), found.covered[at]
    assert found.numerators is not None and found.denominators is not None
    tops, bottoms = found.numerators, found.denominators
    exact = tops.is_exact and bottoms.is_exact
    earlier = Facts(
        **{name: getattr(whole, name) for name in COLUMNS if name not in _NUMBERS},
        value=found.figures.value[at],
        lower=found.figures.lower[at],
        upper=found.figures.upper[at],
        numerator=tops.value[at],
        denominator=bottoms.value[at],
        counts=None
        if exact
        else np.stack([end[at] for end in (tops.lower, tops.upper, bottoms.lower, bottoms.upper)], axis=-1),
    )
    rest = difference(whole, earlier, np.full(len(whole), quarter, dtype=np.int64), frame)
    rows = np.flatnonzero(~np.isnan(rest.value) | (reason != Reason.STATED))
    if len(rows):
        yield Across(rest.taken(rows), reason[rows], covered[rows])

"""Restating figures of one set of provinces to another, along the edges predecessor → successor.

Counts are summed; a ratio is recomputed from its summed numerator and denominator; an average, an index or a
percentage without its counts is not restatable where provinces were merged. Percentages are never averaged.
A successor has a value only if all its predecessors have theirs. A province that goes on alone keeps its
figure whatever it measures. Arrays are `(..., P)` float64, NaN = missing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from indicators.core.arrays import FloatArray, IntArray


class Content(StrEnum):
    """What kind of figure it is, as far as adding provinces together goes."""

    COUNT = "count"
    RATIO = "ratio"  # per cent of two counts
    OTHER = "other"  # an average, an index, a rank


class Reason(IntEnum):
    """Why a restated value is missing; `STATED` where it is not."""

    STATED = 0
    PREDECESSOR_MISSING = 1
    COUNTS_MISSING = 2  # a ratio of merged provinces without its counts, or with nothing to divide by
    NOT_RESTATABLE = 3  # an average or an index of merged provinces
    NO_PREDECESSOR = 4  # nothing in the old set became it
    DIVIDED = 5  # a predecessor went to several successors


@dataclass(frozen=True, slots=True)
class Bounded:
    """Values with the ends of their plausible intervals, all `(..., P)`; an end that is NaN is the value."""

    value: FloatArray
    lower: FloatArray
    upper: FloatArray

    @classmethod
    def exact(cls, value: FloatArray) -> Bounded:
        return cls(value, value, value)

    @property
    def is_exact(self) -> bool:
        """Made by ``exact``."""
        return self.lower is self.value and self.upper is self.value

    def minus(self, other: Bounded) -> Bounded:
        """The difference of independent figures, never clipped."""
        value = self.value - other.value
        if self.is_exact and other.is_exact:
            return Bounded.exact(value)
        return Bounded(value, self.lower - other.upper, self.upper - other.lower)


@dataclass(frozen=True, slots=True)
class Concordance:
    """Which old provinces make up each new one: positions in the old set, `(P_new, K)`, −1 where fewer."""

    members: IntArray
    divided: NDArray[np.bool_]  # (P_new,): a member of it also went elsewhere
    old_size: int

    @property
    def numbers(self) -> IntArray:
        """How many old provinces each new one is made of."""
        numbers: IntArray = np.sum(self.members >= 0, axis=-1, dtype=np.int64)
        return numbers


@dataclass(frozen=True, slots=True)
class Restated:
    """Figures of the new set. `reason` holds `Reason`; `covered` is the share of predecessors with a figure,
    0 to 1, by the weights given; NaN where there is no predecessor."""

    figures: Bounded
    numerators: Bounded | None
    denominators: Bounded | None
    reason: NDArray[np.int8]
    covered: FloatArray


def concordance(
    old: Sequence[Hashable], new: Sequence[Hashable], edges: Iterable[tuple[Hashable, Hashable]]
) -> Concordance:
    """Follow `edges` (predecessor, successor), over several changes if need be, from `old` to `new`.

    A province that is in both sets continues as itself. Restating back in time (34 to 63) follows no edge,
    so that only what never merged has a value.
    """
    following: dict[Hashable, list[Hashable]] = {}
    for predecessor, successor in edges:
        following.setdefault(predecessor, []).append(successor)
    position = {province: index for index, province in enumerate(new)}
    members: list[list[int]] = [[] for _ in new]
    divided = np.zeros(len(new), dtype=np.bool_)
    for index, province in enumerate(old):
        destinations = _destinations(province, position, following)
        for destination in destinations:
            members[position[destination]].append(index)
            divided[position[destination]] |= len(destinations) > 1
    width = max(map(len, members), default=0)
    padded = [row + [-1] * (width - len(row)) for row in members]
    return Concordance(np.array(padded, dtype=np.int64).reshape(len(new), width), divided, len(old))


def restate(
    content: Content,
    figures: Bounded,
    between: Concordance,
    *,
    numerators: Bounded | None = None,
    denominators: Bounded | None = None,
    weights: FloatArray | None = None,
) -> Restated:
    """The figures of the new provinces, with their counts, reasons and covered shares.

    `weights` `(P_old,)`, populations for example, all above 0, weigh the covered share; without them every
    predecessor counts the same. A ratio of merged provinces needs the counts of all, not their percentages,
    and one that goes on alone keeps its stated percentage. Intervals of sums and quotients are those of
    independent figures.
    """
    tops = _summed(numerators, between) if numerators else None
    bottoms = _summed(denominators, between) if denominators else None
    alone = between.numbers == 1
    if content is Content.COUNT:
        merged = _summed(figures, between)
    elif content is Content.RATIO and tops and bottoms:
        merged = percentages(tops, bottoms)
    else:
        merged = Bounded.exact(np.full((*figures.value.shape[:-1], len(alone)), np.nan))
    restated = _either(alone, _summed(figures, between), merged)
    usable = ~between.divided & ~np.isnan(restated.value)
    return Restated(
        figures=_only(usable, restated),
        numerators=_only(~between.divided, tops) if tops else None,
        denominators=_only(~between.divided, bottoms) if bottoms else None,
        reason=_reasons(content, figures.value, usable, between),
        covered=_covered(figures.value, between, weights),
    )


def _destinations(
    province: Hashable, wanted: Mapping[Hashable, int], following: Mapping[Hashable, Sequence[Hashable]]
) -> list[Hashable]:
    """The provinces of the new set that a province became, each once."""
    found: list[Hashable] = []
    seen: set[Hashable] = set()
    waiting = [province]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in wanted:
            found.append(current)
        else:
            waiting.extend(following.get(current, ()))
    return found


def _gathered_sum(values: FloatArray, between: Concordance) -> FloatArray:
    """Σ over the members of each new province; missing if one is, or if there is none."""
    padded = np.concatenate([values, np.zeros((*values.shape[:-1], 1))], axis=-1)
    result = np.zeros((*values.shape[:-1], len(between.members)))
    for column in between.members.T:
        result += padded[..., column]
    result[..., between.numbers == 0] = np.nan
    return result


def _summed(figures: Bounded, between: Concordance) -> Bounded:
    if figures.is_exact:
        return Bounded.exact(_gathered_sum(figures.value, between))
    lower = np.where(np.isnan(figures.lower), figures.value, figures.lower)
    upper = np.where(np.isnan(figures.upper), figures.value, figures.upper)
    return Bounded(*(_gathered_sum(part, between) for part in (figures.value, lower, upper)))


def percentages(tops: Bounded, bottoms: Bounded) -> Bounded:
    """100 · numerator / denominator, missing where the denominator is not above 0. With counts that are not
    exact, from the least to the greatest quotient; a denominator that may be 0 leaves it unbounded."""
    value = _per_cent(tops.value, bottoms.value)
    if tops.is_exact and bottoms.is_exact:
        return Bounded.exact(value)
    ends = [_per_cent(top, bottoms.lower) for top in (tops.lower, tops.upper)]
    ends += [_per_cent(top, bottoms.upper) for top in (tops.lower, tops.upper)]
    lower, upper = np.fmin.reduce(ends), np.fmax.reduce(ends)
    open_below, nothing = bottoms.lower <= 0, np.isnan(value)
    lower = np.where(open_below & (tops.lower < 0), -np.inf, np.fmin(lower, value))
    upper = np.where(open_below & (tops.upper > 0), np.inf, np.fmax(upper, value))
    return Bounded(value, np.where(nothing, np.nan, lower), np.where(nothing, np.nan, upper))


def _per_cent(top: FloatArray, bottom: FloatArray) -> FloatArray:
    result: FloatArray = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    np.divide(100.0 * top, bottom, out=result, where=bottom > 0)
    return result


def _either(condition: NDArray[np.bool_], one: Bounded, other: Bounded) -> Bounded:
    return Bounded(
        np.where(condition, one.value, other.value),
        np.where(condition, one.lower, other.lower),
        np.where(condition, one.upper, other.upper),
    )


def _only(condition: NDArray[np.bool_], figures: Bounded) -> Bounded:
    return _either(condition, figures, Bounded.exact(np.full(figures.value.shape, np.nan)))


def _reasons(
    content: Content, values: FloatArray, usable: NDArray[np.bool_], between: Concordance
) -> NDArray[np.int8]:
    """The first thing that stands in the way, the graver before the lesser."""
    complete = ~np.isnan(_gathered_sum(values, between))
    merged = between.numbers > 1
    reason = np.where(complete, Reason.COUNTS_MISSING, Reason.PREDECESSOR_MISSING).astype(np.int8)
    if content is Content.OTHER:
        reason[..., merged] = Reason.NOT_RESTATABLE
    reason[..., between.divided] = Reason.DIVIDED
    reason[..., between.numbers == 0] = Reason.NO_PREDECESSOR
    reason[usable] = Reason.STATED
    return reason


def _covered(values: FloatArray, between: Concordance, weights: FloatArray | None) -> FloatArray:
    weight = np.ones(between.old_size) if weights is None else weights
    there = _gathered_sum(np.where(np.isnan(values), 0.0, weight), between)
    return there / _gathered_sum(np.broadcast_to(weight, values.shape), between)

"""Intervals of exact decimals: what a stated number may have been, and arithmetic that keeps the doubt.

A bound of ``None`` is unbounded and counts as open. All bounds are `Decimal`; a quotient, which need not
terminate, is rounded outwards, so that no result is ever narrower than the truth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_EXACT = Context(prec=120)
_DOWN = Context(prec=28, rounding=ROUND_FLOOR)
_UP = Context(prec=28, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Interval:
    """A non-empty interval of decimals. Raises ValueError where the bounds leave nothing between them."""

    lower: Decimal | None
    upper: Decimal | None
    lower_open: bool = False
    upper_open: bool = False

    def __post_init__(self) -> None:
        if self.lower is None:
            object.__setattr__(self, "lower_open", True)
        if self.upper is None:
            object.__setattr__(self, "upper_open", True)
        if self.lower is None or self.upper is None:
            return
        touching_open = self.lower == self.upper and (self.lower_open or self.upper_open)
        if self.lower > self.upper or touching_open:
            raise ValueError(f"no number lies between {self.lower} and {self.upper}")

    @classmethod
    def point(cls, value: Decimal) -> Interval:
        """The interval that holds exactly one number."""
        return cls(value, value)

    @property
    def is_point(self) -> bool:
        return self.lower is not None and self.lower == self.upper

    def contains(self, value: Decimal) -> bool:
        """Whether `value` is one of the numbers meant."""
        above = self.lower is None or value > self.lower or (value == self.lower and not self.lower_open)
        below = self.upper is None or value < self.upper or (value == self.upper and not self.upper_open)
        return above and below

    def intersection(self, other: Interval) -> Interval | None:
        """The numbers common to both; None where there are none. An open end that only touches has none."""
        lower, lower_open = _higher_start(self, other)
        upper, upper_open = _lower_end(self, other)
        if (lower is not None and upper is not None) and (
            lower > upper or (lower == upper and (lower_open or upper_open))
        ):
            return None
        return Interval(lower, upper, lower_open, upper_open)

    def overlaps(self, other: Interval) -> bool:
        """Whether at least one number lies in both."""
        return self.intersection(other) is not None

    def clipped(self, bounds: Interval) -> Interval:
        """The part inside a definition's bounds (a percentage ends at 0 and 100).

        What lies wholly outside them stays as stated: it is the rule `outside_bounds` that reports it.
        """
        return self.intersection(bounds) or self

    def distance(self, other: Interval) -> Decimal:
        """The gap between the two, ends included: 0 where they overlap or touch, open ends or not."""
        if self.upper is not None and other.lower is not None and self.upper < other.lower:
            return _EXACT.subtract(other.lower, self.upper)
        if other.upper is not None and self.lower is not None and other.upper < self.lower:
            return _EXACT.subtract(self.lower, other.upper)
        return _ZERO


def _higher_start(a: Interval, b: Interval) -> tuple[Decimal | None, bool]:
    if a.lower is None or (b.lower is not None and b.lower > a.lower):
        return b.lower, b.lower_open
    if b.lower is None or a.lower > b.lower:
        return a.lower, a.lower_open
    return a.lower, a.lower_open or b.lower_open


def _lower_end(a: Interval, b: Interval) -> tuple[Decimal | None, bool]:
    if a.upper is None or (b.upper is not None and b.upper < a.upper):
        return b.upper, b.upper_open
    if b.upper is None or a.upper < b.upper:
        return a.upper, a.upper_open
    return a.upper, a.upper_open or b.upper_open


def total(intervals: Iterable[Interval]) -> Interval:
    """The sum of independent numbers, each anywhere in its interval; of none it is [0, 0]."""
    result = Interval.point(_ZERO)
    for interval in intervals:
        result = _plus(result, interval)
    return result


def difference(minuend: Interval, subtrahend: Interval) -> Interval:
    """minuend − subtrahend for independent numbers; negative results are kept, never clipped."""
    return _plus(minuend, _negated(subtrahend))


def share(numerator: Interval, denominator: Interval) -> Interval | None:
    """100 · numerator / denominator, in per cent, for two intervals of non-negative numbers.

    None where the share is not defined: the denominator is 0 and nothing else. A denominator that may be 0
    leaves the share unbounded above. Raises ValueError for an interval that reaches below 0. The two are
    taken as independent, so that a numerator known to be a part may come out above 100: clip if it matters.
    """
    for interval in (numerator, denominator):
        if interval.lower is None or interval.lower < 0:
            raise ValueError("a share needs counts that are not negative")
    if denominator.upper == 0:
        return None
    lower, lower_open = _quotient_start(numerator, denominator)
    upper, upper_open = _quotient_end(numerator, denominator)
    return Interval(lower, upper, lower_open, upper_open)


def _plus(a: Interval, b: Interval) -> Interval:
    lower = None if a.lower is None or b.lower is None else _EXACT.add(a.lower, b.lower)
    upper = None if a.upper is None or b.upper is None else _EXACT.add(a.upper, b.upper)
    return Interval(lower, upper, a.lower_open or b.lower_open, a.upper_open or b.upper_open)


def _negated(a: Interval) -> Interval:
    lower = None if a.upper is None else _EXACT.minus(a.upper)
    upper = None if a.lower is None else _EXACT.minus(a.lower)
    return Interval(lower, upper, a.upper_open, a.lower_open)


def _quotient_start(n: Interval, d: Interval) -> tuple[Decimal, bool]:
    """The least share: least numerator over greatest denominator. 0 is reached whatever the denominator."""
    assert n.lower is not None
    if n.lower == 0:
        return _ZERO, n.lower_open
    if d.upper is None:
        return _ZERO, True
    return _DOWN.divide(_EXACT.multiply(n.lower, _HUNDRED), d.upper), n.lower_open or d.upper_open


def _quotient_end(n: Interval, d: Interval) -> tuple[Decimal | None, bool]:
    """The greatest share: greatest numerator over least denominator."""
    assert d.lower is not None
    if n.upper == 0:
        return _ZERO, False
    if n.upper is None or d.lower == 0:
        return None, True
    return _UP.divide(_EXACT.multiply(n.upper, _HUNDRED), d.lower), n.upper_open or d.lower_open

"""Intervals: open and closed ends, and arithmetic that never loses a number that is possible."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.intervals import Interval, difference, share, total

NUMBERS = st.integers(0, 40).map(lambda n: D(n) / 4)


@st.composite
def intervals(draw):
    """An interval together with a number in it."""
    a, x, b = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    lower = draw(st.sampled_from([a, a, a, D(0)]))
    upper = draw(st.sampled_from([b, b, b, None]))
    return Interval(
        lower, upper, lower < x and draw(st.booleans()), upper is None or (x < upper and draw(st.booleans()))
    ), x


def within(number: Fraction, interval: Interval) -> bool:
    if interval.lower is not None:
        lower = Fraction(interval.lower)
        if number < lower or (number == lower and interval.lower_open):
            return False
    if interval.upper is not None:
        upper = Fraction(interval.upper)
        if number > upper or (number == upper and interval.upper_open):
            return False
    return True


@given(intervals(), intervals())
def test_arithmetic_contains_every_possible_result(one, other):
    (a, x), (b, y) = one, other
    assert within(Fraction(x) + Fraction(y), total([a, b]))
    assert within(Fraction(x) - Fraction(y), difference(a, b))
    if y:
        assert within(100 * Fraction(x) / Fraction(y), share(a, b))


@given(intervals(), intervals(), NUMBERS)
def test_intersection_is_what_both_contain(one, other, number):
    a, b = one[0], other[0]
    common = a.intersection(b)
    assert (common is not None and common.contains(number)) == (a.contains(number) and b.contains(number))
    assert a.overlaps(b) == b.overlaps(a) == (common is not None)
    assert a.distance(b) == b.distance(a)
    if a.overlaps(b):
        assert a.distance(b) == 0


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Interval(D(1), D(2)), Interval(D(2), D(3)), True),
        (Interval(D(1), D(2), upper_open=True), Interval(D(2), D(3)), False),
        (Interval(D(1), D(2)), Interval(D(2), D(3), lower_open=True), False),
        (Interval(None, D(2)), Interval(D(2), None), True),
        (Interval(None, None), Interval(D(5), D(5)), True),
    ],
)
def test_open_ends_that_touch_do_not_overlap(one, other, overlap):
    assert one.overlaps(other) is overlap
    assert one.distance(other) == 0


@pytest.mark.parametrize(("lower", "upper", "lower_open"), [(2, 1, False), (1, 1, True)])
def test_an_empty_interval_is_refused(lower, upper, lower_open):
    with pytest.raises(ValueError, match="no number"):
        Interval(D(lower), D(upper), lower_open)


def test_a_share_without_a_denominator_is_not_defined():
    nothing, something = Interval.point(D(0)), Interval.point(D(5))
    assert share(something, nothing) is None
    assert share(nothing, something) == nothing
    assert share(something, Interval(D(0), D(5))) == Interval(D(100), None)
    with pytest.raises(ValueError, match="negative"):
        share(Interval(D(-1), D(1)), something)


def test_a_share_that_does_not_terminate_is_rounded_outwards():
    third = share(Interval.point(D(1)), Interval.point(D(3)))
    assert Fraction(third.lower) < Fraction(100, 3) < Fraction(third.upper)
    assert share(Interval.point(D(1)), Interval.point(D(4))) == Interval.point(D(25))


def test_clipping_keeps_what_lies_wholly_outside():
    bounds = Interval(D(0), D(100))
    assert Interval(D(99), D(101)).clipped(bounds) == Interval(D(99), D(100))
    assert Interval(D(119), D(121)).clipped(bounds) == Interval(D(119), D(121))

"""Changes, distances to a target, and the verdict on a series."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.aggregation import (
    Direction,
    Trend,
    change,
    distance_to_target,
    relative_change,
    trend_signs,
    trend_verdict,
)
from tests.core import slow
from tests.core.strategies import array, same, tables


@given(tables(elements=st.one_of(st.none(), st.integers(0, 5), st.integers(0, 100)), most_columns=14))
def test_verdicts_are_those_of_the_slow_implementation(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdicts = trend_signs(array(table))
    same(verdicts, [[slow.trend(row[: i + 1]) for i in range(len(row))] for row in table])


@pytest.mark.parametrize(
    ("series", "verdict"),
    [
        ([1, 2, 3, 4], None),
        ([1, 2, 3, 4, 5], Trend.RISING),
        ([5, 4, 3, 2, 1], Trend.FALLING),
        ([1, 2, 3, 5, 4], Trend.STEADY),
        ([7, 7, 7, 7, 7], Trend.STEADY),
        ([1, np.nan, 2, 3, np.nan, 4, 5], Trend.RISING),
        ([1, np.nan, 2, 3, np.nan, 4], None),
        ([], None),
    ],
)
def test_verdicts(series, verdict):
    assert trend_verdict(series) is verdict


def test_changes():
    same(change(array([3, None, 1]), array([1, 1, None])), [2, None, None])
    same(relative_change(array([3, 1, 5]), array([2, -2, 0])), [50, 150, None])


@pytest.mark.parametrize(
    ("direction", "expected"), [("higher", [10, 0, -5]), ("lower", [-10, 0, 5]), ("none", [None] * 3)]
)
def test_the_distance_to_a_target_is_what_is_missing(direction, expected):
    same(distance_to_target(array([70, 80, 85]), array([80, 80, 80]), Direction(direction)), expected)

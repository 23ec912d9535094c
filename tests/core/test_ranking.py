"""Ranks, rank from–to, percentiles and quartiles against the slow implementation."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.aggregation import (
    Direction,
    differences_to_best,
    percentiles,
    quartiles,
    rank_bounds,
    ranks,
    signs,
    standings,
)
from tests.core import slow
from tests.core.strategies import DIRECTIONS, array, bounded, same, tables


@given(tables(), DIRECTIONS)
def test_ranks_and_percentiles_are_those_of_the_slow_implementation(table, direction):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rank = ranks(array(table), Direction(direction))
        percentile = percentiles(array(table), Direction(direction))
    same(rank, [slow.ranks(row, direction) for row in table])
    same(percentile, [slow.percentiles(row, direction) for row in table])


@given(st.lists(bounded(), min_size=1, max_size=12), DIRECTIONS)
def test_rank_bounds_are_those_of_the_slow_implementation(provinces, direction):
    columns = [tuple(p) if p else (None, None, None) for p in provinces]
    values, lower, upper = array(columns).T
    rank_from, rank_to = rank_bounds(values, lower, upper, Direction(direction))
    expected = [pair or (None, None) for pair in slow.rank_bounds(provinces, direction)]
    same(rank_from, [pair[0] for pair in expected])
    same(rank_to, [pair[1] for pair in expected])
    rank = ranks(values, Direction(direction))
    ranked = ~np.isnan(rank)
    assert (rank_from[ranked] <= rank[ranked]).all() and (rank[ranked] <= rank_to[ranked]).all()


@given(tables(elements=bounded()), st.data())
def test_each_slice_has_its_own_direction(table, data):
    directions = [data.draw(DIRECTIONS) for _ in table]
    cube = array([[tuple(p) if p else (None, None, None) for p in row] for row in table])
    values, lower, upper = np.moveaxis(cube, -1, 0)
    together = standings(values, lower, upper, signs(directions))
    for i, direction in enumerate(directions):
        alone = standings(values[i], lower[i], upper[i], Direction(direction))
        for name in alone.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(together, name)[i], getattr(alone, name))


def test_ties_share_the_better_rank():
    assert ranks(array([9, 5, 9, 1]), Direction.HIGHER).tolist() == [1, 3, 1, 4]
    assert ranks(array([9, 5, 9, 1]), Direction.LOWER).tolist() == [3, 2, 3, 1]


def test_from_and_to_cover_a_tie():
    values = array([9, 5, 9, 1])
    rank_from, rank_to = rank_bounds(values, values, values, Direction.HIGHER)
    assert rank_from.tolist() == [1, 3, 1, 4]
    assert rank_to.tolist() == [2, 3, 2, 4]


def test_half_open_steps_that_touch_do_not_overlap():
    """Trên 91%, trên 92%, trên 93%: [91, 92), [92, 93), [93, 94)."""
    values = array([91, 92, 93])
    rank_from, rank_to = rank_bounds(values, values, values + 1, Direction.HIGHER)
    assert rank_from.tolist() == rank_to.tolist() == [3, 2, 1]


def test_an_exact_count_ties_with_more_than_it():
    """1.700 and "trên 1.700": [1700, 1700] and [1700, 1800) touch with equal values."""
    values, upper = array([1700, 1700, 1600]), array([1700, 1800, 1600])
    rank_from, rank_to = rank_bounds(values, values, upper, Direction.HIGHER)
    assert rank_from.tolist() == [1, 1, 3]
    assert rank_to.tolist() == [2, 2, 3]


def test_overlapping_intervals_give_a_span():
    values, lower, upper = array([90, 92, 95]), array([89.5, 90, 94.5]), array([90.5, 93, 95.5])
    rank_from, rank_to = rank_bounds(values, lower, upper, Direction.HIGHER)
    assert rank_from.tolist() == [2, 2, 1]
    assert rank_to.tolist() == [3, 3, 1]


def test_unbounded_and_unknown_bounds():
    values = array([50, 60, 70])
    lower, upper = array([-np.inf, np.nan, 70]), array([np.inf, np.nan, 70])
    rank_from, rank_to = rank_bounds(values, lower, upper, Direction.HIGHER)
    assert rank_from.tolist() == [1, 2, 1]
    assert rank_to.tolist() == [3, 3, 2]


def test_without_judgement_nothing_is_ranked():
    values = array([1, 2, None])
    everything = standings(values, values, values, Direction.NONE)
    assert np.isnan(everything.rank).all() and np.isnan(everything.rank_from).all()
    assert np.isnan(everything.percentile).all() and np.isnan(everything.quartile).all()
    assert np.isnan(everything.difference_to_best).all()
    same(everything.difference_to_median, [-0.5, 0.5, None])


def test_percentiles_go_from_100_to_0_and_quartiles_from_1_to_4():
    percentile = percentiles(array([5, 4, 3, 2, 1]), Direction.HIGHER)
    assert percentile.tolist() == [100, 75, 50, 25, 0]
    assert quartiles(percentile).tolist() == [1, 1, 2, 3, 4]
    assert percentiles(array([7, 7, 7]), Direction.HIGHER).tolist() == [100, 100, 100]


def test_a_province_alone_has_a_rank_and_no_percentile():
    alone = standings(array([5, None]), array([5, None]), array([5, None]), Direction.HIGHER)
    same(alone.rank, [1, None])
    same(alone.percentile, [None, None])
    same(alone.quartile, [None, None])
    same(alone.difference_to_best, [0, None])


@pytest.mark.parametrize(("direction", "expected"), [("higher", [-4, 0, -8]), ("lower", [4, 8, 0])])
def test_differences_to_the_best(direction, expected):
    assert differences_to_best(array([5, 9, 1]), Direction(direction)).tolist() == expected


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 63, 64, 65])
def test_slices_of_any_size(size):
    values = np.arange(float(size))[::-1].copy()
    rank_from, rank_to = rank_bounds(values, values, values, Direction.HIGHER)
    expected = list(range(1, size + 1))
    assert ranks(values, Direction.HIGHER).tolist() == rank_from.tolist() == rank_to.tolist() == expected

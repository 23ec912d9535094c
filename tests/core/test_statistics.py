"""Statistics of a slice against the slow implementation, and the cases that are easily got wrong."""

import warnings

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.core.aggregation import summarise
from tests.core import slow
from tests.core.strategies import array, same, tables


@given(tables())
def test_summaries_are_those_of_the_slow_implementation(table):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = summarise(array(table))
    for i, row in enumerate(table):
        values = slow.present(row)
        assert summary.reporting[i] == len(values)
        assert summary.expected[i] == len(row)
        assert summary.coverage[i] == len(values) / len(row)
        scale = max(map(abs, values), default=1) or 1
        expected = {
            "sum": sum(values) if values else None,
            "mean": slow.mean(values) if values else None,
            "median": slow.type_7(values, 0.5) if values else None,
            "q1": slow.type_7(values, 0.25) if values else None,
            "q3": slow.type_7(values, 0.75) if values else None,
            "minimum": min(values, default=None),
            "maximum": max(values, default=None),
            "standard_deviation": slow.deviation(values) if values else None,
        }
        for name, number in expected.items():
            same(
                getattr(summary, name)[i] / scale, None if number is None else number / scale, tolerance=1e-7
            )


COUNTS = st.one_of(st.none(), st.integers(0, 1000).map(float), st.integers(0, 1000).map(float))


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=9))
def test_ratios_of_sums(provinces):
    values, tops, bottoms = (list(column) for column in zip(*provinces, strict=True))
    summary = summarise(array([values]), array([tops]), array([bottoms]))
    same(summary.ratio_of_sums[0], slow.ratio_of_sums(values, tops, bottoms))


def test_the_ratio_of_sums_is_not_the_mean():
    summary = summarise(array([50, 100]), array([1, 900]), array([2, 900]))
    assert summary.mean == 75
    assert summary.ratio_of_sums == pytest.approx(100 * 901 / 902)


def test_a_province_without_counts_leaves_no_ratio_of_sums():
    values = array([50, 100, None])
    assert np.isnan(summarise(values, array([1, None, 5]), array([2, 900, 5])).ratio_of_sums)
    assert summarise(values, array([1, 9, None]), array([2, 9, None])).ratio_of_sums == pytest.approx(
        1000 / 11
    )
    assert np.isnan(summarise(values, array([0, 0, None]), array([0, 0, None])).ratio_of_sums)


def test_an_empty_slice_is_missing_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary = summarise(array([[None, None], [1, None]]), expected=63)
        nobody = summarise(np.empty((2, 0)), expected=0)
    assert summary.reporting.tolist() == [0, 1]
    assert np.isnan([summary.sum[0], summary.mean[0], summary.median[0], summary.standard_deviation[0]]).all()
    assert (summary.sum[1], summary.q1[1], summary.standard_deviation[1]) == (1, 1, 0)
    assert summary.coverage.tolist() == [0, 1 / 63]
    assert nobody.reporting.tolist() == [0, 0]
    assert np.isnan(nobody.coverage).all() and np.isnan(nobody.maximum).all()


def test_expected_may_differ_from_slice_to_slice():
    summary = summarise(array([[1, 2], [1, None]]), expected=np.array([4, 2]))
    assert summary.coverage.tolist() == [0.5, 0.5]


def test_equal_values_deviate_by_exactly_nothing():
    summary = summarise(np.full((1, 3), 0.1))
    assert summary.standard_deviation[0] == 0
    assert summary.mean[0] == 0.1


def test_quartiles_are_of_type_7():
    summary = summarise(array([1, 2, 3, 4]))
    assert (summary.q1, summary.median, summary.q3) == (1.75, 2.5, 3.25)


@given(tables())
@example([[None, None, None, None, 0.0, 0.0, 185365.0, 1.13671875]])
def test_any_leading_axes_and_any_layout_give_the_same_to_the_last_bit(table):
    flat = array(table)
    cube = np.broadcast_to(flat, (2, 3, *flat.shape))
    for name in ("sum", "mean", "median", "q3", "standard_deviation", "coverage", "ratio_of_sums"):
        once = getattr(summarise(flat, flat, flat), name)
        many = getattr(summarise(cube, cube, cube), name)
        alone = [getattr(summarise(row, row, row), name) for row in flat]
        fortran = np.asfortranarray(flat)
        np.testing.assert_array_equal(once, alone)
        np.testing.assert_array_equal(once, getattr(summarise(fortran, fortran, fortran), name))
        assert many.shape == (2, 3, *once.shape)
        # The order of additions follows the layout in memory: the last bit may differ.
        np.testing.assert_allclose(many, np.broadcast_to(once, many.shape), rtol=1e-12, atol=1e-12)

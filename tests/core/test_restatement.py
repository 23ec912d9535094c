"""Restatement along mergers against a second implementation that goes province by province."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.restatement import Bounded, Content, Reason, concordance, restate
from tests.core.strategies import array, same

# Lào Cai (old) and Yên Bái became Lào Cai (new); Huế goes on; Gia Lai and Bình Định became Gia Lai (new).
OLD = ["lao-cai-2025", "yen-bai", "hue", "gia-lai-2025", "binh-dinh"]
NEW = ["hue", "lao-cai", "gia-lai"]
EDGES = [
    ("lao-cai-2025", "lao-cai"),
    ("yen-bai", "lao-cai"),
    ("gia-lai-2025", "gia-lai"),
    ("binh-dinh", "gia-lai"),
]
MERGER = concordance(OLD, NEW, EDGES)


def exact(numbers):
    return Bounded.exact(array(numbers))


def test_counts_are_summed_and_a_province_alone_continues():
    restated = restate(Content.COUNT, exact([10, 20, 7, 3, 4]), MERGER)
    assert restated.figures.value.tolist() == [7, 30, 7]
    assert restated.reason.tolist() == [Reason.STATED] * 3
    assert restated.covered.tolist() == [1, 1, 1]


def test_a_missing_predecessor_leaves_a_reason_and_the_covered_share():
    restated = restate(
        Content.COUNT, exact([10, None, 7, None, None]), MERGER, weights=np.array([3.0, 1, 1, 1, 1])
    )
    same(restated.figures.value, [7, None, None])
    assert restated.reason.tolist() == [
        Reason.STATED,
        Reason.PREDECESSOR_MISSING,
        Reason.PREDECESSOR_MISSING,
    ]
    assert restated.covered.tolist() == [1, 0.75, 0]


def test_percentages_are_recomputed_from_their_counts_and_never_averaged():
    restated = restate(
        Content.RATIO,
        exact([50, 100, 81.5, 20, 40]),
        MERGER,
        numerators=exact([1, 900, None, 2, None]),
        denominators=exact([2, 900, None, 10, None]),
    )
    same(restated.figures.value, [81.5, 100 * 901 / 902, None])
    assert restated.reason.tolist() == [Reason.STATED, Reason.STATED, Reason.COUNTS_MISSING]
    same(restated.numerators.value, [None, 901, None])


@pytest.mark.parametrize("content", [Content.OTHER, Content.RATIO])
def test_an_index_of_merged_provinces_is_not_restatable(content):
    restated = restate(content, exact([0.5, 0.6, 0.7951, 0.4, 0.3]), MERGER)
    same(restated.figures.value, [0.7951, None, None])
    reason = Reason.NOT_RESTATABLE if content is Content.OTHER else Reason.COUNTS_MISSING
    assert restated.reason.tolist() == [Reason.STATED, reason, reason]
    assert restated.covered.tolist() == [1, 1, 1]


def test_back_in_time_only_what_never_merged_has_a_value():
    back = concordance(NEW, OLD, EDGES)
    restated = restate(Content.COUNT, exact([7, 30, 7]), back)
    same(restated.figures.value, [None, None, 7, None, None])
    assert restated.reason.tolist() == [4, 4, 0, 4, 4]
    assert np.isnan(restated.covered).tolist() == [True, True, False, True, True]


def test_a_divided_province_is_not_restated():
    divided = concordance(["a", "b"], ["x", "y"], [("a", "x"), ("a", "y"), ("b", "y")])
    restated = restate(Content.COUNT, exact([10, 5]), divided)
    assert np.isnan(restated.figures.value).all()
    assert restated.reason.tolist() == [Reason.DIVIDED, Reason.DIVIDED]


def test_changes_are_followed_one_after_the_other():
    chain = concordance(
        ["ha-tay", "ha-noi", "x"], ["ha-noi-2"], [("ha-tay", "h"), ("ha-noi", "h"), ("h", "ha-noi-2")]
    )
    restated = restate(Content.COUNT, exact([1, 2, 4]), chain)
    assert restated.figures.value.tolist() == [3]


def test_intervals_propagate():
    figures = Bounded(array([100, 200, 7, 1, 1]), array([100, 150, 7, 1, 1]), array([110, 200, 7, 1, np.inf]))
    restated = restate(Content.COUNT, figures, MERGER)
    assert restated.figures.lower.tolist() == [7, 250, 2]
    assert restated.figures.upper.tolist() == [7, 310, math.inf]
    ratio = restate(
        Content.RATIO,
        exact([None] * 5),
        MERGER,
        numerators=figures,
        denominators=Bounded(
            array([200, 200, 9, 1, 1]), array([200, 200, 9, 0, 0]), array([250, 250, 9, 1, 1])
        ),
    )
    assert ratio.figures.lower.tolist()[1:] == [50, 100]
    assert ratio.figures.upper.tolist()[1:] == [77.5, math.inf]


NUMBER = st.one_of(st.none(), st.integers(0, 50).map(float), st.integers(0, 50).map(float))


@st.composite
def mergers(draw):
    """Each old province goes on, merges into one of three new ones, or vanishes; with figures and counts."""
    fates = draw(st.lists(st.sampled_from(["alone", "x", "y", "z", None]), min_size=1, max_size=9))
    old = [f"p{i}" for i in range(len(fates))]
    new = ["x", "y", "z", *(p for p, fate in zip(old, fates, strict=True) if fate == "alone")]
    edges = [(p, fate) for p, fate in zip(old, fates, strict=True) if fate in ("x", "y", "z")]
    row = st.lists(NUMBER, min_size=len(old), max_size=len(old))
    return old, new, edges, draw(row), draw(row), draw(row)


def slowly(content, old, new, edges, values, tops, bottoms):
    """(value or None, covered share or None) of each new province."""
    result = []
    for province in new:
        members = [i for i, p in enumerate(old) if p == province or (p, province) in edges]
        covered = sum(values[i] is not None for i in members) / len(members) if members else None
        own, top, bottom = ([column[i] for i in members] for column in (values, tops, bottoms))
        value = None
        if len(members) == 1:
            value = own[0]
        elif members and content is Content.COUNT and None not in own:
            value = sum(own)
        elif members and content is Content.RATIO and None not in top and None not in bottom and sum(bottom):
            value = 100 * sum(top) / sum(bottom)
        result.append((value, covered))
    return result


@given(mergers(), st.sampled_from(Content))
def test_restatement_is_that_of_the_slow_implementation(case, content):
    old, new, edges, values, tops, bottoms = case
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        restated = restate(
            content,
            exact([values]),
            concordance(old, new, edges),
            numerators=exact([tops]),
            denominators=exact([bottoms]),
        )
    expected = slowly(content, *case)
    same(restated.figures.value, [[value for value, _ in expected]])
    same(restated.covered, [[covered for _, covered in expected]])
    same(restated.figures.lower, restated.figures.value)
    assert ((restated.reason == Reason.STATED) == ~np.isnan(restated.figures.value)).all()

"""Composite indices: scores against plain loops, published totals, exact decomposition, stable ranks."""

from decimal import Decimal as D

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.core.composite import (
    Component,
    IndexVersion,
    WeightsMissing,
    decompose,
    parts,
    rank_stability,
    score,
)
from tests.core.strategies import array, same

PILLARS = [
    "awareness",
    "institutions",
    "infrastructure",
    "people",
    "security",
    "government",
    "economy",
    "society",
]
DTI_922 = IndexVersion(
    "dti",
    "922/QĐ-BTTTT",
    D(1),
    (
        *(
            Component(code, D(weight))
            for code, weight in zip(PILLARS, (100, 100, 100, 100, 100, 200, 150, 150), strict=True)
        ),
        Component("smart-city", D(0)),
    ),
)
#: dti.gov.vn, 2022: components in the order of PILLARS, and the published total.
DTI_2022 = {
    "can-tho": ([0.9000, 0.8000, 0.7233, 0.7376, 0.7226, 0.7325, 0.7556, 0.2947], 0.6924),
    "ho-chi-minh": ([0.8917, 0.9000, 0.8258, 0.6267, 0.5580, 0.8406, 0.7611, 0.3590], 0.7163),
    "quang-ninh": ([0.9581, 0.9000, 0.7648, 0.6250, 0.5382, 0.8385, 0.5904, 0.4505], 0.7024),
    "thua-thien-hue": ([0.9500, 0.9000, 0.6823, 0.6794, 0.6423, 0.8262, 0.6787, 0.3001], 0.6975),
    "da-nang": ([1.0000, 0.9000, 0.8253, 0.8487, 0.7578, 0.8575, 0.7836, 0.5197], 0.8002),
}
WEIGHTS_766 = {
    "transparency": 18,
    "progress": 20,
    "service": 12,
    "payment": 10,
    "satisfaction": 18,
    "digitisation": 22,
}
INDEX_766 = IndexVersion(
    "766", "766/QĐ-TTg", D(100), tuple(Component(c, D(w), D(0), D(w)) for c, w in WEIGHTS_766.items())
)
QUANG_NAM = dict(zip(WEIGHTS_766, map(array, (13.2, 18.4, 7.7, 7.6, 17.6, 15.6)), strict=True))


def test_published_totals_of_2022_follow_from_their_components():
    table = array([components for components, _ in DTI_2022.values()])
    computed = score(DTI_922, dict(zip(PILLARS, table.T, strict=True)))
    same(computed, [total for _, total in DTI_2022.values()], tolerance=1e-4)


def test_index_766_is_the_sum_of_its_points():
    assert score(INDEX_766, QUANG_NAM) == pytest.approx(80.1)
    assert {code: float(part) for code, part in parts(INDEX_766, QUANG_NAM).items()} == pytest.approx(
        {code: float(value) for code, value in QUANG_NAM.items()}
    )


def test_an_index_without_all_its_weights_refuses():
    index = IndexVersion(
        "dti", "405", D(1), (Component("a", D(1)), Component("b", None), Component("c", None))
    )
    with pytest.raises(WeightsMissing) as refusal:
        score(index, {})
    assert refusal.value.components == ("b", "c")


@pytest.mark.parametrize(
    "components",
    [(Component("a", D(0)),), (Component("a", D(2)), Component("b", D(-1))), (Component("a", D(1)),) * 2],
)
def test_weights_that_make_no_sense_are_refused(components):
    with pytest.raises(ValueError):
        score(IndexVersion("x", "1", D(1), components), {})


def test_scales_goalposts_and_caps():
    values = array([50, 80, 110, None])
    same(Component("a", D(1), D(0), D(100)).share(values), [0.5, 0.8, 1.1, None])
    same(Component("a", D(1), D(60), D(100), capped=True).share(values), [0, 0.5, 1, None])
    same(Component("late", D(1), D(100), D(0)).share(values), [0.5, 0.2, -0.1, None])


NUMBER = st.one_of(
    st.none(), st.integers(0, 10).map(lambda n: n / 10), st.integers(0, 10).map(lambda n: n / 10)
)
PROVINCES = 4


@st.composite
def trees(draw, codes):
    """Components over some of the leaf codes, one of them perhaps with children."""
    chosen = draw(st.lists(st.sampled_from(codes), min_size=2, max_size=5, unique=True))
    weights = [D(draw(st.integers(0, 5))) for _ in chosen]
    split = draw(st.integers(0, 2))
    leaves = [Component(code, weight) for code, weight in zip(chosen, weights, strict=True)]
    assume(sum(weights[split:]) > 0 and (not split or sum(weights[:split]) > 0))
    inner = (Component("inner", D(draw(st.integers(1, 3))), children=tuple(leaves[:split])),) if split else ()
    return IndexVersion("x", "1", D(100), (*inner, *leaves[split:]))


@st.composite
def tables(draw, codes):
    row = st.lists(NUMBER, min_size=PROVINCES, max_size=PROVINCES)
    return {code: draw(row) for code in codes}


def slowly(component_or_index, values, province):
    """The share of a node, or None: straight from the definition, down the tree."""
    top = bottom = 0.0
    children = getattr(component_or_index, "children", ()) or getattr(component_or_index, "components", ())
    if not children:
        return values[component_or_index.code][province]
    for child in children:
        if not child.weight:
            continue
        share = slowly(child, values, province)
        if share is None:
            return None
        top += float(child.weight) * share
        bottom += float(child.weight)
    return top / bottom


CODES = ["a", "b", "c", "d", "e"]


@given(trees(CODES), tables(CODES))
def test_scores_are_those_of_the_slow_implementation(index, values):
    computed = score(index, {code: array(row) for code, row in values.items()})
    shares = [slowly(index, values, province) for province in range(PROVINCES)]
    same(computed, [None if share is None else 100 * share for share in shares])


@given(trees(CODES), trees(CODES), tables(CODES), tables(CODES))
def test_a_change_splits_exactly_even_when_the_weights_change(one, other, before, after):
    before = {code: array(row) for code, row in before.items()}
    after = {code: array(row) for code, row in after.items()}
    split = decompose(one, before, other, after)
    difference = score(other, after) - score(one, before)
    known = ~np.isnan(difference) & ~np.isnan(split.change)
    np.testing.assert_allclose(split.change[known], difference[known], atol=1e-9)
    np.testing.assert_array_equal(np.isnan(split.change), np.isnan(difference))
    pieces = sum(split.by_value.values()) + sum(split.by_weight.values())
    np.testing.assert_allclose(pieces, split.change, atol=1e-9)


def test_with_the_same_weights_all_of_a_change_is_by_value():
    later = {code: value + 1 for code, value in QUANG_NAM.items()}
    split = decompose(INDEX_766, QUANG_NAM, INDEX_766, later)
    assert all(part == 0 for part in split.by_weight.values())
    assert [float(part) for part in split.by_value.values()] == pytest.approx([1] * 6)
    assert split.change == pytest.approx(6)


def test_scores_on_two_scales_have_no_difference():
    with pytest.raises(ValueError, match="no difference"):
        decompose(DTI_922, {}, INDEX_766, {})


def test_rank_stability_is_seeded_and_encloses_what_cannot_change():
    table = array([components for components, _ in DTI_2022.values()] + [[None] * 8])
    values = dict(zip(PILLARS, table.T, strict=True))
    low, high = rank_stability(DTI_922, values, seed=1)
    again = rank_stability(DTI_922, values, seed=1)
    np.testing.assert_array_equal((low, high), again)
    assert (low[4], high[4]) == (1, 1)  # Đà Nẵng leads whatever the weights
    assert np.isnan(low[5]) and np.isnan(high[5])
    assert (low[:5] <= high[:5]).all()
    assert (high[:5] - low[:5]).max() >= 1


def test_rank_stability_against_a_loop_over_the_draws():
    table = array([components for components, _ in DTI_2022.values()])
    random = np.random.default_rng(7)
    weights = np.array([100, 100, 100, 100, 100, 200, 150, 150]) / 1000
    drawn = random.uniform(0.75, 1.25, size=(100, 8))
    ranks = [[] for _ in table]
    for factors in drawn:
        totals = [sum(w * f * x for w, f, x in zip(weights, factors, row, strict=True)) for row in table]
        for i, total in enumerate(totals):
            ranks[i].append(1 + sum(other > total for other in totals))
    low, high = rank_stability(DTI_922, dict(zip(PILLARS, table.T, strict=True)), seed=7, draws=100)
    assert low.tolist() == [sorted(r)[4] for r in ranks]
    assert high.tolist() == [sorted(r)[94] for r in ranks]


def test_equal_components_share_their_rank_under_any_weights():
    values = {code: array([0.3, 0.3, 0.1]) for code in PILLARS}
    low, high = rank_stability(DTI_922, values, seed=3)
    assert low.tolist() == high.tolist() == [1, 1, 3]

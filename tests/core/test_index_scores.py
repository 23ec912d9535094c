"""One slice of a composite index: parts that add up, components published together, ranks, what moved."""

from decimal import Decimal as D

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.composite import Component, IndexVersion
from indicators.core.index_scores import joined, moved, scored
from tests.core.strategies import array, same


def points(code, highest, **more):
    return Component(code, D(highest), highest=D(highest), **more)


#: As index 766: online services and payment are published apart or together.
ONLINE = points("online", 22, children=(points("services", 12), points("payment", 10)))
INDEX = IndexVersion("x", "1", D(40), (points("progress", 18), ONLINE))


def values(progress, services, payment, online):
    return {
        "progress": array(progress),
        "services": array(services),
        "payment": array(payment),
        "online": array(online),
    }


def test_what_is_published_together_stands_in_where_a_part_is_missing():
    found = scored(
        INDEX, values([10, 10, 10, 10], [6, None, 6, None], [5, 5, None, None], [9, 20, 20, None]), 4
    )
    same(found.score, [21, 30, 30, None])
    same(found.rank, [3, 1, 1, None])
    same(found.contributions["online"], [11, 20, 20, None])
    same(found.contributions["services"], [6, None, 6, None])


def test_an_unpublished_weight_leaves_scores_and_contributions_missing():
    index = IndexVersion("x", "1", D(1), (Component("a", None), Component("b", None)))
    found = scored(index, {"a": array([1, 0]), "b": array([1, 1])}, 2)
    for numbers in (found.score, found.rank, found.rank_p5, found.rank_p95, found.contributions["a"]):
        same(numbers, [None, None])


def test_unpublished_weights_inside_a_published_whole_do_not_matter():
    parts = (Component("services", None), Component("payment", None))
    index = IndexVersion("x", "1", D(40), (points("progress", 18), points("online", 22, children=parts)))
    found = scored(index, values([10], [1], [1], [20]), 1)
    same(found.score, [30])
    same(found.contributions["services"], [None])


def test_a_component_of_no_weight_needs_no_value():
    index = IndexVersion("x", "1", D(10), (Component("a", D(3)), Component("nothing", D(0))))
    found = scored(index, {"a": array([0.5]), "nothing": array([None])}, 1)
    same(found.score, [5])
    same(found.contributions["nothing"], [0])


def test_moves_are_those_of_the_component_as_a_whole_where_only_one_period_has_its_parts():
    before = INDEX, values([10, 10], [None, 6], [None, 5], [20, None])
    now = INDEX, values([12, 12], [6, 6], [5, 5], [None, None])
    change = moved(before, now)
    same(change.change, [-7, 2])
    same(change.by_value["online"], [-9, 0])
    assert moved((IndexVersion("x", "0", D(40), (Component("progress", None),)), before[1]), now) is None


NUMBER = st.one_of(st.none(), st.integers(0, 10))
ROW = st.lists(NUMBER, min_size=3, max_size=3)


@given(ROW, ROW, ROW, ROW)
def test_contributions_add_up_at_every_level(progress, services, payment, online):
    given_values = values(progress, services, payment, online)
    found = scored(INDEX, given_values, 3)
    parts = found.contributions
    same(found.score, parts["progress"] + parts["online"])
    whole = ~np.isnan(given_values["services"] + given_values["payment"])
    same(parts["online"][whole], (parts["services"] + parts["payment"])[whole])
    assert np.all((found.rank_p5 <= found.rank_p95) | np.isnan(found.score))


def test_joining_leaves_the_given_values_alone():
    given_values = values([1], [2], [3], [4])
    index, found = joined(INDEX, given_values)
    assert [node.children for node in index.components] == [(), ()]
    same(found["online"], [5])
    same(given_values["online"], [4])
    assert pytest.approx(5) == found["online"][0]

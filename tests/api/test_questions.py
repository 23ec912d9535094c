"""What was asked before is neither parsed nor planned again, and still answered with what is true now."""

from __future__ import annotations

import pytest
from django.db import connection

from api import statements
from tests.cast import committed, make_province, state

ADDRESS = "observations/?province=ha-giang&period=2021-H1"


@pytest.fixture
def figure(cast):
    return state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")


def _values(api, address=ADDRESS):
    return [row["value"] for row in api.rows(address)]


@pytest.fixture
def unshelved(settings):
    """Answers are written anew each time."""
    settings.API_CACHED_MIB = 0


def test_the_third_time_it_is_planned_already(unshelved, api, figure, django_assert_num_queries):
    first, second = api.rows(ADDRESS), api.rows(ADDRESS)
    with django_assert_num_queries(2) as asked:
        assert api.rows(ADDRESS) == second == first
    assert asked[1]["sql"].startswith("EXECUTE")


def test_the_answer_is_what_is_true_now(unshelved, api, cast, figure):
    assert [float(_values(api)[0]) for _ in range(3)] == [92.3] * 3
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93")
    committed()
    assert [float(value) for value in _values(api)] == [93.0]


def test_a_code_that_another_province_took_is_looked_up_again(unshelved, api, cast, figure):
    assert len(_values(api)) == len(_values(api)) == 1
    cast.ha_giang.slug = "ha-giang-2025"
    cast.ha_giang.save()
    make_province("ha-giang", "99", "Hà Giang", "Ha Giang")
    committed()
    assert _values(api) == []


def test_other_values_are_other_questions(unshelved, api, cast, figure):
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "50")
    for _ in range(3):
        assert len(_values(api)) == 1
        assert len(_values(api, ADDRESS.replace("ha-giang", "cao-bang"))) == 1
        assert len(_values(api, "observations/?page_size=1")) == 1
        assert set(api.read(f"{ADDRESS}&shape=columns")["results"]["value"]) == set(_values(api))


def test_a_connection_keeps_so_many_plans(unshelved, api, cast, figure, monkeypatch):
    monkeypatch.setattr(statements, "_MOST", 2)
    for size in (1, 2, 3, 4):
        for _ in range(3):
            assert len(_values(api, f"observations/?page_size={size}&shape=records")) == 1
        assert len(_values(api, f"observations/?simulated=all&page_size={size}")) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone()[0] <= 2

"""ETag, Last-Modified and 304: true after every kind of change, and cheap."""

from __future__ import annotations

import pytest
from django.utils import timezone

from api.freshness import current_generation
from indicators.models import Category, PendingRecompute, RecomputeRun, Target
from tests.cast import make_indicator, make_province, make_source, state

ADDRESS = "observations/?province=ha-giang"


@pytest.fixture
def figure(cast):
    return state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")


def _again(api, first, address=ADDRESS, **headers):
    return api.get(address, headers={"If-None-Match": first["ETag"], **headers})


def test_the_same_copy_is_not_sent_twice(api, figure):
    first = api.get(ADDRESS)
    assert first["ETag"].startswith('"') and first["Last-Modified"] and "public" in first["Cache-Control"]
    again = _again(api, first)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_a_proxy_may_have_weakened_the_etag(api, figure):
    first = api.get(ADDRESS)
    again = api.get(ADDRESS, headers={"If-None-Match": f'"other", W/{first["ETag"]}'})
    assert again.status_code == 304


def test_304_asks_one_question_and_not_the_facts(api, figure, django_assert_num_queries):
    first = api.get(ADDRESS)
    with django_assert_num_queries(1) as asked:
        _again(api, first)
    assert "indicators_observation" not in asked[0]["sql"]


def test_addresses_and_formats_have_etags_of_their_own(api, figure):
    addresses = [ADDRESS, "observations/", ADDRESS + "&shape=columns", ADDRESS + "&format=csv", "provinces/"]
    assert len({api.get(address)["ETag"] for address in addresses}) == len(addresses)
    assert api.get(ADDRESS, headers={"Accept": "text/csv"})["ETag"] != api.get(ADDRESS)["ETag"]
    assert "Accept" in api.get(ADDRESS)["Vary"]


def test_a_publication_makes_the_answer_new(api, cast, figure):
    first = api.get(ADDRESS)
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93")
    assert _again(api, first).status_code == 200


def test_a_recomputation_makes_the_answer_new(api, figure):
    first = api.get("aggregates/")
    PendingRecompute.objects.all().delete()  # as the worker does, in the transaction of its result
    assert _again(api, first, "aggregates/").status_code == 200


def test_a_run_that_begins_and_ends_makes_the_answer_new(api, figure):
    first = api.get("recompute-runs/")
    run = RecomputeRun.objects.create(cause="test", scope="pending", started_at=timezone.now())
    second = _again(api, first, "recompute-runs/")
    assert second.status_code == 200
    run.finished_at, run.result = timezone.now(), "done"
    run.save()
    assert _again(api, second, "recompute-runs/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda: make_indicator("new", "count", "count", "none", "cái", "pieces"),
        lambda: make_source("new", "Mới"),
        lambda: make_province("moi", "99", "Mới", "New"),
        lambda: Category.objects.update(name_en="Renamed"),
        lambda: Target.objects.all().delete(),
    ],
)
def test_a_change_of_reference_data_makes_the_answer_new(db, change):
    """One change a test: within a transaction only the first leaves a mark."""
    before = current_generation().name
    change()
    assert current_generation().name != before


def test_a_date_is_enough_once_everything_is_computed(api, figure):
    first = api.get(ADDRESS)
    since = {"If-Modified-Since": first["Last-Modified"]}
    assert api.get(ADDRESS, headers=since).status_code == 200  # the outbox is not empty
    PendingRecompute.objects.all().delete()
    assert api.get(ADDRESS, headers=since).status_code == 304
    assert api.get(ADDRESS, headers=since | {"If-None-Match": '"other"'}).status_code == 200


def test_a_date_does_not_make_a_bad_address_good(api, figure):
    PendingRecompute.objects.all().delete()
    since = {"If-Modified-Since": api.get(ADDRESS)["Last-Modified"]}
    assert api.get("observations/?what=1", headers=since).status_code == 400


def test_problems_are_not_kept(api, cast):
    response = api.get("observations/?what=1")
    assert response["Cache-Control"] == "no-store" and "ETag" not in response

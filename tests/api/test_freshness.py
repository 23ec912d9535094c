"""ETag, Last-Modified and 304: exactly the answers that a change affects are new, and asking is cheap."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from api import freshness
from api.generations import Change, Slice, generations
from indicators.models import Aggregate, Category, Contradiction, RecomputeRun, Standing, Target
from indicators.services.publishing import withdraw
from indicators.services.recomputing import drain_pending
from indicators.services.removing_simulated import remove_simulated
from tests.api.conftest import another_connection
from tests.cast import committed, make_indicator, make_period, make_province, make_source, state
from tests.services.conftest import backend

ADDRESS = "observations/?province=ha-giang"


@pytest.fixture
def figure(cast):
    figure = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    committed()
    return figure


def _again(api, first, address=ADDRESS, **headers):
    return api.get(address, headers={"If-None-Match": first["ETag"], **headers})


def _made_new(api, change, *addresses):
    """Those of ``addresses`` that are new after the change."""
    before = {address: api.get(address) for address in addresses}
    change()
    committed()
    return [address for address, first in before.items() if _again(api, first, address).status_code == 200]


def test_the_same_copy_is_not_sent_twice(api, figure):
    first = api.get(ADDRESS)
    assert first["ETag"].startswith('"') and first["Last-Modified"] and "public" in first["Cache-Control"]
    again = _again(api, first)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])


def test_a_proxy_may_have_weakened_the_etag(api, figure):
    first = api.get(ADDRESS)
    again = api.get(ADDRESS, headers={"If-None-Match": f'"other", W/{first["ETag"]}'})
    assert again.status_code == 304


def test_any_copy_is_as_good_as_the_one_there_is(api, figure):
    assert api.get(ADDRESS, headers={"If-None-Match": "*"}).status_code == 304


def test_304_does_not_ask_the_facts(api, figure, django_assert_num_queries):
    first = api.get(ADDRESS)
    with django_assert_num_queries(1) as asked:  # the newest change
        _again(api, first)
    assert not any("indicators_observation" in query["sql"] for query in asked)


def test_addresses_and_formats_have_etags_of_their_own(api, figure):
    addresses = [ADDRESS, "observations/", ADDRESS + "&shape=columns", ADDRESS + "&format=csv", "provinces/"]
    assert len({api.get(address)["ETag"] for address in addresses}) == len(addresses)
    assert api.get(ADDRESS, headers={"Accept": "text/csv"})["ETag"] != api.get(ADDRESS)["ETag"]
    assert {"Accept", "Accept-Encoding", "Authorization"} <= set(api.get(ADDRESS)["Vary"].split(", "))


OTHERS = (
    "observations/?province=cao-bang",
    "observations/?indicator=dossiers-received",
    "observations/?province=ha-giang&period=2020",
    "observations/?indicator=dossiers-on-time-rate&province=cao-bang,dien-bien&period=2021-H1",
    "aggregates/", "standings/?province=ha-giang", "provinces/", "indicators/", "sources/", "recompute-runs/",
)  # fmt: skip
AFFECTED = (
    ADDRESS, "observations/", "observations/?indicator=dossiers-on-time-rate,dossiers-received",
    "observations/?period=2021-H1&geography=63", "changes/", "changes/?province=ha-giang", "periods/",
    "contradictions/?province=ha-giang",
)  # fmt: skip


def test_a_publication_makes_new_what_shows_it_and_nothing_else(api, cast, figure):
    def correct():
        state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93")

    assert _made_new(api, correct, *AFFECTED, *OTHERS) == list(AFFECTED)


def test_so_does_a_withdrawal(api, figure):
    changed = _made_new(api, lambda: withdraw(observations=[figure], reason="Sai"), *AFFECTED, *OTHERS)
    assert changed == list(AFFECTED)


def test_a_new_period_and_a_new_document_leave_the_figures_as_they_are(api, figure):
    def come():
        make_period("2030")
        make_source("new", "Mới")

    assert _made_new(api, come, *AFFECTED, *OTHERS) == ["periods/", "sources/"]


def test_a_recomputation_makes_new_what_was_computed(api, cast, figure):
    state(cast, cast.ha_giang, cast.received, "2021-H1", "7")
    drain_pending(cause="test")
    committed()
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "90")
    committed()
    addresses = (
        "aggregates/", "aggregates/?indicator=dossiers-on-time-rate", "standings/?province=dien-bien",
        "recompute-runs/",
    )  # fmt: skip
    unrelated = ("aggregates/?indicator=dossiers-received", "aggregates/?period=2020", ADDRESS, "targets/")
    changed = _made_new(api, lambda: drain_pending(cause="test"), *addresses, *unrelated)
    assert changed == list(addresses)
    assert Aggregate.objects.exists() and Standing.objects.exists()


def test_a_contradiction_makes_new_the_figure_that_it_contradicts(api, figure):
    def contradict():
        Contradiction.objects.create(
            observation=figure, rule="percentage_against_counts", detected_at=timezone.now()
        )

    changed = _made_new(api, contradict, ADDRESS, "contradictions/", "observations/?province=cao-bang")
    assert changed == [ADDRESS, "contradictions/"]
    changed = _made_new(api, Contradiction.objects.all().delete, ADDRESS, "observations/?province=cao-bang")
    assert changed == [ADDRESS]


def test_a_rebuild_that_puts_something_right_makes_everything_computed_new(api, figure):
    run = RecomputeRun.objects.create(cause="test", scope="full", started_at=timezone.now())
    committed()

    def end():
        run.differences, run.result = 1, "done"
        run.save()

    assert _made_new(api, end, "standings/", "recompute-runs/", ADDRESS) == ["standings/", "recompute-runs/"]


@pytest.mark.parametrize(
    "change",
    [
        lambda: make_indicator("new", "count", "count", "none", "cái", "pieces"),
        lambda: make_province("moi", "99", "Mới", "New"),
        lambda: Category.objects.update(name_en="Renamed"),
        remove_simulated,
    ],
)
def test_whatever_else_changes_makes_every_figure_new(api, figure, change):
    assert _made_new(api, change, ADDRESS, "standings/") == [ADDRESS, "standings/"]


def test_targets_are_in_their_own_answers(api, figure):
    assert _made_new(api, Target.objects.all().delete, ADDRESS, "targets/") == ["targets/"]


def test_targets_are_told_by_figures_and_by_no_more_of_them_than_are_asked_for(api, cast, figure):
    other = "targets/?province=dien-bien"
    publish = partial(state, cast, cast.cao_bang, cast.on_time, "2021", "90")
    assert _made_new(api, publish, "targets/", other) == ["targets/"]


def test_the_schema_lists_what_there_is(api, figure):
    first = api.get("schema/")
    assert _again(api, first, "schema/").status_code == 304
    make_source("brand-new", "Mới")
    committed()
    assert "brand-new" in _again(api, first, "schema/").content.decode()


def test_a_date_is_enough_once_its_second_is_over(api, figure, monkeypatch):
    monkeypatch.setattr(freshness.time, "time", lambda: 0.0)
    at_once = {"If-Modified-Since": api.get(ADDRESS)["Last-Modified"]}
    assert api.get(ADDRESS, headers=at_once).status_code == 200
    monkeypatch.setattr(freshness.time, "time", lambda: 4e9)
    since = {"If-Modified-Since": api.get(ADDRESS)["Last-Modified"]}
    assert api.get(ADDRESS, headers=since).status_code == 304
    assert api.get(ADDRESS, headers=since | {"If-None-Match": '"other"'}).status_code == 200
    assert api.get("observations/?what=1", headers=since).status_code == 400


def test_problems_are_not_kept(api, cast):
    response = api.get("observations/?what=1")
    assert response["Cache-Control"] == "no-store" and "ETag" not in response


def test_a_slice_meets_a_change_that_says_nothing_of_a_dimension():
    change = Change(1, timezone.now(), "facts", frozenset({1, 2}), None, frozenset({"2021"}))
    facts = Slice.of(frozenset({"facts"}), {"indicator": [2], "province": [9], "period": None})
    assert facts.holds(change)
    assert not Slice.of(frozenset({"facts"}), {"indicator": [3]}).holds(change)
    assert not Slice.of(frozenset({"computed"}), {}).holds(change)
    assert Slice.of(None, {"indicator": [3]}).holds(change)  # nothing is known of what it shows


@pytest.mark.django_db(transaction=True)
def test_changes_are_numbered_in_the_order_of_their_commits():
    """The one noted first is committed last: whoever saw the other's number has not passed it by."""
    first, second = (another_connection() for _ in range(2))
    for writer in (first, second):
        with writer.cursor() as cursor:
            cursor.execute("SELECT api_note_change('runs')")
    second.commit()
    before = generations.refresh()
    first.commit()
    assert generations.refresh() > before
    assert generations.of(Slice(frozenset({"runs"}))).number == generations.newest
    for writer in (first, second):
        writer.close()


@pytest.mark.django_db(transaction=True)
def test_numbers_never_begin_again(db):
    with another_connection() as writer, writer.cursor() as cursor:
        cursor.execute("TRUNCATE api_datachange, api_datastate; SELECT api_note_change('runs')")
    writer.close()
    year = timedelta(days=365).total_seconds()
    assert generations.refresh() / 1e6 > time.time() - year


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_meanwhile_is_made_anew(api):
    assert api.get("observations/").status_code == 200
    with another_connection() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend()])
    other.close()
    assert api.get("observations/").status_code == 200

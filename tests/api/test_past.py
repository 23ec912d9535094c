"""``as_of`` on what is computed, and ``geography`` on facts: true as of that day, in those provinces."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from indicators.models import CompositeIndex, IndexComponent, Indicator
from indicators.services.recomputing import drain_pending
from indicators.services.reference.applying import mark_out_of_date
from provinces.models import Region
from tests.api.test_indices import make_index
from tests.cast import committed, make_source, state


@pytest.fixture
def corrected(cast):
    """Two provinces with 90 and 80; then the first is corrected to 70. The instant between."""
    first = state(cast, cast.cao_bang, cast.on_time, "2021", "90.0")
    state(cast, cast.dien_bien, cast.on_time, "2021", "80.0")
    second = state(cast, cast.cao_bang, cast.on_time, "2021", "70.0")
    drain_pending(cause="test")
    committed()
    state(cast, cast.ha_giang, cast.received, "2021", "1")  # of another indicator
    return quote((second.recorded_at - (second.recorded_at - first.recorded_at) / 1000).isoformat())


def _ranks(api, query=""):
    rows = api.rows(f"standings/?indicator=dossiers-on-time-rate&group=nation&geography=63{query}")
    return {row["province"]: (row["value"], row["rank"]) for row in rows}


def test_ranks_and_means_are_those_of_that_instant(api, corrected):
    assert _ranks(api) == {"cao-bang": (70, 2), "dien-bien": (80, 1)}
    assert _ranks(api, f"&as_of={corrected}") == {"cao-bang": (90, 1), "dien-bien": (80, 2)}
    address = f"aggregates/?group=nation&geography=63&period=2021&as_of={corrected}"
    assert [row["mean"] for row in api.rows(address)] == [85]
    assert _ranks(api) == {"cao-bang": (70, 2), "dien-bien": (80, 1)}, "nothing of it stays"


def test_before_anything_was_published_there_is_nothing(api, corrected):
    yesterday = timezone.localdate() - timedelta(days=1)
    for resource in ("aggregates/", "standings/", "contradictions/", "observations/"):
        assert api.rows(f"{resource}?as_of={yesterday}") == []


@pytest.mark.parametrize("resource", ["aggregates/", "standings/"])
def test_today_is_what_there_is_now_in_the_same_shape(api, corrected, resource):
    drain_pending(cause="test")
    now, then = (api.rows(f"{resource}{query}") for query in ("", f"?as_of={timezone.localdate()}"))
    for row in (*now, *then):
        row["computed_at"] = None
    key = str
    assert sorted(then, key=key) == sorted(now, key=key) and len(now) > 3


def test_pages_and_files_are_of_that_instant_too(api, corrected):
    address = f"standings/?indicator=dossiers-on-time-rate&as_of={corrected}"
    first = api.read(f"{address}&page_size=1")
    second = api.read(first["next"].partition("/api/v1/")[2])
    rows = api.rows(address)
    assert [first["results"][0], second["results"][0]] == rows[:2]
    text = api.csv(f"{address}&format=csv").removeprefix("\ufeff")
    assert [row["value"] for row in csv.DictReader(io.StringIO(text))] == [str(row["value"]) for row in rows]


def test_what_is_past_is_not_made_new_by_what_is_published_now(api, cast, corrected):
    past, today = f"standings/?as_of={corrected}", f"standings/?as_of={timezone.localdate()}"
    before = {address: api.get(address) for address in (past, today)}
    state(cast, cast.cao_bang, cast.on_time, "2021", "60.0")
    committed()
    for address, status in ((past, 304), (today, 200)):
        answer = api.get(address, headers={"If-None-Match": before[address]["ETag"]})
        assert answer.status_code == status
    assert api.get(past).content == before[past].content


def test_definitions_are_those_of_that_instant_and_the_copy_stays_true(api, cast, corrected):
    """A direction, a unit, a code and a region change: what is past neither follows nor is made new."""
    address = f"standings/?indicator=dossiers-on-time-rate&group=nation&geography=63&as_of={corrected}"
    of_region = f"aggregates/?group=region:northern-midlands-and-mountains&geography=63&as_of={corrected}"
    before = {url: api.get(url) for url in (address, of_region, f"observations/?as_of={corrected}")}
    assert len(before) == 3 and api.rows(of_region)
    Indicator.objects.filter(pk=cast.on_time.pk).update(direction="lower", code="renamed", unit_en="share")
    Region.objects.filter(geography=cast.geography_63).update(code="renamed")
    mark_out_of_date(None)
    drain_pending(cause="test")
    committed()
    now = api.rows("standings/?indicator=renamed&group=nation&geography=63")
    assert {row["province"]: row["rank"] for row in now} == {"cao-bang": 1, "dien-bien": 2}
    api.problem("standings/?indicator=dossiers-on-time-rate")
    for url, answer in before.items():
        assert api.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        again = api.get(url)
        assert again.content == answer.content and again["ETag"] == answer["ETag"]
    assert api.problem(address.replace("dossiers-on-time-rate", "renamed"))["errors"]


def test_weights_are_those_of_that_instant(api, cast):
    make_index(cast)
    committed()
    before = quote(timezone.now().isoformat())
    address = "indices/own/scores/?province=cao-bang&period=2024&geography=63"
    then = api.rows(f"{address}&as_of={before}")[0]
    IndexComponent.objects.filter(rule="share_of_maximum").update(weight=9, name_en="Renamed")
    mark_out_of_date(None)
    drain_pending(cause="test")
    committed()
    now = api.rows(address)[0]
    assert api.rows(f"{address}&as_of={before}")[0] == then
    assert now["score"] != then["score"] and "Renamed" in str(now) and "Renamed" not in str(then)
    CompositeIndex.objects.update(code="renamed")
    committed()
    assert api.rows(f"{address}&as_of={before}")[0] == then
    api.problem(address, 404)


def test_an_answer_of_the_past_costs_few_queries(api, cast, corrected, django_assert_max_num_queries):
    Indicator.objects.update(direction="lower")
    Region.objects.update(name_en="-")
    committed()
    address = f"standings/?indicator=dossiers-on-time-rate&as_of={corrected}"
    with django_assert_max_num_queries(60):
        api.rows(address)
    with django_assert_max_num_queries(45):
        api.rows(f"{address}&page_size=1")


def test_scores_are_those_of_that_instant(api, cast):
    make_index(cast)
    committed()
    before = timezone.now().isoformat()
    state(cast, cast.cao_bang, cast.on_time, "2024", "9")
    drain_pending(cause="test")
    committed()
    address = "indices/own/scores/?province=cao-bang&period=2024&geography=63"
    then, now = api.rows(f"{address}&as_of={quote(before)}")[0], api.rows(address)[0]
    assert then["score"] == 75 and now["score"] < 75


def test_real_and_simulated_figures_of_the_past_stand_beside_each_other(api, cast):
    made_up = make_source("simulated", "Mô phỏng", simulated=True)
    state(cast, cast.cao_bang, cast.on_time, "2021", "90")
    state(cast, cast.cao_bang, cast.on_time, "2021", "10", source=made_up)
    committed()
    address = f"standings/?group=nation&geography=63&as_of={timezone.localdate()}&simulated="
    found = {kind: {row["value"] for row in api.rows(address + kind)} for kind in ("false", "true", "all")}
    assert found == {"false": {90}, "true": {10}, "all": {90, 10}}


@pytest.fixture
def merged(cast):
    """Counts of both predecessors of Tuyên Quang, a percentage of one, and figures of who stayed."""
    for province, value in ((cast.ha_giang, "100"), (cast.old_tuyen_quang, "20")):
        state(cast, province, cast.received, "2021", value)
    state(cast, cast.ha_giang, cast.on_time, "2021", "92.3")
    state(cast, cast.cao_bang, cast.on_time, "2021", "89", source=make_source("other", "Khác"))
    state(cast, cast.cao_bang, cast.on_time, "2021", "90.00", as_stated="90,00%", status="provisional")
    drain_pending(cause="test")
    return cast


def test_figures_of_a_geography_are_reported_restated_or_missing_with_the_reason(api, merged):
    rows = {(row["province"], row["indicator"]): row for row in api.rows("observations/?geography=34")}
    assert set(rows) == {
        ("tuyen-quang", "dossiers-received"), ("tuyen-quang", "dossiers-on-time-rate"),
        ("cao-bang", "dossiers-on-time-rate"),
    }  # fmt: skip
    summed = rows["tuyen-quang", "dossiers-received"]
    assert (summed["value"], summed["restated"], summed["source"]) == (120, True, None)
    assert (summed["province_code"], summed["covered_share"], summed["id"]) == ("08", 1, None)
    missing = rows["tuyen-quang", "dossiers-on-time-rate"]
    assert (missing["value"], missing["missing_reason"]) == (None, "predecessor_missing")


def test_a_figure_reported_in_the_geography_is_the_fact_itself(api, merged):
    row = api.rows("observations/?geography=34&province=cao-bang")[0]
    fact = next(row for row in api.rows("observations/?province=cao-bang") if row["as_stated"])
    assert row == fact and str(row["value"]) == "90.00"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("geography=63", 4), ("geography=34", 3), ("geography=34&status=provisional", 1),
        ("geography=34&source=other", 0), ("geography=34&indicator=dossiers-received", 1),
        ("geography=34&period=2021", 3), ("geography=34&period=2020", 0), ("geography=34&category=online", 0),
        ("geography=34&updated_after=2030-01-01", 0), ("geography=34&simulated=true", 0),
        ("as-reported", 5), ("geography=as-reported", 5),
    ],
)  # fmt: skip
def test_every_filter_holds_in_a_geography(api, merged, query, expected):
    query = "" if query == "as-reported" else query
    assert len(api.rows(f"observations/?{query}")) == expected


def test_a_geography_as_of_an_instant(api, merged):
    then = quote(timezone.now().isoformat())
    state(merged, merged.ha_giang, merged.received, "2021", "300")
    drain_pending(cause="test")
    address = "observations/?geography=34&province=tuyen-quang&indicator=dossiers-received"
    assert [row["value"] for row in api.rows(address)] == [320]
    assert [row["value"] for row in api.rows(f"{address}&as_of={then}")] == [120]


def test_another_province_s_figure_makes_a_restated_one_new(api, merged):
    committed()
    address = "observations/?geography=34&province=tuyen-quang"
    before = api.get(address)["ETag"]
    state(merged, merged.ha_giang, merged.received, "2021", "300")
    drain_pending(cause="test")
    committed()
    assert api.get(address)["ETag"] != before

"""Composite indices: versions with their components, scores with their parts and with what moved them."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from indicators.models import CompositeIndex, IndexComponent
from indicators.services.recomputing import _recompute_next, drain_pending
from tests.cast import committed, make_indicator, state


def make_index(cast):
    """``service`` (3 of 4: ``on-time`` 2, ``late`` 1) and ``received`` (1 of 4), best 100."""
    index = CompositeIndex.objects.create(
        code="own", version="1", scale=Decimal(100), total=cast.received, weights="published",
        name_vi="Chỉ số", name_en="Index", legal_basis="1/QĐ",
    )  # fmt: skip
    late = make_indicator("late-days", "count", "count", "lower", "ngày", "days")
    named = {"name_vi": "Phần", "name_en": "Part", "index": index}
    group = IndexComponent.objects.create(code="service", rule="parts", weight=3, **named)
    leaf = {"rule": "share_of_maximum", **named}
    IndexComponent.objects.create(
        code="on-time", weight=2, highest=90, indicator=cast.on_time, parent=group, position=1, **leaf
    )
    IndexComponent.objects.create(
        code="late", weight=1, lowest=30, highest=0, indicator=late, parent=group, position=2,
        **leaf | {"rule": "min_max"},
    )  # fmt: skip
    IndexComponent.objects.create(
        code="received", weight=1, highest=1000, indicator=cast.received, position=3, **leaf
    )
    for province, year, values in (
        (cast.cao_bang, "2023", ("45", "15", "500")), (cast.cao_bang, "2024", ("99", "15", "500")),
        (cast.dien_bien, "2024", ("90", "30", "100")), (cast.ha_giang, "2024", ("90", None, "100")),
    ):  # fmt: skip
        for indicator, value in zip((cast.on_time, late, cast.received), values, strict=True):
            if value is not None:
                state(cast, province, indicator, year, value)
    drain_pending(cause="test")
    return index


@pytest.fixture
def index(cast):
    return make_index(cast)


def test_a_version_shows_its_components_and_weights(api, index):
    row = api.rows("indices/")[0]
    assert (row["code"], row["weights"], row["total"], row["scale"]) == (
        "own",
        "published",
        "dossiers-received",
        100,
    )
    parents = {part["code"]: (part["parent"], part["weight"]) for part in row["components"]}
    assert parents == {
        "service": (None, 3),
        "on-time": ("service", 2),
        "late": ("service", 1),
        "received": (None, 1),
    }


def test_parts_add_up_to_the_score_and_moves_to_the_change(api, index):
    row = api.rows("indices/own/scores/?province=cao-bang&period=2024&geography=63")[0]
    assert (row["version"], row["rank"], row["rank_of"]) == ("1", 1, 2)
    assert row["rank_p5"] <= row["rank"] <= row["rank_p95"]
    service, received = row["parts"]
    assert [part["code"] for part in service["parts"]] == ["on-time", "late"]
    assert float(row["score"]) == pytest.approx(75 * 2.5 / 3 + 12.5)
    for parts, whole in ((row["parts"], row["score"]), (service["parts"], service["contribution"])):
        assert float(sum(part["contribution"] for part in parts)) == pytest.approx(float(whole))
    moved = [part[name] for part in row["parts"] for name in ("by_value", "by_weight")]
    assert float(sum(moved)) == pytest.approx(float(row["change"])) == pytest.approx(25)
    assert (received["value"], received["indicator"], received["parts"]) == (500, "dossiers-received", [])


def test_a_score_that_cannot_be_computed_is_null(api, index):
    row = api.rows("indices/own/scores/?province=ha-giang")[0]
    assert [row[name] for name in ("score", "complete", "rank", "change")] == [None, False, None, None]
    assert row["parts"][0]["parts"][1]["value"] is None


def test_scores_come_newest_first_the_best_first(api, index):
    rows = api.rows("indices/own/scores/?geography=63")
    assert [(row["period"], row["province"]) for row in rows] == [
        ("2024", "cao-bang"), ("2024", "dien-bien"), ("2024", "ha-giang"), ("2023", "cao-bang"),
    ]  # fmt: skip
    assert {row["geography"] for row in api.rows("indices/own/scores/")} == {"63", "34"}
    assert api.rows("indices/own/scores/?simulated=true") == []


def test_an_index_that_is_none(api, index):
    assert api.problem("indices/none/scores/", 404)["type"].endswith("/not-found/")
    assert api.problem("indices/own/scores/?group=nation")["parameter"] == "group"


@pytest.mark.parametrize("model", [CompositeIndex, IndexComponent])
@pytest.mark.parametrize("address", ["indices/", "indices/own/scores/?period=2024"])
def test_another_weight_makes_answers_new(api, index, model, address):
    committed()
    before = api.get(address)["ETag"]
    assert api.get(address)["ETag"] == before
    model.objects.update(name_en="Renamed")
    committed()
    assert api.get(address)["ETag"] != before


def test_a_component_of_the_period_before_makes_its_scores_new(api, cast, index):
    committed()
    address = "indices/own/scores/?period=2024&province=cao-bang"
    before = api.get(address)
    state(cast, cast.cao_bang, cast.on_time, "2023", "54")
    drain_pending(cause="test")
    committed()
    after = api.get(address)
    assert after["ETag"] != before["ETag"] and after.content != before.content


def test_scores_that_are_written_after_their_figures_make_answers_new(api, cast, index):
    address = "indices/own/scores/?period=2024&province=cao-bang"
    state(cast, cast.cao_bang, cast.on_time, "2024", "45")
    _recompute_next()
    committed()
    between = api.get(address)
    drain_pending(cause="test")
    committed()
    after = api.get(address)
    assert after["ETag"] != between["ETag"] and after.content != between.content


def test_scores_open_as_a_workbook_with_their_parts(api, index):
    answer = api.get("indices/own/scores/?format=xlsx")
    assert answer.status_code == 200
    header, *rows = load_workbook(io.BytesIO(answer.getvalue()))["data"].iter_rows(values_only=True)
    parts = [json.loads(row[header.index("parts")]) for row in rows]
    assert [[part["code"] for part in one] for one in parts] == [["service", "received"]] * len(rows)

"""Published facts: the fields of the contract, numbers as stated, every filter, what was true then."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from indicators.models import Contradiction, Observation
from indicators.services.publishing import withdraw
from tests.cast import make_source, state

FIELDS = [
    "province", "province_code", "indicator", "period", "period_start", "period_end", "category", "value",
    "unit", "numerator", "denominator", "lower", "upper", "qualifier", "status", "missing_reason",
    "as_stated", "derived", "restated", "simulated", "source", "contradictions", "recorded_at",
    "superseded_at",
]  # fmt: skip


def test_a_row_begins_with_the_fields_of_the_contract_in_their_order(api, cast):
    state(cast, cast.ha_giang, cast.received, "2021-H1", "74278")
    assert list(api.rows("observations/")[0])[: len(FIELDS)] == FIELDS


def test_a_row_says_what_was_stated(api, cast):
    state(
        cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3",
        as_stated="hơn 92,3%", qualifier="more_than", place="đoạn 2", numerator=Decimal("923"),
        denominator=Decimal("1000"),
    )  # fmt: skip
    row = api.rows("observations/")[0]
    expected = {
        "province": "ha-giang", "province_code": "02", "indicator": "dossiers-on-time-rate",
        "period": "2021-H1", "period_start": "2021-01-01", "period_end": "2021-06-30", "category": None,
        "value": Decimal("92.3"), "unit": "%", "numerator": 923, "denominator": 1000,
        "lower": Decimal("92.3"), "upper": Decimal("92.4"), "qualifier": "more_than", "status": "final",
        "missing_reason": None, "as_stated": "hơn 92,3%", "derived": False, "restated": False,
        "simulated": False, "source": "ha-giang-2021", "contradictions": [], "superseded_at": None,
        "place": "đoạn 2", "confidence": "read",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("written", ["72.63", "1.0000", "0", "100", "92.30"])
def test_a_number_is_written_with_the_digits_it_was_stated_with(api, cast, written):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", written)
    assert f'"value":{written},' in api.get("observations/").content.decode()


def test_a_missing_value_is_null_and_says_why(api, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", None, missing_reason="not_reported")
    row = api.rows("observations/")[0]
    assert (row["value"], row["missing_reason"]) == (None, "not_reported")


def test_a_contradicted_figure_names_the_rules_that_it_breaks(api, cast):
    observation = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "7")
    for rule in ("percentage_against_counts", "parts_against_whole"):
        Contradiction.objects.create(observation=observation, rule=rule, detected_at=timezone.now())
    assert api.rows("observations/")[0]["contradictions"] == [
        "parts_against_whole",
        "percentage_against_counts",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 5),
        ("province=ha-giang", 3),
        ("province=ha-giang,cao-bang", 4),
        ("province=ha-giang&province=cao-bang", 4),
        ("indicator=dossiers-received", 3),
        ("period=2021-H1", 4),
        ("period=2021-YTD-06", 4),
        ("period=2021-H1,2025-Q3", 5),
        ("period=2001", 0),
        ("from=2025-01-01", 1),
        ("from=2021-H1&to=2021", 4),
        ("to=2021-06-29", 0),
        ("category=online", 1),
        ("category=none", 4),
        ("category=none,online", 5),
        ("status=provisional", 1),
        ("status=provisional,final", 5),
        ("source=other-2021", 1),
        ("geography=as-reported", 5),
        ("updated_after=2020-01-01T00:00:00Z", 5),
        ("updated_after=2030-01-01", 0),
        ("simulated=true", 1),
        ("simulated=all", 6),
    ],
)
def test_filters_select(api, cast, query, expected):
    other, made_up = make_source("other-2021", "Khác"), make_source("simulated", "Mô phỏng", simulated=True)
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    state(cast, cast.ha_giang, cast.received, "2021-H1", "74278")
    state(cast, cast.ha_giang, cast.received, "2021-H1", "3215", category=cast.online)
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "90", source=other, status="provisional")
    state(cast, cast.tuyen_quang, cast.received, "2025-Q3", "5", source=cast.report)
    state(cast, cast.dien_bien, cast.received, "2021-H1", "1", source=made_up)
    assert len(api.rows(f"observations/?{query}")) == expected


def test_a_corrected_figure_is_shown_once_and_as_it_was_before_when_asked(api, cast):
    first = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    second = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93.1")
    between = second.recorded_at - (second.recorded_at - first.recorded_at) / 2
    assert [row["value"] for row in api.rows("observations/")] == [Decimal("93.1")]
    then = api.rows(f"observations/?as_of={between.isoformat().replace('+', '%2B')}")
    assert [(row["value"], row["superseded_at"]) for row in then] == [(Decimal("92.3"), None)]


def test_a_date_means_its_end_in_vietnam(api, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    today = timezone.localdate()
    assert len(api.rows(f"observations/?as_of={today}")) == 1
    assert api.rows(f"observations/?as_of={today - timedelta(days=1)}") == []


def test_what_will_be_true_is_not_known(api, cast):
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert api.problem(f"observations/?as_of={tomorrow}", 404)["parameter"] == "as_of"


def test_changes_tell_what_was_recorded_corrected_and_withdrawn_in_order(api, cast):
    first = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    second = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93.1")
    withdraw(observations=Observation.objects.current(), reason="Nhầm kỳ")
    rows = api.rows("changes/")
    assert [row["change"] for row in rows] == ["recorded", "corrected", "withdrawn"]
    assert [row["supersedes"] for row in rows] == [None, first.pk, second.pk]
    assert [row["superseded_at"] is None for row in rows] == [False, False, True]
    assert [row["id"] for row in api.rows(f"changes/?after={first.pk}")] == [second.pk, rows[-1]["id"]]


def test_following_the_feed_gives_every_row_once(api, cast):
    numbers = [state(cast, cast.ha_giang, cast.received, f"2021-{m:02}", "1").pk for m in range(1, 8)]
    seen, address = [], "changes/?page_size=3"
    while address:
        page = api.read(address)
        seen += [row["id"] for row in page["results"]]
        address = (page["next"] or "").partition("/api/v1/")[2]
    assert seen == numbers

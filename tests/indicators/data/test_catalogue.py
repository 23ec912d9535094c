"""The catalogue says of every indicator what it is, in both languages, and all its references resolve."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from tests.indicators.data.files import (
    dimensions,
    dimensions_of,
    indicator_entries,
    indicators_by_code,
    links,
)

PILLARS = {
    *("digital-government", "digital-economy", "digital-society"),
    *("infrastructure", "human-resources", "cybersecurity", "institutions", "awareness", "composite"),
}
BODIES = {"mic-most", "vpcp", "undp-cecodes", "moha", "vcci", "vaip", "province"}
MEASURE_OF_KIND = {"ratio": "percent", "rate": "percent", "count": "count", "score": "score"}
CODE = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")

every_indicator = pytest.mark.parametrize("entry", indicator_entries(), ids=lambda entry: entry["code"])


def test_codes_are_unique_and_every_pillar_has_indicators():
    codes = Counter(entry["code"] for entry in indicator_entries())
    assert [code for code, times in codes.items() if times > 1] == []
    assert {entry["pillar"] for entry in indicator_entries()} == PILLARS


@every_indicator
def test_an_entry_is_whole_in_both_languages(entry):
    assert CODE.match(entry["code"]) and len(entry["code"]) <= 50
    assert entry["pillar"] == entry["file"]
    assert entry["measure"] == MEASURE_OF_KIND[entry["kind"]]
    assert entry["direction"] in {"higher", "lower", "none"}
    assert entry["compiled_by"] in BODIES
    for language in ("vi", "en"):
        assert entry[f"name_{language}"] and entry[f"definition_{language}"].endswith(".")
    if entry["measure"] == "percent":
        assert entry["unit"] == "%" and "unit_vi" not in entry
    else:
        assert entry["unit_vi"] and entry["unit_en"] and "unit" not in entry


@every_indicator
def test_a_ratio_names_what_is_counted_over_what(entry):
    if entry["kind"] != "ratio":
        return
    for part in ("numerator", "denominator"):
        assert entry[f"{part}_vi"] and entry[f"{part}_en"]
        if code := entry.get(f"{part}_indicator"):
            assert indicators_by_code()[code]["kind"] == "count"


@every_indicator
def test_bounds_and_validity_are_in_order(entry):
    assert entry["lower_bound"] < entry.get("upper_bound", float("inf"))
    assert entry.get("valid_from", date.min) < entry.get("valid_to", date.max)


@every_indicator
def test_dimensions_exist_and_their_categories_are_unambiguous(entry):
    codes = Counter(code for dimension in dimensions_of(entry) for code in dimensions()[dimension])
    assert [code for code, times in codes.items() if times > 1] == []


def test_categories_have_names_and_parents_of_their_own_dimension():
    for categories in dimensions().values():
        for category in categories.values():
            assert category["name_vi"] and category["name_en"]
            assert category.get("parent") in {None, *categories} - {category["code"]}


def test_links_join_known_definitions_and_say_why():
    for link in links():
        before = indicators_by_code()[link["predecessor"]]
        after = indicators_by_code()[link["successor"]]
        assert before["measure"] == after["measure"]
        assert link["comparable"] is False
        assert link["reason_vi"] and link["reason_en"]
        assert after["valid_from"] == link["date"]
        assert before["valid_to"] == link["date"] - timedelta(days=1)


def test_definitions_that_were_broken_stay_apart():
    pairs = {(link["predecessor"], link["successor"]) for link in links()}
    assert ("dvc-level4-rate", "dvc-full-rate") in pairs
    assert ("papi-total-6", "papi-total") in pairs
    assert ("dti-total-2020", "dti-total") in pairs


def test_the_overview_has_an_order():
    places = sorted(entry["headline"] for entry in indicator_entries() if "headline" in entry)
    assert places == list(range(1, len(places) + 1))
    assert 6 <= len(places) <= 8
    assert indicators_by_code()["dti-total"]["headline"] == 1

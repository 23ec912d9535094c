"""The five provincial reports, figure by figure: words and numbers agree, and every reference resolves."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from indicators.core.periods import parse_period
from tests.indicators.data.files import (
    category_of,
    dimensions,
    dimensions_of,
    indicators_by_code,
    reports,
)

# province, observations, targets
CONTENTS = {
    "cao-bang-2019": ("cao-bang", 22, 0),
    "dien-bien-2020": ("dien-bien", 16, 0),
    "ha-giang-2021": ("ha-giang", 17, 0),
    "soc-trang-2021": ("soc-trang", 32, 9),
    "thai-binh-2022": ("thai-binh", 8, 4),
}
WORDS = {
    "trên ": "more_than",
    "hơn ": "more_than",
    "gần ": "nearly",
    "dưới ": "less_than",
    "khoảng ": "about",
    "ước đạt ": "exact",
    "": "exact",
}
STATED = re.compile(r"^(?P<words>[^\d]*)(?P<digits>[\d.,]+)(?P<sign>%?)$")
PLACE = re.compile(r"^đoạn \d+, câu \d+( \(nêu hai lần\))?$")

OBSERVATIONS = [(code, fact) for code, report in reports().items() for fact in report["observations"]]
TARGETS = [(code, fact) for code, report in reports().items() for fact in report["targets"]]


def name(value):
    return value["indicator"] if isinstance(value, dict) else value


every_observation = pytest.mark.parametrize(("code", "fact"), OBSERVATIONS, ids=name)
every_target = pytest.mark.parametrize(("code", "fact"), TARGETS, ids=name)


def number(digits: str) -> Decimal:
    """Vietnamese digits: a comma before decimals, a point between thousands."""
    return Decimal(digits.replace(".", "").replace(",", "."))


def find(code: str, indicator: str, period: str, category: str | None = None) -> dict:
    found = [
        fact
        for fact in reports()[code]["observations"]
        if (fact["indicator"], fact["period"]) == (indicator, period)
        and (category_of(fact) or (None, None))[1] == category
    ]
    assert len(found) == 1, (indicator, period, category)
    return found[0]


@pytest.mark.parametrize("code", CONTENTS)
def test_a_report_says_where_it_comes_from_and_holds_what_was_counted(code):
    province, observations, targets = CONTENTS[code]
    report = reports()[code]
    source = report["source"]
    assert (source["code"], source["province"]) == (code, province)
    assert source["title"] and source["publisher"] and source["note_vi"] and source["note_en"]
    assert isinstance(source["published"], date) or source["published_note"]
    assert (len(report["observations"]), len(report["targets"])) == (observations, targets)


def test_there_are_five_reports():
    assert set(reports()) == set(CONTENTS)


@every_observation
def test_value_and_qualifier_are_those_of_the_words(code, fact):
    stated = STATED.match(fact["as_stated"])
    measure = indicators_by_code()[fact["indicator"]]["measure"]
    assert number(stated["digits"]) == Decimal(str(fact["value"]))
    assert WORDS[stated["words"]] == fact.get("qualifier", "exact")
    assert (stated["sign"] == "%") == (measure == "percent")
    assert fact.get("status", "final") == ("estimated" if stated["words"] == "ước đạt " else "final")


@every_observation
def test_counts_beside_a_percentage_are_those_of_the_words(code, fact):
    for part in ("numerator", "denominator"):
        if part in fact:
            parts = re.findall(r"[\d.,]+", fact[f"{part}_as_stated"])
            assert sum(number(digits) for digits in parts) == fact[part]
        else:
            assert f"{part}_as_stated" not in fact


@every_observation
def test_indicator_category_and_period_resolve(code, fact):
    indicator = indicators_by_code()[fact["indicator"]]
    period = parse_period(fact["period"])
    assert period.code == fact["period"]
    assert indicator.get("valid_from", date.min) <= period.start
    assert period.end <= indicator.get("valid_to", date.max)
    assert indicator["lower_bound"] <= fact["value"] <= indicator.get("upper_bound", float("inf"))
    if category := category_of(fact):
        assert category[0] in dimensions_of(indicator)
        assert category[1] in dimensions()[category[0]]


@pytest.mark.parametrize(("code", "fact"), OBSERVATIONS + TARGETS, ids=name)
def test_place_and_notes(code, fact):
    assert PLACE.match(fact["place"])
    assert ("note_vi" in fact) == ("note_en" in fact)


@pytest.mark.parametrize("code", CONTENTS)
def test_no_fact_is_given_twice(code):
    keys = Counter((f["indicator"], f["period"], category_of(f)) for f in reports()[code]["observations"])
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize("code", CONTENTS)
def test_what_is_not_loaded_says_why(code):
    assert all(
        skipped["text"] and skipped["place"] and skipped["why"] for skipped in reports()[code]["not_loaded"]
    )


@every_target
def test_a_target_has_a_known_indicator_a_day_and_a_basis(code, fact):
    assert fact["indicator"] in indicators_by_code()
    assert fact["due"] == {"soc-trang-2021": date(2021, 12, 31), "thai-binh-2022": date(2022, 6, 30)}[code]
    assert fact["operator"] in {"at_least", "at_most", "more_than", "equal"}
    assert fact["stated_outcome"] in {"met", "not_met", None}
    assert fact["basis_vi"] and fact["basis_en"]


@every_target
def test_a_target_level_follows_from_the_words(code, fact):
    """Where a report gives only by how much a target was passed, the level is the result less the excess."""
    words = fact["as_stated"]
    if words.startswith("vượt "):
        assert number(fact["achieved"].rstrip("%")) - number(words[5:].rstrip("%")) == fact["value"]
    elif re.search(r"\d", words):
        assert number(re.search(r"[\d.,]+", words)[0]) == fact["value"]
        assert fact["operator"] == ("more_than" if words.startswith("trên") else "at_least")
    else:
        assert (words, fact["value"]) in {("", None), ("đầy đủ", None), ("ít nhất một", 1)}


@every_target
def test_what_was_achieved_is_an_observation_too(code, fact):
    if "achieved" in fact:
        stated = {
            f["as_stated"] for f in reports()[code]["observations"] if f["indicator"] == fact["indicator"]
        }
        assert stated == {fact["achieved"]}


def test_soc_trang_met_eight_of_nine_targets():
    outcomes = Counter(target["stated_outcome"] for target in reports()["soc-trang-2021"]["targets"])
    assert outcomes == {"met": 8, "not_met": 1}


def test_ha_giang_in_the_first_half_of_2021():
    def of(indicator, category=None):
        return find("ha-giang-2021", indicator, "2021-H1", category)

    assert of("dossiers-received")["value"] == 74278
    assert of("dossiers-online-received")["value"] == 3215
    assert of("dossiers-received-new", "direct-or-postal")["value"] == 62883
    assert of("dossiers-resolved")["value"] == 65466
    assert of("dossiers-on-time-rate")["value"] == 92.3
    online = of("dossiers-online-rate")
    assert (online["value"], online["numerator"], online["denominator"]) == (4.86, 3215, 66098)


@pytest.mark.parametrize(
    ("code", "indicator", "period", "whole", "parts"),
    [
        ("cao-bang-2019", "social-insurance-dossiers-received", "2018", None, ("online", "postal", "direct")),
        ("soc-trang-2021", "it-agency-staff", "2021", None, ("master", "university", "college", "other")),
        ("soc-trang-2021", "portals", "2021", "component", ("component-department", "component-district")),
        (
            *("soc-trang-2021", "video-conference-points", "2021", None),
            ("provincial-main", "provincial-extended", "district", "commune", "armed-forces"),
        ),
    ],
)
def test_parts_add_up_to_their_whole(code, indicator, period, whole, parts):
    total = sum(find(code, indicator, period, part)["value"] for part in parts)
    assert total == find(code, indicator, period, whole)["value"]


def test_dien_bien_levels_add_up():
    levels = [find("dien-bien-2020", f"dvc-level{n}-count", "2020-06-01")["value"] for n in (2, 3, 4)]
    assert levels == [1253, 254, 95]
    assert sum(levels) == find("dien-bien-2020", "dvc-level2-to-4-count", "2020-06-01")["value"]


def test_the_contradictions_of_cao_bang_are_kept_as_stated():
    direct = find("cao-bang-2019", "social-insurance-dossiers-share", "2018", "direct")
    assert direct["value"] == 7
    assert round(100 * direct["numerator"] / direct["denominator"], 2) == 7.69
    on_time = find("cao-bang-2019", "dossiers-on-time-rate", "2019-01-01..2019-04-04")
    assert (on_time["value"], on_time["denominator"]) == (67.55, 5990)
    assert "numerator" not in on_time

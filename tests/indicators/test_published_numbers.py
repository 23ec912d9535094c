"""Out of the reference data come the published numbers: totals, ranks, and what contradicts itself."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal as D

import pytest
from django.db import transaction

from indicators.models import CompositeIndex, Contradiction, IndexScore, Observation, Standing
from indicators.services.rebuilding import rebuild
from indicators.services.reference.steps import DATA, load_everything
from provinces.services.synchronising import LoadReport

pytestmark = pytest.mark.django_db

#: dti.gov.vn and the ministry's report: every province whose eight components of that year are published.
DTI_2022 = {"can-tho-2025", "ho-chi-minh-2025", "quang-ninh", "hue", "da-nang-2025"}
DTI_2023 = {
    *("an-giang-2025", "bac-lieu", "can-tho-2025", "da-nang-2025", "hue", "ho-chi-minh-2025", "lang-son"),
    *("cao-bang", "phu-yen", "quang-tri-2025"),
}
CONTINUING = {
    *("ha-noi", "hue", "lai-chau", "dien-bien", "son-la", "lang-son", "quang-ninh", "thanh-hoa", "nghe-an"),
    *("ha-tinh", "cao-bang"),
}


@pytest.fixture(scope="module", autouse=True)
def loaded(django_db_setup, django_db_blocker):
    """One load with everything computed, in a transaction around the whole module."""
    with django_db_blocker.unblock(), transaction.atomic():
        report = LoadReport()
        load_everything(report)
        assert report.refusals == []
        yield
        transaction.set_rollback(True)


def dti(year: str, geography: str) -> dict[str, IndexScore]:
    rows = IndexScore.objects.real().of_index("dti").with_context()
    found = rows.filter(period__code=year, geography__code=geography)
    return {row.province.slug: row for row in found}


def complete(rows: dict[str, IndexScore]) -> dict[str, IndexScore]:
    return {slug: row for slug, row in rows.items() if row.complete}


def test_weights_are_those_of_the_decisions() -> None:
    def weights(**version: str) -> list[float | None]:
        top = CompositeIndex.objects.get(**version).components.filter(parent=None)
        return [None if weight is None else float(weight) for weight in top.values_list("weight", flat=True)]

    assert weights(version="922/QĐ-BTTTT") == [100, 100, 100, 100, 100, 200, 150, 150, 0]
    assert weights(weights="inferred") == [50, 50, 140, 100, 100, 200, 150, 150]
    assert weights(version="405/QĐ-BKHCN") == [None] * 8
    assert weights(code="idx766") == [18, 20, 12 + 10, 18, 22]
    online = CompositeIndex.objects.get(code="idx766").components.exclude(parent=None)
    assert list(online.values_list("weight", flat=True)) == [12, 10]


@pytest.mark.parametrize(
    ("year", "geography", "number"), [("2022", "63", 5), ("2023", "63", 10), ("2024", "34", 34)]
)
def test_dti_totals_follow_from_the_eight_components(year: str, geography: str, number: int) -> None:
    rows = complete(dti(year, geography))
    assert len(rows) == number
    assert {slug: row.published for slug, row in rows.items()} == pytest.approx(
        {slug: row.score for slug, row in rows.items()}, abs=1e-4
    )
    assert {row.rank_of for row in rows.values()} == {number}


def test_which_provinces_they_are() -> None:
    assert set(complete(dti("2022", "63"))) == DTI_2022
    assert set(complete(dti("2023", "63"))) == DTI_2023


def test_2024_says_that_its_weights_are_inferred_and_no_change_crosses_to_it() -> None:
    rows = {**dti("2024", "63"), **dti("2024", "34")}
    assert {(row.index.inferred, row.index.computable) for row in rows.values()} == {(True, True)}
    assert all(row.index.note_vi and row.index.note_en for row in rows.values())
    assert {row.change for row in rows.values()} == {None}
    assert {row.index.inferred for row in dti("2023", "63").values()} == {False}


def test_a_change_of_the_dti_is_made_of_its_components() -> None:
    earlier, later = complete(dti("2022", "63")), complete(dti("2023", "63"))
    both = earlier.keys() & later.keys()
    assert {slug for slug, row in later.items() if row.change is not None} == both == DTI_2022 & DTI_2023
    for slug in both:
        assert later[slug].change == pytest.approx(later[slug].score - earlier[slug].score, abs=1e-12)


def test_scores_are_the_sum_of_their_parts() -> None:
    for row in IndexScore.objects.filter(complete=True).with_context():
        top = [c.code for c in row.index.components.all() if c.parent_id is None]
        assert sum(row.parts[code]["contribution"] for code in top) == pytest.approx(row.score, abs=1e-9)


def test_an_incomplete_score_shows_what_there_is() -> None:
    row = dti("2022", "63")["ha-noi"]
    assert (row.score, row.rank, row.complete) == (None, None, False)
    assert row.parts["awareness"] == {"value": None, "weight": 100, "contribution": None}
    assert row.parts["infrastructure"]["contribution"] is not None
    assert row.published is not None


@pytest.mark.parametrize(
    ("year", "geography"), [("2022", "63"), ("2023", "63"), ("2024", "63"), ("2024", "34")]
)
def test_ranks_of_the_dti_are_the_published_ones(year: str, geography: str) -> None:
    scope = {"indicator__code": "dti-total", "period__code": year}
    published = dict(
        Observation.objects.current()
        .filter(**scope, stated_rank_of=int(geography))
        .values_list("province__slug", "stated_rank")
    )
    computed = Standing.objects.filter(**scope, geography__code=geography, group="nation")
    assert len(published) == int(geography)
    assert dict(computed.exclude(rank=None).values_list("province__slug", "rank")) == published


def test_provinces_that_did_not_merge_have_one_dti_in_both_geographies() -> None:
    old, new = dti("2024", "63"), dti("2024", "34")
    assert {slug for slug in old if slug in new} == CONTINUING
    for slug in CONTINUING:
        one, other = old[slug], new[slug]
        assert (one.score, one.published, one.parts) == (other.score, other.published, other.parts)
        assert one.complete


def sums_of_766() -> dict[tuple[str, str, str], tuple[D, D]]:
    """Slow and obvious, from the file: (source, period, province) → (sum of components, total)."""
    facts: dict[tuple[str, str, str], dict[str, D]] = defaultdict(dict)
    with (DATA / "published" / "figures.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            group, _, name = row["indicator"].partition("-")
            if group == "idx766" and row["value"]:
                facts[row["source"], row["period"], row["province"]][name] = D(row["value"])
    found = {}
    always = ["transparency", "progress", "satisfaction", "digitisation"]
    for key, own in facts.items():
        for online in (["online-services", "online-payment"], ["online-services-and-payment"]):
            if own.keys() >= {"total", *always, *online}:
                found[key] = sum((own[name] for name in always + online), D(0)), own["total"]
    return found


def test_component_sums_of_766_are_their_published_totals_but_for_one() -> None:
    sums = sums_of_766()
    assert len(sums) == 109
    apart = {key[1:]: pair for key, pair in sums.items() if abs(pair[0] - pair[1]) > D("0.06")}
    assert apart == {("2025-12-15", "son-la"): (D("83.63"), D("86.94"))}
    scores = IndexScore.objects.of_index("idx766").filter(complete=True).exclude(published=None)
    off = {row.province.slug for row in scores.with_context() if abs(row.score - row.published) > 0.06}
    assert off == {"son-la"}


#: Every contradiction in the reference data, and why it is none of ours.
CONTRADICTED = {
    # 302,877 of 310,840 is 97.44 %, the article says 98.7 %.
    ("phu-tho-2025", "dossiers-on-time-rate", "2022-01-01..2022-08-05", "percentage_against_counts"),
    # 13,483 of 175,439 is 7.69 %, the report says 7 %; its other shares are rounded properly.
    ("cao-bang", "social-insurance-dossiers-share", "2018", "percentage_against_counts"),
    # 154,766 of 485,067 is 31.906 %, cut off instead of rounded to 31.90 %.
    ("binh-duong", "dossiers-online-rate", "2022-01-01..2022-09-15", "percentage_against_counts"),
    # 15.3 + 16.39 + 14.31 + 17.88 + 19.75 = 83.63, the article says 86.94.
    ("son-la", "idx766-total", "2025-12-15", "parts_against_whole"),
}


def test_every_contradiction_in_the_reference_data_is_one() -> None:
    found = Contradiction.objects.values_list(
        "observation__province__slug", "observation__indicator__code", "observation__period__code", "rule"
    )
    assert set(found) == CONTRADICTED and len(found) == len(CONTRADICTED)


def test_the_sum_of_son_la_is_shown() -> None:
    sentence = Contradiction.objects.get(observation__indicator__code="idx766-total").sentence_vi
    assert "15,3 + 16,39 + 14,31 + 17,88 + 19,75" in sentence and "86,94" in sentence


def test_a_full_rebuild_comes_to_the_same() -> None:
    assert rebuild(cause="test", apply=False).differences == 0

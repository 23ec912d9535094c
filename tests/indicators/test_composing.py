"""Composite indices follow their components: at once, by period, however these are published."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from indicators.models import (
    CompositeIndex,
    Contradiction,
    IndexComponent,
    IndexScore,
    Indicator,
    Observation,
    SeriesBreak,
)
from indicators.services.publishing import publish, withdraw
from indicators.services.rebuilding import rebuild
from indicators.services.recomputing import drain_pending
from indicators.services.reference.catalogue import load_catalogue
from indicators.services.reference.indices import load_indices
from indicators.services.reference.steps import DATA
from provinces.models import Province
from provinces.services.synchronising import LoadReport
from provinces.services.tables import DataFileError
from tests.cast import (
    LAST_DAY_OF_63,
    Cast,
    make_cast,
    make_fact,
    make_indicator,
    make_province,
    make_source,
    state,
)

pytestmark = pytest.mark.django_db

#: 766/QĐ-TTg on 2024-08-19, as published for Quảng Nam.
QUANG_NAM = {
    "transparency": "13.2",
    "progress": "18.4",
    "online-services": "7.7",
    "online-payment": "7.6",
    "satisfaction": "17.6",
    "digitisation": "15.6",
}
TOGETHER = {
    "online-services-and-payment": "15.3",
    **{code: points for code, points in QUANG_NAM.items() if not code.startswith("online")},
}


@pytest.fixture(scope="module", autouse=True)
def cast(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The cast, with the catalogue and the indices that come with the system, for the whole module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def make_world() -> Cast:
    cast = make_cast()
    load_catalogue(LoadReport(), DATA / "catalogue")
    load_indices(LoadReport(), DATA / "indices")
    return cast


def tell(cast: Cast, province: Province, period: str, points: dict[str, str], **fields: Any) -> None:
    publish_points(cast, province, period, points, **fields)
    drain_pending(cause="test")


def publish_points(
    cast: Cast, province: Province, period: str, points: dict[str, str], **fields: Any
) -> None:
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    facts = [
        make_fact(cast, province, indicators[f"idx766-{code}"], period, value, **fields)
        for code, value in points.items()
    ]
    publish(facts=facts, cause="reference")


def score_of(province: Province, period: str, geography: str = "63") -> IndexScore:
    scope = {"province": province, "period__code": period, "geography__code": geography}
    return IndexScore.objects.with_context().get(**scope)


def test_quang_nam_on_2024_08_19(cast: Cast) -> None:
    quang_nam = make_province("quang-nam", "49", "Quảng Nam", "Quang Nam", valid_to=LAST_DAY_OF_63)
    tell(cast, quang_nam, "2024-08-19", QUANG_NAM)
    found = score_of(quang_nam, "2024-08-19")
    assert found.score == pytest.approx(80.1) and found.complete and not found.index.inferred
    assert {code: found.parts[code]["contribution"] for code in QUANG_NAM} == pytest.approx(
        {code: float(points) for code, points in QUANG_NAM.items()}
    )
    assert (found.rank, found.rank_of, found.rank_p5, found.rank_p95) == (1, 1, 1, 1)
    assert found.published is None and not Contradiction.objects.exists()


def test_components_published_together_give_the_same_score(cast: Cast) -> None:
    tell(cast, cast.cao_bang, "2024-08-19", QUANG_NAM)
    tell(cast, cast.dien_bien, "2024-08-19", TOGETHER)
    apart, together = score_of(cast.cao_bang, "2024-08-19"), score_of(cast.dien_bien, "2024-08-19")
    assert apart.score == pytest.approx(together.score)
    assert apart.rank == together.rank == 1 and apart.rank_of == 2
    whole = [row.parts["online-services-and-payment"]["contribution"] for row in (apart, together)]
    assert whole == pytest.approx([15.3, 15.3])
    assert together.parts["online-payment"]["contribution"] is None


def test_a_missing_component_leaves_the_score_missing_until_it_is_published(cast: Cast) -> None:
    rest = dict(QUANG_NAM)
    last = {"digitisation": rest.pop("digitisation")}
    tell(cast, cast.cao_bang, "2024-08-19", rest)
    found = score_of(cast.cao_bang, "2024-08-19")
    assert (found.score, found.complete, found.rank) == (None, False, None)
    assert found.parts["progress"]["contribution"] == pytest.approx(18.4)
    tell(cast, cast.cao_bang, "2024-08-19", last)
    assert score_of(cast.cao_bang, "2024-08-19").score == pytest.approx(80.1)
    withdraw(observations=Observation.objects.current().filter(indicator__code="idx766-progress"), reason="-")
    drain_pending(cause="test")
    assert score_of(cast.cao_bang, "2024-08-19").score is None


def test_a_change_is_split_and_follows_a_correction_of_the_period_before(cast: Cast) -> None:
    tell(cast, cast.cao_bang, "2024-07", QUANG_NAM)
    tell(cast, cast.cao_bang, "2024-08", QUANG_NAM | {"progress": "19.4", "satisfaction": "17"})
    tell(cast, cast.cao_bang, "2024-10", QUANG_NAM)
    assert score_of(cast.cao_bang, "2024-10").change is None  # nothing is known of September
    found = score_of(cast.cao_bang, "2024-08")
    assert found.change == pytest.approx(0.4)
    assert found.change_parts["progress"] == pytest.approx({"by_value": 1, "by_weight": 0})
    tell(cast, cast.cao_bang, "2024-07", {"progress": "10.4"})
    found = score_of(cast.cao_bang, "2024-08")
    assert found.change == pytest.approx(8.4)
    assert found.change_parts["progress"]["by_value"] == pytest.approx(9)


def test_no_change_across_a_break_of_a_component(cast: Cast) -> None:
    indicator = Indicator.objects.get(code="idx766-progress")
    SeriesBreak.objects.create(indicator=indicator, date="2024-08-01", reason_vi="-", reason_en="-")
    for period in ("2024-07", "2024-08", "2024-09"):
        tell(cast, cast.cao_bang, period, QUANG_NAM)
    assert score_of(cast.cao_bang, "2024-08").change is None
    assert score_of(cast.cao_bang, "2024-09").change == 0


def test_simulated_figures_never_meet_real_ones(cast: Cast) -> None:
    rest = dict(QUANG_NAM)
    last = {"digitisation": rest.pop("digitisation")}
    tell(cast, cast.cao_bang, "2024-08", rest)
    simulated = make_source("simulated", "Mô phỏng", simulated=True)
    tell(cast, cast.cao_bang, "2024-08", last, source=simulated)
    rows = IndexScore.objects.filter(province=cast.cao_bang, geography__code="63")
    assert dict(rows.values_list("simulated", "complete")) == {False: False, True: False}
    assert IndexScore.objects.real().get(geography__code="63").parts["digitisation"]["value"] is None


def test_an_index_without_weights_is_not_computed_and_says_so(cast: Cast) -> None:
    for code in ("dti-cybersecurity", "dti-total"):
        state(cast, cast.cao_bang, Indicator.objects.get(code=code), "2025", "0.7")
    drain_pending(cause="test")
    found = IndexScore.objects.with_context().get(period__code="2025")
    assert (found.index.version, found.index.computable) == ("405/QĐ-BKHCN", False)
    assert (found.score, found.published) == (None, 0.7)
    assert found.parts["cybersecurity"] == {"value": 0.7, "weight": None, "contribution": None}


def test_rules_of_scoring(cast: Cast) -> None:
    """A share of the maximum and fixed goalposts, where less may be better, within a group of the tree."""
    index = CompositeIndex.objects.create(
        code="own", version="1", scale=Decimal(100), total=cast.received, weights="published",
        name_vi="Chỉ số", name_en="Index", legal_basis="-",
    )  # fmt: skip
    late = make_indicator("late-days", "count", "count", "lower", "ngày", "days")
    named = {"name_vi": "-", "name_en": "-", "index": index}
    group = IndexComponent.objects.create(code="service", rule="parts", weight=3, **named)
    IndexComponent.objects.create(
        code="on-time", rule="share_of_maximum", weight=2, highest=90, indicator=cast.on_time, parent=group,
        **named,
    )  # fmt: skip
    IndexComponent.objects.create(
        code="late", rule="min_max", weight=1, lowest=30, highest=0, indicator=late, parent=group, **named
    )
    IndexComponent.objects.create(
        code="received", rule="share_of_maximum", weight=1, highest=1000, indicator=cast.received, **named
    )
    for indicator, value in ((cast.on_time, "99"), (late, "15"), (cast.received, "500")):
        state(cast, cast.cao_bang, indicator, "2024", value)
    drain_pending(cause="test")
    found = score_of(cast.cao_bang, "2024")
    assert found.score == pytest.approx(75 * (2 * 1 + 1 * 0.5) / 3 + 25 * 0.5)
    assert found.parts["service"]["contribution"] == pytest.approx(62.5)
    assert found.published == 500


def test_a_total_is_held_against_the_components_of_its_own_source(cast: Cast) -> None:
    tell(cast, cast.cao_bang, "2024-08-19", {**TOGETHER, "total": "83.42"})
    found = Contradiction.objects.get()
    assert (found.rule, found.observation.indicator.code) == ("parts_against_whole", "idx766-total")
    assert "13,2 + 18,4 + 15,3 + 17,6 + 15,6" in found.sentence_vi
    tell(cast, cast.cao_bang, "2024-08-19", {"progress": "21.7"})
    assert not Contradiction.objects.filter(rule="parts_against_whole").exists()
    tell(cast, cast.cao_bang, "2024-08-19", {"progress": "18.4"})
    assert Contradiction.objects.filter(rule="parts_against_whole").count() == 1


@pytest.mark.parametrize("total", ["80.1", "80.06", "80.16"])
def test_the_publisher_s_rounding_is_no_contradiction(cast: Cast, total: str) -> None:
    tell(cast, cast.cao_bang, "2024-08-19", {**QUANG_NAM, "total": total})
    assert not Contradiction.objects.exists()


def test_components_of_another_source_contradict_nothing(cast: Cast) -> None:
    tell(cast, cast.cao_bang, "2024-08-19", QUANG_NAM)
    tell(cast, cast.cao_bang, "2024-08-19", {"total": "99"}, source=make_source("other", "Báo khác"))
    assert not Contradiction.objects.filter(rule="parts_against_whole").exists()
    assert score_of(cast.cao_bang, "2024-08-19").published == 99


@pytest.mark.parametrize("seed", range(3))
def test_incremental_equals_full(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    provinces = [cast.cao_bang, cast.dien_bien, cast.ha_giang, cast.tuyen_quang]
    for _ in range(25):
        current = list(Observation.objects.current().exclude(status="withdrawn"))
        if current and dice.random() < 0.15:
            withdraw(observations=[dice.choice(current)], reason="at random")
        else:
            points = QUANG_NAM if dice.random() < 0.5 else TOGETHER
            chosen = dict(dice.sample(sorted(points.items()), dice.choice([1, len(points)])))
            told = {code: str(dice.randrange(0, 10)) for code in chosen}
            tell(cast, dice.choice(provinces), dice.choice(["2025-05", "2025-06", "2025-07"]), told)
    drain_pending(cause="test")
    assert IndexScore.objects.filter(complete=True).exists()
    assert rebuild(cause="test", apply=False).differences == 0
    number = IndexScore.objects.count()
    IndexScore.objects.all().delete()
    assert rebuild(cause="test").differences == number == IndexScore.objects.count()


# What the database refuses ----------------------------------------------------------------------------------


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError), transaction.atomic():
        yield


@pytest.mark.parametrize(
    "broken",
    [
        {"weight": -1},
        {"rule": "published", "highest": 1},
        {"rule": "parts", "highest": 1},
        {"rule": "min_max", "lowest": 1, "highest": 1},
        {"rule": "share_of_maximum", "highest": 0},
        {"code": "transparency"},
    ],
)
def test_components_that_make_no_sense(cast: Cast, broken: dict[str, Any]) -> None:
    index = CompositeIndex.objects.get(code="idx766")
    indicator = cast.on_time if broken.get("rule") in ("min_max", "share_of_maximum") else None
    whole = {"code": "new", "weight": 1, "rule": "parts", "indicator": indicator, **broken}
    with refused():
        IndexComponent.objects.create(index=index, name_vi="-", name_en="-", **whole)


@pytest.mark.parametrize(
    "broken",
    [
        {"scale": 0},
        {"rounding": -1},
        {"version": "405/QĐ-BKHCN"},
        {"note_en": ""},
        {"valid_to": "2023-01-01"},
    ],
)
def test_versions_that_make_no_sense(cast: Cast, broken: dict[str, Any]) -> None:
    inferred = CompositeIndex.objects.filter(code="dti", weights="inferred")
    assert inferred.count() == 1
    with refused():
        inferred.update(**broken)


@pytest.mark.parametrize(
    "broken",
    [{"score": None}, {"rank": None}, {"complete": False}, {"rank_p5": 2}, {"change": 1}, {"rank_of": 0}],
)
def test_scores_that_make_no_sense(cast: Cast, broken: dict[str, Any]) -> None:
    tell(cast, cast.cao_bang, "2024-08-19", QUANG_NAM)
    with refused():
        IndexScore.objects.update(**broken)


# What the loader refuses and notices ------------------------------------------------------------------------


def load_edited(folder: Path, before: str, after: str) -> set[int]:
    for path in (DATA / "indices").glob("*.yaml"):
        text = path.read_text("utf-8")
        (folder / path.name).write_text(text.replace(before, after, 1), "utf-8")
    return load_indices(LoadReport(), folder)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("valid_to: 2023-12-31", "valid_to: 2024-12-31", "both in force"),
        ("      weight: 100\n", "", "“weight” is missing"),
        ("indicator: dti-cybersecurity", "indicator: dti-nothing", "not in the catalogue"),
        ("total: dti-total", "total: idx766-total", "share it"),
        ("rule: published", "rule: guessed", "write one of"),
        ("code: institutions", "code: awareness", "keep one"),
        ("      weight: 18\n", "      weight: 19\n", "additive"),
        ("      highest: 1\n", "      highest: 0\n", "above 0"),
        ("scale: 100", "scale: 0", "above 0"),
        ("weights: inferred", "weights: guessed", "must be one of"),
    ],
)
def test_files_that_make_no_sense_are_refused(
    cast: Cast, tmp_path: Path, before: str, after: str, said: str
) -> None:
    with pytest.raises(DataFileError, match=said):
        load_edited(tmp_path, before, after)


def test_a_changed_weight_puts_the_index_out_of_date(cast: Cast, tmp_path: Path) -> None:
    assert load_edited(tmp_path, "", "") == set()
    outdated = load_edited(tmp_path, "      weight: 200\n", "      weight: 250\n")
    codes = set(Indicator.objects.filter(pk__in=outdated).values_list("code", flat=True))
    assert len(codes) == 8 and all(code.startswith("dti-") for code in codes)
    assert CompositeIndex.objects.in_force(LAST_DAY_OF_63).count() == 2

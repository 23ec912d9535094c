"""Simulated data: loaded by one command, flagged wherever they go, and gone again without a trace."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import Count, F, Q, Sum

from indicators.core import simulated_parts
from indicators.core.periods import parse_period
from indicators.models import (
    Aggregate,
    Contradiction,
    IndexScore,
    Indicator,
    Observation,
    PendingRecompute,
    Publication,
    Source,
    Standing,
    Target,
)
from indicators.services import rebuilding
from indicators.services.recomputing import drain_pending
from indicators.services.removing_simulated import remove_simulated
from indicators.services.simulated_extras import BROKEN_DOWN
from indicators.services.simulated_plan import ACROSS, CODE_PREFIX, Request, SimulationRefused
from indicators.services.simulating import load_simulated
from provinces.models import Geography
from tests.cast import Cast, make_cast, make_source, state
from tests.indicators.test_composing import QUANG_NAM, make_world, publish_points

pytestmark = pytest.mark.django_db

#: The cast has two indicators; the other six are made for the simulation.
REQUEST = Request(geography="63", indicators=8, quarters=14, seed=5)
#: Records of what was done, not data.
LOGS = {
    *("indicators_recomputerun", "indicators_rebuildchunk", "indicators_workerheartbeat"),
    *("indicators_referencechange", "indicators_referenceversion"),  # what was there stays in the history
}


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    state(
        cast,
        cast.ha_giang,
        cast.on_time,
        "2022-Q1",
        "92.3",
        numerator=Decimal(923),
        denominator=Decimal(1000),
    )
    state(
        cast, cast.cao_bang, cast.on_time, "2022-Q1", "50", numerator=Decimal(923), denominator=Decimal(1000)
    )
    state(cast, cast.dien_bien, cast.received, "2021", "8868")
    drain_pending(cause="test")
    return cast


def digests() -> dict[str, str]:
    """What stands in every table of the catalogue, the facts and what is computed from them."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("provinces_", "indicators_")) and table not in LOGS:
                cursor.execute(
                    f"SELECT coalesce(string_agg(t::text, '|' ORDER BY t::text), '') FROM {table} t"
                )
                found[table] = hashlib.sha256(cursor.fetchone()[0].encode()).hexdigest()
    return found


def figures() -> list[tuple[object, ...]]:
    """Every simulated row, as it would be if keys were names."""
    return list(
        Observation.objects.filter(simulated=True)
        .order_by("indicator__code", "province__slug", "period__code", "id")
        .values_list(
            *("indicator__code", "province__slug", "period__code", "value", "lower", "upper", "as_stated"),
            *("numerator", "denominator", "qualifier", "status", "missing_reason"),
            "supersedes__value",
        )
    )


def current():
    return Observation.objects.current().filter(simulated=True)


def test_all_that_was_simulated_goes_and_the_real_stays_as_it_was(cast: Cast) -> None:
    before = digests()
    load_simulated(REQUEST)
    drain_pending(cause="test")
    assert Standing.objects.filter(simulated=True).exists()
    assert digests() != before
    remove_simulated()
    assert digests() == before


def test_nothing_that_is_flagged_is_left_in_any_table(cast: Cast) -> None:
    load_simulated(REQUEST)
    drain_pending(cause="test")
    remove_simulated()
    named = {table: {field.name for field in table._meta.fields} for table in apps.get_models()}
    flagged = [table for table, names in named.items() if "simulated" in names and "done" not in names]
    assert {m.__name__ for m in flagged} >= {"Observation", "Source", "Aggregate", "Standing"}
    assert not any(table.objects.filter(simulated=True).exists() for table in flagged)
    assert not Indicator.objects.filter(code__startswith=CODE_PREFIX).exists()
    assert not Publication.objects.filter(cause=Publication.Cause.SIMULATION).exists()


def test_data_not_yet_recomputed_go_as_well(cast: Cast) -> None:
    before = digests()
    load_simulated(REQUEST)
    assert PendingRecompute.objects.filter(simulated=True).exists()
    remove_simulated()
    assert digests() == before


def test_a_rebuild_that_began_before_puts_nothing_back(cast: Cast) -> None:
    before = digests()
    load_simulated(REQUEST)
    run = rebuilding.plan(cause="test")
    while rebuilding.work_next(run.pk):
        pass
    remove_simulated()
    assert rebuilding.finish(run.pk).result == "failed"
    assert {name: text for name, text in digests().items() if name in before} == before


def test_loading_flags_everything_and_leaves_the_real_alone(cast: Cast) -> None:
    real = {table: list(table.objects.filter(simulated=False).values()) for table in (Aggregate, Standing)}
    loaded = load_simulated(REQUEST)
    drain_pending(cause="test")
    rows = Observation.objects.filter(source__simulated=True)
    assert rows.count() == loaded.figures + loaded.corrections
    assert not rows.filter(simulated=False).exists()
    assert not Observation.objects.filter(simulated=True, source__simulated=False).exists()
    for table, before in real.items():
        assert list(table.objects.filter(simulated=False).values()) == before
        assert table.objects.filter(simulated=True).exists()
    assert (
        not Standing.objects.exclude(simulated=F("observation__simulated")).exclude(observation=None).exists()
    )
    both = Aggregate.objects.filter(indicator=cast.on_time, period__code="2022-Q1", group="nation")
    assert set(both.values_list("simulated", flat=True)) == {False, True}


def test_the_same_again_changes_nothing_and_another_seed_only_when_asked(cast: Cast) -> None:
    load_simulated(REQUEST)
    first, state_of_all = figures(), digests()
    assert load_simulated(REQUEST).figures == 0
    assert digests() == state_of_all
    other = Request(geography="63", indicators=8, quarters=14, seed=6)
    with pytest.raises(SimulationRefused, match="seed 5"):
        load_simulated(other)
    assert digests() == state_of_all
    assert load_simulated(other, replace=True).figures
    assert figures() != first
    load_simulated(REQUEST, replace=True)
    assert figures() == first


def test_a_later_publication_corrects_earlier_figures(cast: Cast) -> None:
    loaded = load_simulated(REQUEST)
    first, second = Publication.objects.filter(cause="simulation").order_by("id")
    assert loaded.corrections == second.observations.count() > 0
    rows = second.observations.select_related("supersedes")
    for row in rows:
        assert (row.status, row.supersedes.status) == ("revised", "provisional")
        assert row.supersedes.superseded_at == second.instant
        assert row.value != row.supersedes.value or row.numerator != row.supersedes.numerator
    then = Observation.objects.as_of(first.instant).filter(simulated=True)
    assert then.count() == current().count() == loaded.figures
    assert not then.filter(status="revised").exists()
    assert current().filter(status="revised").count() == loaded.corrections


def test_figures_keep_to_their_scale_and_their_counts_but_for_the_slips(cast: Cast) -> None:
    loaded = load_simulated(Request(geography="63", indicators=40, quarters=24, seed=2))
    drain_pending(cause="test")
    percentages = current().filter(indicator__measure="percent").exclude(value=None)
    assert not percentages.exclude(value__range=(0, 100)).exists()
    assert not current().filter(indicator__measure="count", value__lt=0).exists()
    assert not current().filter(numerator__gt=F("denominator")).exists()
    found = Contradiction.objects.filter(observation__simulated=True)
    by_counts = found.filter(rule="percentage_against_counts")
    assert by_counts.count() == loaded.slips > 0
    assert found.filter(rule="parts_against_whole").count() == loaded.sums_off
    planted = Q(rule="parts_against_whole") | Q(observation__in=by_counts.values("observation"))
    assert not found.exclude(planted).exists(), "no false alarm"


def test_breakdowns_a_composite_index_and_targets_are_there_and_apart_from_the_real(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulated_parts, "FIGURES_PER_SLIP", 20)  # there are only four provinces
    monkeypatch.setattr(simulated_parts, "TOTALS_PER_SLIP", 10)
    cast = make_world()
    state(cast, cast.cao_bang, cast.on_time, "2025-Q1", "92")
    publish_points(cast, cast.cao_bang, "2025-Q1", QUANG_NAM)
    drain_pending(cause="test")
    before, scores = digests(), list(IndexScore.objects.values())
    loaded = load_simulated(Request(geography="63", indicators=60, quarters=12, seed=8))
    drain_pending(cause="test")

    parts = current().exclude(category=None).values("indicator", "province", "period")
    assert parts.values("indicator").distinct().count() == BROKEN_DOWN
    sums = parts.annotate(sum=Sum("value"))
    wholes = {
        (row.indicator_id, row.province_id, row.period_id): row.value
        for row in current().filter(category=None, qualifier="exact", value__isnull=False)
    }
    told = [(row["sum"], wholes.get((row["indicator"], row["province"], row["period"]))) for row in sums]
    off = [pair for pair in told if pair[1] is not None and pair[0] != pair[1]]
    by_parts = Contradiction.objects.filter(rule="parts_against_whole")
    totals_off = by_parts.filter(observation__indicator__code="idx766-total").count()
    assert len(off) + totals_off == by_parts.count() == loaded.sums_off > totals_off > 0

    made = IndexScore.objects.filter(simulated=True)
    assert made.filter(complete=True, change__isnull=False).exists()
    assert list(IndexScore.objects.real().values()) == scores
    assert not made.filter(period__end__lt=date(2022, 1, 1)).exists()

    targets = Target.objects.filter(source__simulated=True)
    assert targets.exists() and Target.objects.count() == targets.count()
    distances = Standing.objects.exclude(distance_to_target=None)
    assert distances.filter(simulated=True).exists() and not distances.filter(simulated=False).exists()
    assert rebuilding.rebuild(cause="test", apply=False).differences == 0
    remove_simulated()
    assert digests() == before


def test_real_targets_are_not_for_simulated_figures(cast: Cast) -> None:
    Target.objects.create(
        indicator=cast.on_time, operator="at_least", due=date(2025, 12, 31), value=Decimal(90),
        source=cast.report, basis_vi="-", basis_en="-",
    )  # fmt: skip
    simulated = make_source("made-up", "Mô phỏng", simulated=True)
    for source in (cast.report, simulated):
        state(cast, cast.cao_bang, cast.on_time, "2025-Q1", "80", source=source)
    drain_pending(cause="test")
    found = Standing.objects.filter(group="nation", period__code="2025-Q1", geography=cast.geography_63)
    assert dict(found.values_list("simulated", "distance_to_target")) == {False: 10, True: None}


def test_gaps_and_words_are_rare_but_there(cast: Cast) -> None:
    request = Request(geography="63", indicators=40, quarters=24, seed=2)
    load_simulated(request)
    whole = 4 * request.indicators * request.quarters
    of_provinces = current().filter(category=None)
    assert 0.005 < 1 - of_provinces.count() / whole < 0.06
    assert 0.01 < of_provinces.exclude(missing_reason="").count() / whole < 0.06
    assert 0.003 < of_provinces.exclude(qualifier="exact").count() / whole < 0.03
    told = dict(of_provinces.exclude(qualifier="exact").values_list("as_stated", "qualifier"))
    assert {"more_than", "nearly", "about"} <= set(told.values())


def test_some_indicators_are_told_from_the_start_of_the_year(cast: Cast) -> None:
    load_simulated(Request(geography="63", indicators=20, quarters=9, seed=3, until="2024-Q4"))
    kinds = current().values("indicator").filter(period__kind="year_to_date").annotate(rows=Count("id"))
    assert len(kinds) >= 2
    counts = current().filter(indicator__in=kinds.values("indicator"), indicator__measure="count")
    drain_pending(cause="test")
    assert Standing.objects.filter(
        derived=True, simulated=True, indicator__in=counts.values("indicator")
    ).exists()
    assert not Standing.objects.filter(derived=True, simulated=True, value__lt=0).exists()


def test_the_figures_of_merged_provinces_are_those_of_their_parts(cast: Cast) -> None:
    """The same seed for both geographies; a count that has no gap, no words and no correction in either."""
    request = {"indicators": 8, "quarters": 8, "seed": 4, "until": "2025-Q2"}
    load_simulated(Request(geography="63", **request))
    plain = {"qualifier": "exact", "status": "final", "missing_reason": "", "indicator": cast.received}
    plain |= {"category": None}
    parts: dict[str, dict[str, int]] = {}
    for period, slug, value in (
        current().filter(**plain).values_list("period__code", "province__slug", "value")
    ):
        parts.setdefault(period, {})[slug] = value
    load_simulated(Request(geography="34", **request), replace=True)
    wholes = current().filter(**plain, province=cast.tuyen_quang).values_list("period__code", "value")
    checked = [
        value == parts[period]["ha-giang"] + parts[period]["tuyen-quang-2025"]
        for period, value in wholes
        if {"ha-giang", "tuyen-quang-2025"} <= parts[period].keys()
    ]
    assert checked and all(checked)


def test_each_province_reports_in_its_own_time_where_that_is_asked_for(cast: Cast) -> None:
    load_simulated(Request(geography=ACROSS, indicators=2, quarters=8, seed=1))
    spans = {
        slug: {period.end for period in map(parse_period, codes)}
        for slug, codes in (
            (slug, current().filter(province__slug=slug).values_list("period__code", flat=True))
            for slug in ("ha-giang", "tuyen-quang", "cao-bang")
        )
    }
    merger = Geography.objects.get(code="34").valid_from
    assert max(spans["ha-giang"]) < merger < min(spans["tuyen-quang"])
    assert min(spans["cao-bang"]) < merger < max(spans["cao-bang"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"geography": "99"}, "must be one of 63, 34, across"),
        ({"indicators": 0}, "from 1 to"),
        ({"quarters": 1000}, "from 1 to"),
        ({"seed": -1}, "0 or more"),
        ({"until": "2025"}, "must be a quarter"),
        ({"until": "soon"}, "must be a quarter"),
    ],
)
def test_what_cannot_be_made_is_refused_and_leaves_nothing(cast: Cast, options, said) -> None:
    before = digests()
    with pytest.raises(CommandError, match=said):
        call_command("load_simulated", **options, stdout=StringIO(), stderr=StringIO())
    assert digests() == before


def test_without_provinces_the_way_out_is_told() -> None:
    with pytest.raises(CommandError, match="load_reference"):
        call_command("load_simulated", stderr=StringIO())


def test_the_commands_say_what_they_did(cast: Cast) -> None:
    said, progress = StringIO(), StringIO()
    call_command("load_simulated", geography="63", indicators=3, quarters=4, stdout=said, stderr=progress)
    assert "simulated figures 48/48" in progress.getvalue()
    assert "corrected by a later publication" in said.getvalue()
    assert "units recomputed" in said.getvalue()
    assert PendingRecompute.objects.count() == 0
    call_command("load_simulated", geography="63", indicators=3, quarters=4, stdout=said, stderr=progress)
    assert "Already there" in said.getvalue()
    call_command("remove_simulated", stdout=said, stderr=progress)
    assert not Source.objects.filter(simulated=True).exists()
    call_command("remove_simulated", stdout=said, stderr=progress)

"""The full rebuild comes to what incremental recomputation came to, heals what is wrong, hides its work."""

import os
import random
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given

from indicators.models import (
    Aggregate,
    Contradiction,
    IndexScore,
    Indicator,
    IndicatorLink,
    Observation,
    PendingRecompute,
    RecomputeRun,
    SeriesBreak,
    Standing,
)
from indicators.services import rebuilding
from indicators.services.rebuilding import finish, plan, rebuild, work_next
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, make_indicator, state
from tests.indicators.histories import COMPUTED, DICE, History, slowly, snapshot, undone

pytestmark = pytest.mark.django_db
#: Histories that are tried; more by the environment.
HISTORIES = int(os.environ.get("REBUILDING_HISTORIES", "4"))


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def compute_every_unit_again() -> None:
    units = Observation.objects.values_list("indicator", "period", "publication")
    PendingRecompute.objects.bulk_create(
        PendingRecompute(indicator_id=indicator, period_id=period, publication_id=publication)
        for indicator, period, publication in units
    )
    drain_pending(cause="test")


@slowly(HISTORIES)
@given(DICE)
def test_incremental_equals_full(dice: random.Random) -> None:
    with undone() as cast:
        History(cast, dice).happen(acts=20)
        incremental = snapshot()
        assert rebuild(cause="test", apply=False).differences == 0
        for table in COMPUTED:
            table._default_manager.all().delete()
        assert rebuild(cause="test").differences == len(incremental) > 0
        assert snapshot() == incremental
        compute_every_unit_again()
        assert snapshot() == incremental


def test_the_histories_hold_everything(cast: Cast) -> None:
    History(cast, random.Random(0)).happen(acts=150, drained=0)
    wanted = (
        *(
            {"restated": True},
            {"missing_reason": "predecessor_missing"},
            {"missing_reason": "counts_missing"},
        ),
        *({"derived": True, "value__lt": 0}, {"derived": True, "restated": True, "period__code": "2025-Q3"}),
    )
    assert all(Standing.objects.filter(**condition).exists() for condition in wanted)
    for name in ("change_previous", "change_year", "distance_to_target", "ratio_of_sums"):
        table = Aggregate if name == "ratio_of_sums" else Standing
        assert table._default_manager.exclude(**{name: None}).exists(), name
    assert IndexScore.objects.exclude(change=None).exists()
    assert set(Contradiction.objects.values_list("rule", flat=True)) >= {
        *("year_to_date_falls", "parts_against_whole", "published_rank_against_computed"),
        *("percentage_against_counts", "target_said_met", "target_said_missed"),
        *("numerator_falls", "denominator_falls"),
    }


def test_a_contradiction_comes_and_goes_with_the_earlier_figure(cast: Cast) -> None:
    """The half-year was published before the quarter that it falls below."""
    Indicator.objects.filter(pk=cast.received.pk).update(accumulates=True)
    state(cast, cast.cao_bang, cast.received, "2021-H1", "90")
    drain_pending(cause="test")
    for value, found in (("100", 1), ("80", 0)):
        state(cast, cast.cao_bang, cast.received, "2021-Q1", value)
        drain_pending(cause="test")
        assert Contradiction.objects.filter(rule="year_to_date_falls").count() == found


def test_no_trend_crosses_a_break_of_the_definition_before(cast: Cast) -> None:
    before = make_indicator("before", "ratio", "percent", "higher", "%", "%")
    told = {"reason_vi": "-", "reason_en": "-"}
    IndicatorLink.objects.create(
        predecessor=before, successor=cast.on_time, date=date(2021, 1, 1), comparable=True, **told
    )
    SeriesBreak.objects.create(indicator=before, date=date(2018, 1, 1), **told)
    for year in range(2015, 2022):
        state(cast, cast.cao_bang, before if year < 2021 else cast.on_time, str(year), str(year - 1960))
    drain_pending(cause="test")
    last = Standing.objects.get(group="nation", indicator=cast.on_time)
    assert (last.change_previous, last.trend) == (1, "")  # four years since the break


def test_a_wrong_contradiction_or_score_is_counted_by_the_check_and_healed_by_the_rebuild(cast: Cast) -> None:
    history = History(cast, random.Random(3))
    history.happen(acts=40, drained=0)
    right = snapshot()
    gone, wrong = Contradiction.objects.all()[:2]
    number = Contradiction.objects.filter(observation__indicator=wrong.observation.indicator).count()
    gone.delete()
    Contradiction.objects.filter(pk=wrong.pk).update(sentence_en="wrong")
    stale = Observation.objects.exclude(pk__in=Contradiction.objects.values("observation"))[0]
    words = {"sentence_vi": "-", "sentence_en": "-", "detected_at": stale.recorded_at}
    Contradiction.objects.create(observation=stale, rule="outside_bounds", **words)
    assert number and snapshot() != right
    kept = dict(Contradiction.objects.values_list("pk", "detected_at"))
    assert rebuild(cause="test", apply=False).differences == 2
    score = IndexScore.objects.all()[0]
    IndexScore.objects.filter(pk=score.pk).update(parts={})
    assert rebuild(cause="test").differences == 3
    assert snapshot() == right
    still = Contradiction.objects.filter(pk__in=kept).exclude(pk=wrong.pk)
    assert {row.pk: row.detected_at for row in still}.items() <= kept.items()
    assert rebuild(cause="test", apply=False).differences == 0


def test_a_wrong_row_is_counted_by_the_check_and_healed_by_the_rebuild(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    drain_pending(cause="test")
    right = snapshot()
    Aggregate.objects.filter(group="nation").update(mean=1)
    wrong = snapshot()
    check = rebuild(cause="test", apply=False)
    assert (check.differences, check.result) == (1, RecomputeRun.Result.DONE)
    assert snapshot() == wrong
    assert rebuild(cause="test").differences == 1
    assert snapshot() == right


def test_readers_see_nothing_of_a_rebuild_that_dies_and_the_next_one_completes(cast: Cast) -> None:
    History(cast, random.Random(1)).happen(acts=10)
    Standing.objects.update(value=0)
    before = snapshot()
    dead = plan(cause="test")
    assert work_next(dead.pk)
    assert snapshot() == before
    assert rebuild(cause="test").differences
    dead.refresh_from_db()
    assert dead.result == RecomputeRun.Result.FAILED
    assert rebuild(cause="test", apply=False).differences == 0


def test_a_publication_during_the_rebuild_is_not_lost(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "80")
    drain_pending(cause="test")
    run = plan(cause="test")
    assert work_next(run.pk)
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "81")
    drain_pending(cause="test")
    after = snapshot()
    assert finish(run.pk).differences == 0
    assert snapshot() == after


def test_the_check_passes_over_what_waits_to_be_recomputed(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "80")
    assert rebuild(cause="test", apply=False).differences == 0
    drain_pending(cause="test")
    assert Aggregate.objects.exists()


def test_a_definition_that_goes_on_is_compared_anew_with_the_one_before(cast: Cast) -> None:
    """What the rebuild staged of an indicator is old once the definition that it continues has changed."""
    before = make_indicator("before", "ratio", "percent", "higher", "%", "%")
    IndicatorLink.objects.create(
        predecessor=before, successor=cast.on_time, date=date(2021, 1, 1), comparable=True, reason_vi="-",
        reason_en="-",
    )  # fmt: skip
    state(cast, cast.cao_bang, before, "2020", "70")
    state(cast, cast.cao_bang, cast.on_time, "2021", "80")
    drain_pending(cause="test")
    Standing.objects.update(change_previous=None)
    run = plan(cause="test")
    assert work_next(run.pk)
    state(cast, cast.cao_bang, before, "2020", "75")
    drain_pending(cause="test")
    finish(run.pk)
    assert Standing.objects.get(group="nation", indicator=cast.on_time).change_previous == 5


def test_chunks_hold_about_as_many_facts_as_allowed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK_FACTS", 3)
    for period in ("2021-Q1", "2021-Q2", "2021-Q3"):
        state(cast, cast.cao_bang, cast.on_time, period, "80")
        state(cast, cast.cao_bang, cast.received, period, "8")
    run = plan(cause="test")
    of_indicators = run.chunks.filter(makes="")
    assert [len(chunk.indicators) for chunk in of_indicators.filter(simulated=False)] == [1, 1]
    assert [len(chunk.indicators) for chunk in of_indicators.filter(simulated=True)] == [2]  # none has a fact
    assert [chunk.makes for chunk in run.chunks.exclude(makes="")] == [
        *("standing_once", "standing_province", "indicators_standing_pkey"),
        *("aggregate_once", "indicators_aggregate_pkey"),
    ]
    with transaction.atomic():
        assert [work_next(run.pk) for _ in range(9)] == [True] * 8 + [False]

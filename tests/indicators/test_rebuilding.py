"""The full rebuild comes to what incremental recomputation came to, heals what is wrong, hides its work."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from indicators.models import Aggregate, Indicator, Observation, RecomputeRun, Standing
from indicators.services import rebuilding
from indicators.services.publishing import withdraw
from indicators.services.rebuilding import finish, plan, rebuild, work_next
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def snapshot() -> set[tuple[Any, ...]]:
    """Everything computed, without ids and instants."""
    rows: set[tuple[Any, ...]] = set()
    for table in (Aggregate, Standing):
        names = [f.attname for f in table._meta.concrete_fields if f.name not in ("id", "computed_at")]
        rows |= {(table.__name__, *row) for row in table._default_manager.values_list(*names)}
    return rows


def act_at_random(cast: Cast, seed: int) -> None:
    """Publications, corrections and withdrawals in any order, some drained at once and some later."""
    dice = random.Random(seed)
    Indicator.objects.filter(pk=cast.received.pk).update(accumulates=True)
    provinces = [cast.ha_giang, cast.old_tuyen_quang, cast.cao_bang, cast.dien_bien, cast.tuyen_quang]
    periods = ["2023-Q1", "2023-H1", "2023-YTD-09", "2023", "2024-Q1", "2024-H1", "2025-Q1", "2025-Q3"]
    for _ in range(40):
        province, period = dice.choice(provinces), dice.choice(periods)
        current = list(Observation.objects.current().exclude(status="withdrawn"))
        if current and dice.random() < 0.15:
            withdraw(observations=[dice.choice(current)], reason="at random")
        elif dice.random() < 0.5:
            value = str(dice.randrange(1, 500))
            category = dice.choice([None, cast.online])
            state(cast, province, cast.received, period, value, category=category)
        else:
            counts = dice.randrange(0, 50), dice.randrange(50, 90)
            told = {"numerator": Decimal(counts[0]), "denominator": Decimal(counts[1])}
            share = str(round(Decimal(100) * counts[0] / counts[1], 1))
            state(cast, province, cast.on_time, period, share, **(told if dice.random() < 0.7 else {}))
        if dice.random() < 0.5:
            drain_pending(cause="test")
    drain_pending(cause="test")


@pytest.mark.parametrize("seed", range(6))
def test_incremental_equals_full(cast: Cast, seed: int) -> None:
    act_at_random(cast, seed)
    incremental = snapshot()
    assert rebuild(cause="test", apply=False).differences == 0
    Aggregate.objects.all().delete()
    Standing.objects.all().delete()
    assert rebuild(cause="test").differences == len(incremental) > 0
    assert snapshot() == incremental


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
    act_at_random(cast, seed=1)
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


def test_chunks_hold_about_as_many_facts_as_allowed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK_FACTS", 3)
    for period in ("2021-Q1", "2021-Q2", "2021-Q3"):
        state(cast, cast.cao_bang, cast.on_time, period, "80")
        state(cast, cast.cao_bang, cast.received, period, "8")
    run = plan(cause="test")
    assert [len(chunk.indicators) for chunk in run.chunks.all()] == [1, 1]
    with transaction.atomic():
        assert work_next(run.pk) and work_next(run.pk) and not work_next(run.pk)

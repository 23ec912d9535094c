"""Publishing fills the outbox; draining it computes exactly what was touched, once, whoever drains."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from indicators.models import Aggregate, Observation, PendingRecompute, RecomputeRun, Standing
from indicators.services import recomputing
from indicators.services.publishing import withdraw
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def national(cast: Cast, period: str) -> Aggregate:
    return Aggregate.objects.get(indicator=cast.on_time, period__code=period, group="nation", category=None)


def test_statistics_and_ranks_of_one_slice(cast: Cast) -> None:
    for province, value in [(cast.ha_giang, "92.3"), (cast.cao_bang, "67.55"), (cast.dien_bien, "92.3")]:
        state(cast, province, cast.on_time, "2021-H1", value)
    assert drain_pending(cause="test") == 1
    found = national(cast, "2021-H1")
    assert (found.geography, found.reporting, found.expected) == (cast.geography_63, 3, 4)
    assert found.coverage == 0.75 and not found.complete
    assert found.median == 92.3 and found.minimum == 67.55
    assert found.mean == pytest.approx((92.3 + 67.55 + 92.3) / 3)
    ranks = Standing.objects.filter(group="nation").values_list(
        "province__slug", "rank", "rank_from", "rank_to"
    )
    assert set(ranks) == {("ha-giang", 1, 1, 2), ("dien-bien", 1, 1, 2), ("cao-bang", 3, 3, 3)}


def test_counts_give_a_ratio_of_sums_apart_from_the_mean(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "50", numerator=Decimal(1), denominator=Decimal(2))
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "90", numerator=Decimal(90), denominator=Decimal(100))
    drain_pending(cause="test")
    found = national(cast, "2021-H1")
    assert found.ratio_of_sums == pytest.approx(100 * 91 / 102)
    assert found.mean == 70


def test_only_what_was_touched_is_computed_again(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    state(cast, cast.ha_giang, cast.on_time, "2020-H1", "80")
    drain_pending(cause="test")
    untouched = national(cast, "2020-H1").computed_at
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93")
    assert drain_pending(cause="test") == 1
    assert national(cast, "2020-H1").computed_at == untouched
    assert national(cast, "2021-H1").mean == 93


def test_no_rank_without_judgement_and_no_aggregate_of_a_doubtful_figure(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.received, "2021-H1", "74278")
    state(cast, cast.cao_bang, cast.received, "2021-H1", "8868", confidence="ambiguous")
    drain_pending(cause="test")
    standing = Standing.objects.get(indicator=cast.received, group="nation")
    assert standing.rank is None and standing.province == cast.ha_giang
    assert Aggregate.objects.get(indicator=cast.received, group="nation").sum == 74278


def test_a_withdrawn_figure_leaves_its_aggregate(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    drain_pending(cause="test")
    withdraw(observations=Observation.objects.current(), reason="misread")
    drain_pending(cause="test")
    assert not Aggregate.objects.exists() and not Standing.objects.exists()


def test_provinces_of_both_geographies_are_never_counted_together(cast: Cast) -> None:
    for province in (cast.ha_giang, cast.old_tuyen_quang, cast.cao_bang, cast.tuyen_quang):
        state(cast, province, cast.on_time, "2024", "90")
    drain_pending(cause="test")
    counts = dict(Aggregate.objects.filter(group="nation").values_list("geography__code", "reporting"))
    assert counts == {"63": 3, "34": 2}


def test_a_slice_is_not_computed_for_a_geography_that_nobody_reports_it_in(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "90")
    drain_pending(cause="test")
    assert {a.geography for a in Aggregate.objects.all()} == {cast.geography_63}


def test_the_run_is_recorded_and_a_failure_loses_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")

    def fail(unit: recomputing.Unit) -> int:
        raise ArithmeticError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(recomputing, "recompute_unit", fail)
        with pytest.raises(ArithmeticError):
            drain_pending(cause="test")
    assert PendingRecompute.objects.count() == 1
    assert RecomputeRun.objects.get().result == RecomputeRun.Result.FAILED
    drain_pending(cause="test")
    run = RecomputeRun.objects.first()
    assert run is not None and (run.result, run.units) == (RecomputeRun.Result.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_a_unit_that_another_worker_holds_is_left_to_it() -> None:
    cast = make_cast()
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    found: list[int] = []

    def other_worker() -> None:
        found.append(drain_pending(cause="other"))
        connection.close()

    with transaction.atomic():
        PendingRecompute.objects.select_for_update().get()
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(timeout=20)
    assert found == [0]
    assert drain_pending(cause="test") == 1
    assert Aggregate.objects.filter(group="nation").count() == 1

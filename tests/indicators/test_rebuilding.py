"""The full rebuild comes to what incremental recomputation came to, heals what is wrong, hides its work."""

import os
import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from indicators.models import (
    Aggregate,
    Contradiction,
    Indicator,
    IndicatorLink,
    Observation,
    PendingRecompute,
    RecomputeRun,
    SeriesBreak,
    Standing,
    Target,
)
from indicators.services import rebuilding
from indicators.services.publishing import Fact, publish, withdraw
from indicators.services.rebuilding import finish, plan, rebuild, work_next
from indicators.services.recomputing import drain_pending
from provinces.models import Province
from tests.cast import Cast, make_cast, make_fact, make_indicator, make_province, state

pytestmark = pytest.mark.django_db
#: Histories that are tried; more by the environment.
HISTORIES = int(os.environ.get("REBUILDING_HISTORIES", "6"))


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


PERIODS = (
    *("2019", "2020", "2021", "2022", "2023", "2024", "2023-Q1", "2023-H1", "2023-YTD-09", "2023-Q2"),
    *("2023-Q4", "2024-Q1", "2024-H1", "2025-Q1", "2025-H1", "2025-YTD-09", "2025-Q3", "2025"),
)


class History:
    """Publications, corrections and withdrawals in any order, some recomputed at once and some later: counts
    from the start of the year and by category, ratios with and without counts, an index; merged provinces and
    such as go on; a break, a comparable link, targets."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.dice = cast, random.Random(seed)
        Indicator.objects.filter(pk=cast.received.pk).update(accumulates=True)
        self.before = make_indicator("dossiers-on-time-before", "ratio", "percent", "higher", "%", "%")
        self.index = make_indicator("index", "score", "score", "lower", "-", "-")
        told = {"reason_vi": "-", "reason_en": "-"}
        IndicatorLink.objects.create(
            predecessor=self.before, successor=cast.on_time, date=date(2022, 1, 1), comparable=True, **told
        )
        for indicator, day in ((self.before, date(2020, 6, 1)), (cast.received, date(2023, 8, 1))):
            SeriesBreak.objects.create(indicator=indicator, date=day, **told)
        basis = {"operator": "at_least", "source": cast.report, "basis_vi": "-", "basis_en": "-"}
        for province, value in ((None, 60), (cast.tuyen_quang, 80)):
            Target.objects.create(
                indicator=cast.on_time, province=province, value=Decimal(value), due=date(2024, 6, 1), **basis
            )
        self.others = [make_province(f"continues-{n}", f"9{n}", f"C{n}", f"C{n}", "city") for n in (1, 2)]

    def happen(self, acts: int, drained: float = 0.4) -> None:
        for _ in range(acts):
            self.act()
            if self.dice.random() < drained:
                drain_pending(cause="test")
        drain_pending(cause="test")

    def act(self) -> None:
        dice, cast = self.dice, self.cast
        current = Observation.objects.current().exclude(status="withdrawn")
        if dice.random() < 0.15 and current.exists():
            withdraw(observations=[dice.choice(list(current))], reason="at random")
            return
        old, new = [cast.ha_giang, cast.old_tuyen_quang], [cast.tuyen_quang]
        facts = {}
        for _ in range(dice.choice([1, 1, 3, 8])):
            period = dice.choice(PERIODS)
            own_time = old if period < "2025-YTD" else new
            province = dice.choice([*own_time, *own_time, *old, cast.cao_bang, cast.dien_bien, *self.others])
            indicator = dice.choice([cast.received, cast.received, cast.on_time, self.before, self.index])
            fact = self.fact(province, indicator, period)
            facts[fact.key] = fact
        publish(facts=list(facts.values()), cause="reference")

    def fact(self, province: Province, indicator: Indicator, period: str) -> Fact:
        dice = self.dice
        if indicator == self.cast.received:
            category = dice.choice([None, None, self.cast.online, self.cast.direct])
            value, words = str(dice.randrange(1, 90)), dice.choice(["", "", "hơn "])
            told = {"category": category, "as_stated": words + value}
            told["qualifier"] = "more_than" if words else "exact"
            return make_fact(self.cast, province, indicator, period, value, **told)
        top, bottom = dice.randrange(0, 50), dice.randrange(50, 90)
        counts = {"numerator": Decimal(top), "denominator": Decimal(bottom)}
        share = str(round(Decimal(100) * top / bottom, 1))
        with_counts = indicator != self.index and dice.random() < 0.7
        return make_fact(self.cast, province, indicator, period, share, **(counts if with_counts else {}))


def contradictions() -> set[tuple[Any, ...]]:
    names = [f.attname for f in Contradiction._meta.concrete_fields if f.name not in ("id", "detected_at")]
    return set(Contradiction.objects.values_list(*names))


def compute_every_unit_again() -> None:
    units = Observation.objects.values_list("indicator", "period", "publication")
    PendingRecompute.objects.bulk_create(
        PendingRecompute(indicator_id=indicator, period_id=period, publication_id=publication)
        for indicator, period, publication in units
    )
    drain_pending(cause="test")


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_incremental_equals_full(cast: Cast, seed: int) -> None:
    History(cast, seed).happen(acts=30)
    incremental, contradicted = snapshot(), contradictions()
    assert rebuild(cause="test", apply=False).differences == 0
    Aggregate.objects.all().delete()
    Standing.objects.all().delete()
    assert rebuild(cause="test").differences == len(incremental) > 0
    assert snapshot() == incremental
    compute_every_unit_again()
    assert snapshot() == incremental
    assert contradictions() == contradicted


def test_the_histories_hold_everything(cast: Cast) -> None:
    History(cast, 0).happen(acts=80, drained=0)
    wanted = ({"restated": True}, {"missing_reason": "not_restatable"}, {"derived": True, "value__lt": 0})
    assert all(Standing.objects.filter(**condition).exists() for condition in wanted)
    for name in ("change_previous", "change_year", "distance_to_target", "ratio_of_sums"):
        table = Aggregate if name == "ratio_of_sums" else Standing
        assert table._default_manager.exclude(**{name: None}).exists(), name
    assert Contradiction.objects.filter(rule="year_to_date_falls").exists()


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
    History(cast, seed=1).happen(acts=10)
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
    assert [len(chunk.indicators) for chunk in run.chunks.all()] == [1, 1]
    with transaction.atomic():
        assert work_next(run.pk) and work_next(run.pk) and not work_next(run.pk)

"""Publishing fills the outbox; draining it computes exactly what was touched, once, whoever drains."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

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
from indicators.services import recomputing
from indicators.services.publishing import withdraw
from indicators.services.recomputing import drain_pending
from provinces.models import Province
from tests.cast import Cast, make_cast, make_indicator, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def national(cast: Cast, period: str) -> Aggregate:
    return Aggregate.objects.get(
        indicator=cast.on_time, period__code=period, group="nation", geography=cast.geography_63
    )


def test_statistics_and_ranks_of_one_slice(cast: Cast) -> None:
    for province, value in [(cast.ha_giang, "92.3"), (cast.cao_bang, "67.55"), (cast.dien_bien, "92.3")]:
        state(cast, province, cast.on_time, "2021-H1", value)
    assert drain_pending(cause="test") == 1
    found = national(cast, "2021-H1")
    assert (found.geography, found.reporting, found.expected) == (cast.geography_63, 3, 4)
    assert found.coverage == 0.75 and not found.complete
    assert found.median == 92.3 and found.minimum == 67.55
    assert found.mean == pytest.approx((92.3 + 67.55 + 92.3) / 3)
    ranks = Standing.objects.filter(group="nation", geography=cast.geography_63).values_list(
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
    scope = {"indicator": cast.received, "group": "nation", "geography": cast.geography_63}
    standing = Standing.objects.get(**scope)
    assert standing.rank is None and standing.province == cast.ha_giang
    assert Aggregate.objects.get(**scope).sum == 74278


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

    def fail(**_: object) -> int:
        raise ArithmeticError("boom")

    with monkeypatch.context() as patch:
        patch.setattr(recomputing, "recompute", fail)
        with pytest.raises(ArithmeticError):
            drain_pending(cause="test")
    assert PendingRecompute.objects.count() == 1
    assert RecomputeRun.objects.get().result == RecomputeRun.Result.FAILED
    drain_pending(cause="test")
    run = RecomputeRun.objects.first()
    assert run is not None and (run.result, run.units) == (RecomputeRun.Result.DONE, 1)


def test_what_fails_keeps_nothing_waiting_and_is_tried_again_later_and_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    drain_pending(cause="test")
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93")
    state(cast, cast.ha_giang, cast.received, "2021-H1", "9")
    compute = recomputing.recompute

    def fail(**words: Any) -> int:
        if cast.on_time.pk in words["indicators"]:
            raise ArithmeticError("boom")
        return compute(**words)

    def sweep() -> list[int]:
        with pytest.raises(ArithmeticError):
            drain_pending(cause="worker", afresh=False)
        return list(PendingRecompute.objects.order_by("id").values_list("attempts", flat=True))

    def time_goes_by() -> None:
        PendingRecompute.objects.filter(not_before__lt=timezone.now() + timedelta(hours=1)).update(
            not_before=timezone.now()
        )

    with monkeypatch.context() as patch:
        patch.setattr(recomputing, "recompute", fail)
        assert sweep() == [1, 1]  # both in one batch
        assert drain_pending(cause="worker", afresh=False) == 0  # too early
        assert RecomputeRun.objects.count() == 2
        time_goes_by()
        assert sweep() == [2]
        assert Standing.objects.filter(indicator=cast.received).exists()
        assert PendingRecompute.objects.get().not_before > timezone.now() + timedelta(seconds=30)
        state(cast, cast.ha_giang, cast.received, "2021-H1", "10")
        assert drain_pending(cause="worker", afresh=False) == 1
        for attempts in (3, 4, 5):
            time_goes_by()
            assert sweep() == [attempts]
        time_goes_by()
        assert drain_pending(cause="worker", afresh=False) == 0  # left alone
    assert national(cast, "2021-H1").mean == 92.3
    drain_pending(cause="command")
    assert national(cast, "2021-H1").mean == 93


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
    assert Aggregate.objects.filter(group="nation", geography=cast.geography_63).count() == 1


def standing(cast: Cast, province: Province, indicator: Indicator, period: str) -> Standing:
    return Standing.objects.get(province=province, indicator=indicator, period__code=period, group="nation")


def test_counts_of_merged_provinces_are_summed(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.received, "2024-Q1", "100")
    state(cast, cast.old_tuyen_quang, cast.received, "2024-Q1", "50")
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.received, "2024-Q1")
    assert (found.value, found.restated, found.observation, found.covered_share) == (150, True, None, 1)
    assert Aggregate.objects.get(geography=cast.geography_34, group="nation").sum == 150


def test_a_ratio_of_merged_provinces_is_recomputed_from_its_counts(cast: Cast) -> None:
    counts = [(cast.ha_giang, "50", 1, 2), (cast.old_tuyen_quang, "90", 90, 100)]
    for province, value, numerator, denominator in counts:
        state(
            cast, province, cast.on_time, "2024-Q1", value,
            numerator=Decimal(numerator), denominator=Decimal(denominator),
        )  # fmt: skip
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.on_time, "2024-Q1")
    assert found.value == pytest.approx(100 * 91 / 102) and found.restated


def test_what_cannot_be_restated_says_why_and_how_far_it_reaches(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2024-Q1", "50")
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.on_time, "2024-Q1")
    assert (found.value, found.missing_reason, found.covered_share) == (None, "predecessor_missing", 0.5)
    assert found.rank is None and not found.restated


def test_each_reason_has_its_own_words(cast: Cast) -> None:
    index = make_indicator("index", "score", "score", "higher", "-", "-")
    state(cast, cast.ha_giang, cast.received, "2024-Q1", "100")
    for province in (cast.ha_giang, cast.old_tuyen_quang):
        state(cast, province, cast.on_time, "2024-Q1", "50")
        state(cast, province, index, "2024-Q1", "50")
    drain_pending(cause="test")
    rows = Standing.objects.filter(province=cast.tuyen_quang, value=None)
    reasons = {row.indicator_id: row.missing_reason for row in rows}
    assert reasons == {
        cast.received.pk: "predecessor_missing",
        cast.on_time.pk: "counts_missing",
        index.pk: "not_restatable",
    }
    for language in ("vi", "en"):
        with translation.override(language):
            assert len({row.get_missing_reason_display() for row in rows}) == 3


def accumulate(*indicators: Indicator) -> None:
    Indicator.objects.filter(pk__in=[indicator.pk for indicator in indicators]).update(accumulates=True)


def test_the_third_quarter_of_merged_provinces(cast: Cast) -> None:
    """Their nine months less the half-years of those they were made of."""
    accumulate(cast.received)
    state(cast, cast.tuyen_quang, cast.received, "2025-YTD-09", "250")
    state(cast, cast.ha_giang, cast.received, "2025-H1", "100")
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.received, "2025-Q3")
    assert (found.value, found.missing_reason, found.covered_share) == (None, "predecessor_missing", 0.5)
    state(
        cast, cast.old_tuyen_quang, cast.received, "2025-H1", "50", as_stated="hơn 50", qualifier="more_than"
    )
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.received, "2025-Q3")
    assert (found.value, found.lower, found.upper) == (100, 90, 100)
    assert (found.derived, found.restated, found.observation, found.covered_share) == (True, True, None, 1)
    assert not Contradiction.objects.exists()
    state(cast, cast.tuyen_quang, cast.received, "2025-YTD-09", "140")
    drain_pending(cause="test")
    assert standing(cast, cast.tuyen_quang, cast.received, "2025-Q3").value == -10
    falls = Contradiction.objects.get()
    assert (falls.rule, falls.observation.period.code) == ("year_to_date_falls", "2025-YTD-09")
    assert "100 + trên 50" in falls.sentence_vi
    state(cast, cast.tuyen_quang, cast.received, "2025-Q3", "90")  # who states the quarter is believed
    drain_pending(cause="test")
    assert standing(cast, cast.tuyen_quang, cast.received, "2025-Q3").value == 90


def test_a_ratio_of_the_third_quarter_needs_everybody_s_counts(cast: Cast) -> None:
    accumulate(cast.on_time)
    told = [(cast.tuyen_quang, "2025-YTD-09", 60, 100), (cast.ha_giang, "2025-H1", 10, 20)]
    for province, period, top, bottom in told:
        counts = {"numerator": Decimal(top), "denominator": Decimal(bottom)}
        state(cast, province, cast.on_time, period, str(100 * top / bottom), **counts)
    state(cast, cast.old_tuyen_quang, cast.on_time, "2025-H1", "50")
    drain_pending(cause="test")
    found = standing(cast, cast.tuyen_quang, cast.on_time, "2025-Q3")
    assert (found.value, found.missing_reason, found.covered_share) == (None, "counts_missing", 1)
    counts = {"numerator": Decimal(5), "denominator": Decimal(30)}
    state(cast, cast.old_tuyen_quang, cast.on_time, "2025-H1", "16.7", **counts)
    drain_pending(cause="test")
    assert standing(cast, cast.tuyen_quang, cast.on_time, "2025-Q3").value == 100 * 45 / 50


def test_words_of_counts_stay_open_in_what_is_derived_from_them(cast: Cast) -> None:
    accumulate(cast.on_time)
    state(
        cast, cast.cao_bang, cast.on_time, "2025-H1", "75.7", numerator=Decimal(3_200_000),
        numerator_as_stated="trên 3,2 triệu", denominator=Decimal(4_300_000),
        denominator_as_stated="hơn 4,3 triệu", as_stated="75,7%",
    )  # fmt: skip
    state(
        cast, cast.cao_bang, cast.on_time, "2025-Q1", "50",
        numerator=Decimal(1_000_000), denominator=Decimal(2_000_000),
    )  # fmt: skip
    drain_pending(cause="test")
    found = standing(cast, cast.cao_bang, cast.on_time, "2025-Q2")
    assert (found.value, found.numerator) == (pytest.approx(100 * 2.2 / 2.3), 2_200_000)
    assert (found.lower, found.upper) == pytest.approx((100 * 2.2 / 2.4, 100))  # a percentage ends at 100
    assert not Contradiction.objects.exists()


def test_counts_of_a_percentage_that_fall_within_the_year(cast: Cast) -> None:
    accumulate(cast.on_time)
    for period, top, bottom in (("2025-Q1", 30, 60), ("2025-H1", 25, 50)):
        counts = {"numerator": Decimal(top), "denominator": Decimal(bottom)}
        state(cast, cast.cao_bang, cast.on_time, period, "50", **counts)
    drain_pending(cause="test")
    assert not Standing.objects.filter(period__code="2025-Q2").exists()
    found = {row.rule: row.sentence_en for row in Contradiction.objects.all()}
    assert found == {
        "numerator_falls": "the cumulative numerator 25 is below the earlier 30: it adds −5",
        "denominator_falls": "the cumulative denominator 50 is below the earlier 60: it adds −10",
    }


def test_a_quarter_is_derived_from_year_to_date_figures(cast: Cast) -> None:
    Indicator.objects.filter(pk=cast.received.pk).update(accumulates=True)
    state(cast, cast.cao_bang, cast.received, "2021-Q1", "100")
    state(cast, cast.cao_bang, cast.received, "2021-H1", "90")
    drain_pending(cause="test")
    found = standing(cast, cast.cao_bang, cast.received, "2021-Q2")
    assert (found.value, found.derived, found.observation) == (-10, True, None)
    assert found.change_previous == -110
    falls = Contradiction.objects.get()
    assert (falls.rule, falls.observation.period.code) == ("year_to_date_falls", "2021-H1")


def test_changes_and_trends_refer_to_the_past_and_are_computed_again_with_it(cast: Cast) -> None:
    for year in range(2017, 2022):
        state(cast, cast.cao_bang, cast.on_time, f"{year}-Q1", str(year - 1967))
        state(cast, cast.cao_bang, cast.on_time, f"{year}-Q2", str(year - 1966))
    drain_pending(cause="test")
    last = standing(cast, cast.cao_bang, cast.on_time, "2021-Q2")
    assert (last.change_previous, last.change_year, last.trend) == (1, 1, "rising")
    assert standing(cast, cast.cao_bang, cast.on_time, "2018-Q2").trend == ""  # four points
    state(cast, cast.cao_bang, cast.on_time, "2021-Q1", "60")
    drain_pending(cause="test")
    assert standing(cast, cast.cao_bang, cast.on_time, "2021-Q2").change_previous == -5


def test_no_change_across_a_break(cast: Cast) -> None:
    SeriesBreak.objects.create(indicator=cast.on_time, date=date(2021, 1, 1), reason_vi="-", reason_en="-")
    for year in (2019, 2020, 2021):
        state(cast, cast.cao_bang, cast.on_time, str(year), str(year - 1950))
    drain_pending(cause="test")
    assert standing(cast, cast.cao_bang, cast.on_time, "2020").change_previous == 1
    assert standing(cast, cast.cao_bang, cast.on_time, "2021").change_previous is None


@pytest.mark.parametrize(("comparable", "change"), [(True, 5), (False, None)])
def test_a_series_goes_on_only_across_a_comparable_link(
    cast: Cast, comparable: bool, change: float | None
) -> None:
    level_4 = make_indicator("dvc-level4-rate", "ratio", "percent", "higher", "%", "%")
    IndicatorLink.objects.create(
        predecessor=level_4, successor=cast.on_time, date=date(2021, 1, 1), comparable=comparable,
        reason_vi="-", reason_en="-",
    )  # fmt: skip
    state(cast, cast.cao_bang, cast.on_time, "2021", "55")
    drain_pending(cause="test")
    state(cast, cast.cao_bang, level_4, "2020", "50")
    drain_pending(cause="test")
    assert standing(cast, cast.cao_bang, cast.on_time, "2021").change_previous == change


@pytest.mark.parametrize(("comparable", "change", "trend"), [(True, 1, "rising"), (False, 1, "")])
def test_a_series_goes_on_along_a_chain_of_definitions(
    cast: Cast, comparable: bool, change: float, trend: str
) -> None:
    first, second = (
        make_indicator(f"dvc-{n}", "ratio", "percent", "higher", "%", "%") for n in ("first", "second")
    )
    told = {"reason_vi": "-", "reason_en": "-"}
    links = [(first, second, date(2020, 1, 1), comparable), (second, cast.on_time, date(2021, 1, 1), True)]
    for before, after, day, alike in links:
        IndicatorLink.objects.create(predecessor=before, successor=after, date=day, comparable=alike, **told)
    series = [(first, "2017"), (first, "2018"), (first, "2019"), (second, "2020"), (cast.on_time, "2021")]
    for indicator, year in reversed(series):
        state(cast, cast.cao_bang, indicator, year, str(int(year) - 1960))
        drain_pending(cause="test")
    found = standing(cast, cast.cao_bang, cast.on_time, "2021")
    assert (found.change_previous, found.trend) == (change, trend)


def test_the_distance_to_a_province_s_own_target(cast: Cast) -> None:
    target = {"indicator": cast.on_time, "operator": "at_least", "source": cast.report, "basis_vi": "-"}
    Target.objects.create(province=None, due=date(2021, 12, 31), value=Decimal(80), basis_en="all", **target)
    Target.objects.create(
        province=cast.cao_bang, due=date(2021, 12, 31), value=Decimal(90), basis_en="own", **target
    )
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "85")
    state(cast, cast.dien_bien, cast.on_time, "2021-H1", "85")
    drain_pending(cause="test")
    assert standing(cast, cast.cao_bang, cast.on_time, "2021-H1").distance_to_target == 5
    assert standing(cast, cast.dien_bien, cast.on_time, "2021-H1").distance_to_target == -5

"""Random histories: publications, corrections and withdrawals in any order, for whatever is to come out the
same however it is computed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from indicators.models import (
    Aggregate,
    Category,
    CompositeIndex,
    Contradiction,
    IndexComponent,
    IndexScore,
    Indicator,
    IndicatorLink,
    Observation,
    SeriesBreak,
    Source,
    Standing,
    Target,
)
from indicators.services.publishing import Fact, publish, withdraw
from indicators.services.recomputing import drain_pending
from indicators.services.reference.applying import mark_out_of_date
from provinces.models import (
    BoundaryChange,
    Population,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)
from tests.cast import Cast, committed, make_cast, make_fact, make_indicator, make_province, make_source

PERIODS = (
    *("2019", "2020", "2021", "2022", "2023", "2024", "2023-Q1", "2023-H1", "2023-YTD-09", "2023-Q2"),
    *("2023-Q4", "2024-Q1", "2024-H1", "2025-Q1", "2025-H1", "2025-YTD-09", "2025-Q3", "2025"),
)
_NEW_VERSION, _NEW_INDEX = date(2023, 6, 29), date(2023, 6, 30)
DICE = st.integers(0, 2**32 - 1).map(random.Random)
COMPUTED = (Aggregate, Standing, IndexScore, Contradiction)
_MADE = ("id", "computed_at", "detected_at")


def slowly(examples: int) -> settings:
    """Few examples, each of them a whole history in the database: too slow to be made smaller."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def undone() -> Iterator[Cast]:
    """The cast in a transaction that leaves nothing behind."""
    with transaction.atomic():
        yield make_cast()
        transaction.set_rollback(True)


def content(table: Any, rows: Any) -> set[str]:
    """Rows (saved or not) without ids and instants, as text: parts of scores are no keys."""
    names = [f.attname for f in table._meta.concrete_fields if f.name not in _MADE]
    return {repr((table.__name__, *(_plain(getattr(row, name)) for name in names))) for row in rows}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, _plain(part)) for name, part in value.items())
    return value.normalize() if isinstance(value, Decimal) else value


def snapshot() -> set[str]:
    """Everything computed, without ids and instants."""
    return {row for table in COMPUTED for row in content(table, table._default_manager.all())}


class History:
    """Publications, corrections and withdrawals in any order, some recomputed at once and some later: counts
    from the start of the year and by category, ratios with counts, worded counts and none, a chain of
    definitions, a break, targets and what is said of them, published ranks; two versions of an index with
    published totals; provinces that merged and such as go on."""

    def __init__(self, cast: Cast, dice: random.Random) -> None:
        self.cast, self.dice = cast, dice
        Indicator.objects.filter(pk__in=[cast.received.pk, cast.on_time.pk]).update(accumulates=True)
        names = ("on-time-first", "on-time-second")
        self.first, self.second = (
            make_indicator(name, "ratio", "percent", "higher", "%", "%", accumulates=True) for name in names
        )
        self.score, self.total = (
            make_indicator(name, "score", "score", direction, "-", "-")
            for name, direction in (("score", "lower"), ("total", "higher"))
        )
        self.others = [make_province(f"continues-{n}", f"9{n}", f"C{n}", f"C{n}", "city") for n in (1, 2)]
        self._make_series()
        self._make_targets()
        for version, ends in (("1", {"valid_to": _NEW_VERSION}), ("2", {"valid_from": _NEW_INDEX})):
            self._make_index(version, **ends)

    def _make_series(self) -> None:
        told = {"reason_vi": "-", "reason_en": "-"}
        chain = [(self.first, self.second, 2021), (self.second, self.cast.on_time, 2022)]
        for predecessor, successor, year in chain:
            IndicatorLink.objects.create(
                predecessor=predecessor, successor=successor, date=date(year, 1, 1), comparable=True, **told
            )
        for indicator, day in ((self.first, date(2020, 6, 1)), (self.cast.received, date(2023, 8, 1))):
            SeriesBreak.objects.create(indicator=indicator, date=day, **told)

    def _make_targets(self) -> None:
        told = {"source": self.cast.report, "basis_vi": "-", "basis_en": "-", "operator": "at_least"}
        outcomes = [
            (None, 60, "", date(2024, 6, 1)),
            (self.cast.dien_bien, 80, "met", date(2025, 12, 31)),
            (self.cast.cao_bang, 20, "not_met", date(2025, 12, 31)),
        ]
        for province, value, outcome, due in outcomes:
            Target.objects.create(
                indicator=self.cast.on_time, province=province, value=Decimal(value), due=due,
                stated_outcome=outcome, **told,
            )  # fmt: skip

    def _make_index(self, version: str, **ends: date) -> None:
        index = CompositeIndex.objects.create(
            code="own", version=version, scale=Decimal(100), total=self.total, weights="published",
            rounding=Decimal(20), name_vi="-", name_en="-", legal_basis="-", **ends,
        )  # fmt: skip
        named = {"name_vi": "-", "name_en": "-", "index": index}
        IndexComponent.objects.create(
            code="on-time", rule="share_of_maximum", weight=int(version), highest=90,
            indicator=self.cast.on_time, **named,
        )  # fmt: skip
        IndexComponent.objects.create(
            code="score", rule="min_max", weight=1, lowest=100, highest=0, indicator=self.score, **named
        )

    def happen(self, acts: int, drained: float = 0.4, told: Callable[[], None] = lambda: None) -> None:
        """``told`` is called whenever everything is computed."""
        for _ in range(acts):
            self.act()
            if self.dice.random() < drained:
                drain_pending(cause="test")
                told()
        drain_pending(cause="test")
        told()

    def act(self) -> None:
        dice = self.dice
        lot = dice.randrange(100)
        current = Observation.objects.current().exclude(status="withdrawn").order_by("pk")
        if lot < 15 and current.exists():
            withdraw(observations=[dice.choice(list(current))], reason="at random")
        elif lot < 30:
            publish(facts=self.ranking(), cause="reference")
        elif lot < 36:
            publish(facts=self.year_of_the_merger(), cause="reference")
        else:
            facts = [self.fact() for _ in range(dice.choice([1, 1, 3, 8]))]
            publish(facts=list({fact.key: fact for fact in facts}.values()), cause="reference")

    def ranking(self) -> list[Fact]:
        """Scores of every province of a geography with their ranks, most of them true; and totals."""
        dice, cast = self.dice, self.cast
        period = dice.choice(["2022", "2023", "2024", "2025-Q3"])
        own = [cast.ha_giang, cast.old_tuyen_quang] if period < "2025" else [cast.tuyen_quang]
        provinces = [*own, cast.cao_bang, cast.dien_bien, *self.others]
        scores = [dice.randrange(1, 20) * 5 for _ in provinces]
        ranks = [1 + sum(other < score for other in scores) for score in scores]
        if dice.random() < 0.5:
            ranks[0] = 1 + ranks[0] % len(provinces)
        count = {"stated_rank_of": 63 if period < "2025" else 34}
        facts = [
            make_fact(cast, province, self.score, period, str(score), stated_rank=rank, **count)
            for province, score, rank in zip(provinces, scores, ranks, strict=True)
        ]
        totals = [make_fact(cast, province, self.total, period, "100") for province in provinces[:2]]
        return facts + totals

    def year_of_the_merger(self) -> list[Fact]:
        """What a merged province and those that it was made of reported from the start of 2025."""
        dice, cast = self.dice, self.cast
        told = [
            (cast.ha_giang, "2025-H1"),
            (cast.old_tuyen_quang, "2025-H1"),
            (cast.tuyen_quang, "2025-YTD-09"),
        ]
        if dice.random() < 0.5:
            return [self.count(*place, None) for place in told]
        return [self.share(province, cast.on_time, period) for province, period in told]

    def fact(self) -> Fact:
        dice, cast = self.dice, self.cast
        period = dice.choice(PERIODS)
        old, new = [cast.ha_giang, cast.old_tuyen_quang], [cast.tuyen_quang]
        own_time = old if period < "2025-YTD" else new
        province = dice.choice([*own_time, *own_time, *old, cast.cao_bang, cast.dien_bien, *self.others])
        indicator = dice.choice(
            [cast.received, cast.received, cast.on_time, cast.on_time, self.second, self.first, self.score]
        )
        if indicator == cast.received:
            return self.count(province, period, dice.choice([None, None, cast.online, cast.direct]))
        if indicator == self.score:
            return make_fact(cast, province, indicator, period, str(dice.randrange(0, 100)))
        return self.share(province, indicator, period)

    def count(self, province: Province, period: str, category: Category | None) -> Fact:
        dice, cast = self.dice, self.cast
        value, words = str(dice.randrange(1, 90)), dice.choice(["", "", "hơn "])
        told = {"category": category, "as_stated": words + value}
        told["qualifier"] = "more_than" if words else "exact"
        return make_fact(cast, province, cast.received, period, value, **told)

    def share(self, province: Province, indicator: Indicator, period: str) -> Fact:
        dice = self.dice
        top, bottom = dice.randrange(0, 50), dice.randrange(50, 90)
        share = str(round(Decimal(100) * top / bottom, 1))
        counts: dict[str, Any] = {}
        if dice.random() < 0.7:
            counts = {"numerator": Decimal(top), "denominator": Decimal(bottom)}
            if dice.random() < 0.1:
                share = "99"
            if dice.random() < 0.3:
                counts["denominator_as_stated"] = f"hơn {bottom}"
        return make_fact(self.cast, province, indicator, period, share, **counts)


class ChangingHistory(History):
    """The same from two sources, while everything that figures are computed by changes too: directions,
    thresholds, bounds, breaks, comparable or not, targets, regions, kinds, populations, mergers, which source
    is the newer, weights and goalposts."""

    def __init__(self, cast: Cast, dice: random.Random) -> None:
        super().__init__(cast, dice)
        self.other = make_source("other", "-", published="2022")
        self.region = Region.objects.create(
            geography=cast.geography_63, code="other", name_vi="-", name_en="-", legal_basis="-", position=2
        )
        for province in Province.objects.all():
            Population.objects.create(province=province, definition="census", year=2019, persons=900_000)
        committed()

    def happen(self, acts: int, drained: float = 0.4, told: Callable[[], None] = lambda: None) -> None:
        def settled() -> None:
            committed()
            told()

        super().happen(acts, drained, settled)

    def act(self) -> None:
        if self.dice.random() < 0.5:
            super().act()
        else:
            self.change()
            mark_out_of_date(None)
        committed()

    def fact(self) -> Fact:
        return replace(super().fact(), source=self.dice.choice([self.cast.report, self.other]))

    def change(self) -> None:
        kinds = (self.define, self.break_off, self.aim, self.regroup, self.weigh)
        self.dice.choice(kinds)()

    def one_of(self, model: type[Model]) -> Any:
        return model._default_manager.filter(
            pk=self.dice.choice(list(model._default_manager.order_by("pk"))).pk
        )

    def define(self) -> None:
        dice = self.dice
        change: dict[str, object] = dice.choice(
            [
                {"direction": dice.choice(["higher", "lower", "none"])},
                {"coverage_threshold": dice.choice([0.2, 0.5, 0.9])},
                {"upper_bound": dice.choice([None, Decimal(50), Decimal(95)])},
                {"accumulates": dice.random() < 0.5},
            ]
        )
        self.one_of(Indicator).update(**change)
        self.one_of(Source).update(published=dice.choice(["", "2021", "2023"]))

    def break_off(self) -> None:
        self.one_of(IndicatorLink).update(comparable=self.dice.random() < 0.5)
        day = date(self.dice.randrange(2019, 2026), 3, 1)
        told = {"date": day, "reason_vi": "-", "reason_en": "-"}
        SeriesBreak.objects.get_or_create(indicator=self.one_of(Indicator).get(), date=day, defaults=told)
        if SeriesBreak.objects.count() > 3:
            self.one_of(SeriesBreak).delete()

    def aim(self) -> None:
        if self.dice.random() < 0.3 and Target.objects.count() > 1:
            self.one_of(Target).delete()
        else:
            value = Decimal(self.dice.randrange(10, 90))
            self.one_of(Target).update(value=value, due=date(self.dice.randrange(2023, 2026), 12, 31))

    def regroup(self) -> None:
        dice = self.dice
        of_63 = RegionMembership.objects.filter(geography=self.cast.geography_63).order_by("pk")
        RegionMembership.objects.filter(pk=dice.choice(list(of_63)).pk).update(region=self.region)
        self.one_of(Population).update(persons=dice.choice([400_000, 1_200_000, 2_500_000]))
        self.one_of(ProvinceDesignation).update(kind=dice.choice(["city", "province"]))
        if dice.random() < 0.2:
            BoundaryChange.objects.filter(predecessor=self.cast.ha_giang).delete()

    def weigh(self) -> None:
        dice = self.dice
        self.one_of(IndexComponent).update(weight=Decimal(dice.randrange(1, 6)))
        IndexComponent.objects.filter(code="on-time").update(highest=Decimal(dice.randrange(60, 100)))
        self.one_of(CompositeIndex).update(rounding=dice.choice([None, Decimal(20)]))

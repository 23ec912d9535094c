"""What simulated data have besides figures of whole provinces: breakdowns, a composite index, targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from indicators.core import simulated_parts as parts
from indicators.core.ranking import Direction
from indicators.core.restatement import Content
from indicators.core.simulated_reports import STATUSES, Reported
from indicators.core.simulation import Integers, Series, Subject
from indicators.models import Category, CompositeIndex, IndexComponent, Indicator, Source, Target
from indicators.services.simulated_plan import CODE_PREFIX, Plan, period_keys

#: So many counts are broken down, the first of the plan that can be.
BROKEN_DOWN = 4
#: Every third percentage has a target.
_TARGET_EACH = 3
#: Streams of chance beyond those of the plan's indicators.
_OF_PARTS, _OF_INDICES = 10_000, 20_000
_BASIS_VI = "Mục tiêu đặt ra để trình diễn; không có văn bản nào giao."
_BASIS_EN = "A target made up for demonstration; no decision sets it."
#: (category, values, the wholes as reported).
Part = tuple[int, Integers, Reported]


class Breakdowns:
    """The parts of the plan's counts, by the categories of a dimension that has no others above them."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan, self.seed = plan, seed
        self.slips = 0
        counts = [indicator for indicator in plan.indicators if indicator.kind == Indicator.Kind.COUNT]
        found = {indicator.pk: _categories(indicator) for indicator in counts if _real(indicator)}
        chosen = [(key, categories) for key, categories in found.items() if len(categories) > 1]
        self.categories = dict(chosen[:BROKEN_DOWN])
        self._shares = {
            key: parts.shares(plan.reporting.shape, len(categories), self._chance(key, 0))
            for key, categories in self.categories.items()
        }

    def of(self, reported: Reported, indicator: Indicator, act: int) -> Iterator[Part]:
        """Each part, where the whole is stated."""
        categories = self.categories.get(indicator.pk, [])
        stated = reported.where(reported.missing == 0)
        if not categories or not len(stated.quarter):
            return
        among = self._shares[indicator.pk][stated.quarter, stated.province]
        exact = (stated.qualifier == 0) & (stated.status == STATUSES.index("final"))
        exact &= not self.plan.subjects[indicator.pk].cumulative
        found = parts.split(stated.numerator, among, exact, self._chance(indicator.pk, act))
        self.slips += int(found.slip.sum())
        for place, category in enumerate(categories):
            yield category, found.parts[:, place], stated

    def _chance(self, indicator: int, act: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, _OF_PARTS + self.plan.subjects[indicator].number, act])


def _real(indicator: Indicator) -> bool:
    return not indicator.code.startswith(CODE_PREFIX)


def _categories(indicator: Indicator) -> list[int]:
    """Those at the top of the indicator's last dimension by code: the channel before the level."""
    dimension = indicator.dimensions.order_by("-code").first()
    tops = Category.objects.filter(dimension=dimension, parent=None) if dimension else Category.objects.none()
    return list(tops.order_by("position", "code").values_list("pk", flat=True))


class Indices:
    """Components and totals of the indices whose totals are the sums of their published components."""

    def __init__(self, plan: Plan, seed: int, draw: Callable[[Subject], Series]) -> None:
        self.plan, self.seed, self.draw = plan, seed, draw
        self.slips = 0

    def frames(self, source: int) -> Iterator[pl.DataFrame]:
        """The columns of ``staging.FACT_SCHEMA``, an indicator each."""
        periods = period_keys(self.plan.quarters, cumulative=False)
        indices = CompositeIndex.objects.exclude(rounding=None).order_by("code", "version")
        for number, index in enumerate(indices.prefetch_related("components")):
            leaves = _leaves(list(index.components.all()))
            there = self.plan.reporting & _in_force(index, [q.end for q in self.plan.quarters])[:, None]
            if not leaves or not there.any():
                continue
            first = _OF_INDICES + 100 * number
            drawn = [
                self.draw(Subject(first + place, Content.OTHER, Direction.HIGHER, flow=False))
                for place in range(len(leaves))
            ]
            chance = np.random.default_rng([self.seed, first, 1])
            found = parts.scores(drawn, [float(leaf.highest or 1) for leaf in leaves], chance)
            quarter, province = np.nonzero(there & ~found.silent)
            self.slips += int((found.slip & there).sum())
            keys = {"province": self.plan.provinces[province], "period": periods[quarter]}
            indicators = [leaf.indicator_id or 0 for leaf in leaves]
            for key, units in zip(
                [*indicators, index.total_id], [*found.components, found.totals], strict=True
            ):
                yield _scores(keys, key, source, units[quarter, province])


def _leaves(components: Sequence[IndexComponent]) -> list[IndexComponent]:
    above = {component.parent_id for component in components}
    leaves = [component for component in components if component.pk not in above]
    published = all(leaf.rule == IndexComponent.Rule.PUBLISHED and leaf.indicator_id for leaf in leaves)
    return leaves if published else []


def _in_force(index: CompositeIndex, days: Sequence[date]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    first, last = index.valid_from or date.min, index.valid_to or date.max
    return np.array([first <= day <= last for day in days], dtype=np.bool_)


def _scores(keys: Mapping[str, Integers], indicator: int, source: int, units: Integers) -> pl.DataFrame:
    whole, rest = (part.cast(pl.String) for part in (pl.col("units") // 10, pl.col("units") % 10))
    return pl.DataFrame({**keys, "units": units}).select(
        *keys, indicator=pl.lit(indicator), source=pl.lit(source), value=whole + "." + rest
    )


class Targets:
    """Targets for all provinces, due at the end of the last year: about what a third of them reached."""

    def __init__(self, plan: Plan, source: Source) -> None:
        self.plan, self.source = plan, source
        self.made: list[Target] = []
        self._seen = 0

    def note(self, reported: Reported, indicator: Indicator) -> None:
        """Look at the figures of a percentage; every third of those that are judged gets a target."""
        judged = indicator.direction != Indicator.Direction.NONE
        if indicator.measure != Indicator.Measure.PERCENT or not judged:
            return
        self._seen += 1
        last = (reported.quarter == reported.quarter.max(initial=0)) & (reported.missing == 0)
        if self._seen % _TARGET_EACH or not last.any():
            return
        rising = indicator.direction == Indicator.Direction.HIGHER
        values = reported.value[last] / 10.0 ** reported.decimals[last]
        goal = np.clip(5 * np.round(np.quantile(values, 0.67 if rising else 0.33) / 5), 5, 100)
        self.made.append(
            Target(
                indicator=indicator,
                due=date(self.plan.quarters[-1].end.year, 12, 31),
                operator=Target.Operator.AT_LEAST if rising else Target.Operator.AT_MOST,
                value=Decimal(int(goal)),
                as_stated=f"{int(goal)}%",
                basis_vi=_BASIS_VI,
                basis_en=_BASIS_EN,
                source=self.source,
            )
        )

"""Loading simulated data: drawn by seed, published like any other facts, flagged by their source.

Two acts of publishing make real history: what was reported first, then the corrections. Real and simulated
figures never meet: ``Source.simulated`` passes to the observations and to everything computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from django.db import transaction

from indicators.core import simulated_reports as reports
from indicators.core.restatement import Content
from indicators.core.simulated_reports import Reported
from indicators.core.simulation import Integers, Series, Subject, cumulated, draw, gathered
from indicators.models import Indicator, Publication, Source, Target
from indicators.services.bulk_publishing import lock_publishing, publish_columns
from indicators.services.removing_simulated import remove_simulated
from indicators.services.simulated_extras import Breakdowns, Indices, Targets
from indicators.services.simulated_plan import Plan, Request, SimulationRefused, linked, period_keys, plan

SOURCE_CODE = "simulated"
_NOTE_VI = "Số liệu đặt ra để trình diễn hệ thống, không phải số liệu thật của bất kỳ tỉnh nào."
_NOTE_EN = "Figures made up to demonstrate the system; they are not those of any real province."

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Loaded:
    """``figures`` of the first publication, ``corrections`` of the second, and what contradicts itself on
    purpose among them: ``slips``, percentages against their counts, and ``sums_off``, wholes against their
    parts. All 0 where the same was loaded before."""

    figures: int = 0
    corrections: int = 0
    slips: int = 0
    sums_off: int = 0


@transaction.atomic
def load_simulated(
    request: Request, *, replace: bool = False, progress: Progress = lambda *_: None
) -> Loaded:
    """Publish what ``request`` asks for; the same request a second time changes nothing.

    Raises SimulationRefused where it cannot be made, or where other simulated data are there and are not to
    be replaced.
    """
    lock_publishing()
    if (there := Source.objects.filter(simulated=True).first()) is not None:
        if there.reference == request.words:
            return Loaded()
        if not replace:
            raise SimulationRefused(
                f"Other simulated data are there ({there.reference}). Add --replace, or run "
                f"`manage.py remove_simulated` first."
            )
        remove_simulated()
    made = plan(request)
    source = _make_source(request, made)
    drawn = _Drawing(made, request.seed, source)
    total = int(made.reporting.sum()) * len(made.indicators)
    first = publish_columns(
        facts=drawn.first_reports(),
        cause=Publication.Cause.SIMULATION,
        reason=request.words,
        progress=lambda done: progress("simulated figures", min(done, total - 1), total),
    )
    progress("simulated figures", total, total)
    second = publish_columns(
        facts=drawn.corrections, cause=Publication.Cause.SIMULATION, reason=request.words
    )
    Target.objects.bulk_create(drawn.targets.made)
    return Loaded(first.new, second.changed, drawn.slips, drawn.breakdowns.slips + drawn.indices.slips)


def _make_source(request: Request, made: Plan) -> Source:
    return Source.objects.create(
        code=SOURCE_CODE,
        title="Số liệu mô phỏng (không phải số liệu thật)",
        publisher="Tỉnh Số",
        reference=request.words,
        published=made.quarters[-1].end.isoformat(),
        note_vi=_NOTE_VI,
        note_en=_NOTE_EN,
        simulated=True,
    )


class _Drawing:
    """Frames of facts, one indicator after the other, so that memory stays small."""

    def __init__(self, made: Plan, seed: int, source: Source) -> None:
        self.plan, self.seed, self.source = made, seed, source.pk
        self.breakdowns = Breakdowns(made, seed)
        self.indices = Indices(made, seed, self._gathered)
        self.targets = Targets(made, source)
        self.numerator_of, self.denominator = linked(made.indicators)
        self.periods = {
            cumulative: period_keys(made.quarters, cumulative=cumulative)
            for cumulative in {subject.cumulative for subject in made.subjects.values()}
        }
        self.corrections: list[pl.DataFrame] = []
        self.slips = 0

    def first_reports(self) -> Iterator[pl.DataFrame]:
        """What is published first; the corrections gather in ``corrections`` on the way."""
        for indicator in self.plan.indicators:
            subject = self.plan.subjects[indicator.pk]
            series = gathered(self._drawn(indicator.pk), self.plan.ground.members)
            series = (cumulated(series) if subject.cumulative else series).since(self.plan.lead)
            first, revised = (self._existing(part) for part in reports.report(series, subject, self.seed))
            self.slips += int(first.slip.sum())
            self.targets.note(first, indicator)
            self.corrections += [self._facts(revised, indicator), *self._parts(revised, indicator, act=2)]
            yield self._facts(first, indicator)
            yield from self._parts(first, indicator, act=1)
        yield from self.indices.frames(self.source)

    def _gathered(self, subject: Subject) -> Series:
        """A percentage of its own, by reporting province, without the lead."""
        quarters = self.plan.lead + len(self.plan.quarters)
        drawn = draw(subject, self.plan.ground, quarters=quarters, seed=self.seed)
        return gathered(drawn, self.plan.ground.members).since(self.plan.lead)

    def _parts(self, reported: Reported, indicator: Indicator, act: int) -> Iterator[pl.DataFrame]:
        cumulative = self.plan.subjects[indicator.pk].cumulative
        for category, values, stated in self.breakdowns.of(reported, indicator, act):
            yield pl.DataFrame(
                {
                    "province": self.plan.provinces[stated.province],
                    "indicator": np.full(len(values), indicator.pk),
                    "period": self.periods[cumulative][stated.quarter],
                    "category": np.full(len(values), category),
                    "source": np.full(len(values), self.source),
                    "value": values,
                    "status": _named(stated.status, reports.STATUSES),
                }
            ).with_columns(pl.col("value").cast(pl.String))

    def _drawn(self, indicator: int) -> Series:
        """Its own series; a count that is a percentage's numerator is that numerator."""
        if (percentage := self.numerator_of.get(indicator)) is not None:
            return Series(self._drawn(percentage).numerator)
        whole = self.denominator.get(indicator)
        return draw(
            self.plan.subjects[indicator],
            self.plan.ground,
            quarters=self.plan.lead + len(self.plan.quarters),
            seed=self.seed,
            denominator=None if whole is None else self._drawn(whole).numerator,
        )

    def _existing(self, reported: Reported) -> Reported:
        return reported.where(self.plan.reporting[reported.quarter, reported.province])

    def _facts(self, reported: Reported, indicator: Indicator) -> pl.DataFrame:
        """The columns of ``staging.FACT_SCHEMA``."""
        subject = self.plan.subjects[indicator.pk]
        stated, counted = reported.missing == 0, subject.content is Content.RATIO
        value = _plain(reported.value, reported.decimals)
        words = subject.content is Content.COUNT
        return (
            pl.DataFrame(
                {
                    "province": self.plan.provinces[reported.province],
                    "indicator": np.full(len(stated), indicator.pk),
                    "period": self.periods[subject.cumulative][reported.quarter],
                    "source": np.full(len(stated), self.source),
                    "value": value,
                    "numerator": reported.numerator,
                    "denominator": reported.denominator,
                    "qualifier": _named(reported.qualifier, [name.value for name, *_ in reports.WORDS]),
                    "as_stated": _as_stated(value, reported, count=words),
                    "status": _named(reported.status, reports.STATUSES),
                    "missing_reason": _named(reported.missing, reports.MISSING),
                    "stated": stated,
                }
            )
            .with_columns(
                value=pl.when("stated").then("value"),
                numerator=pl.when(pl.col("stated") & counted).then(pl.col("numerator").cast(pl.String)),
                denominator=pl.when(pl.col("stated") & counted).then(pl.col("denominator").cast(pl.String)),
                qualifier=pl.when("stated").then("qualifier").otherwise(pl.lit("exact")),
                as_stated=pl.when("stated").then("as_stated").otherwise(pl.lit("")),
            )
            .drop("stated")
        )


def _plain(value: Integers, decimals: Integers) -> pl.Series:
    """Units of 10^−decimals as plain digits with that many decimals."""
    frame = pl.DataFrame({"value": value, "decimals": decimals, "unit": 10**decimals})
    whole = (pl.col("value") // pl.col("unit")).cast(pl.String)
    rest = (pl.col("value") % pl.col("unit")).cast(pl.String)
    padded = pl.when(pl.col("decimals") == 2).then(rest.str.zfill(2)).otherwise(rest)
    return frame.select(
        pl.when(pl.col("decimals") == 0).then(whole).otherwise(whole + "." + padded)
    ).to_series()


def _named(places: Integers, names: tuple[str, ...] | list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(np.maximum(places, 0))


def _as_stated(value: pl.Series, reported: Reported, *, count: bool) -> list[str]:
    """The words of figures that have any; plain figures need none."""
    texts = [""] * len(value)
    for row in np.flatnonzero(reported.qualifier).tolist():
        _, percentage, counted = reports.WORDS[int(reported.qualifier[row])]
        number = f"{int(value[row]):,}".replace(",", ".")
        texts[row] = counted.format(number) if count else percentage.format(f"{number}%")
    return texts

"""Recomputing what publications touched, and keeping the record of it.

What is pending stands in the outbox (``PendingRecompute``), written in the publication's own transaction. Any
number of workers drain it side by side: ``SKIP LOCKED`` hands each a different row, an advisory lock keeps
one indicator with one worker, and the rows are deleted in the transaction that writes the result. A worker
that dies leaves everything as it was; what is recomputed twice comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import numpy as np
import polars as pl
from django.db import connection, transaction
from django.db.models import Min, Model
from django.utils import timezone

from indicators.core.engine import Wanted, computed
from indicators.core.frames import Calendar, Columns, Facts, Frame, Layout
from indicators.core.periods import Period as CorePeriod
from indicators.models import (
    Aggregate,
    IndicatorLink,
    MissingReason,
    Observation,
    PendingRecompute,
    Period,
    RecomputeRun,
    Standing,
)
from indicators.models.facts import ObservationQuerySet
from indicators.services import framing
from indicators.services.columns import copy_in, read_facts, table_frame
from indicators.services.composing import recompose, totals_of
from indicators.services.contradicting import Evidence, refresh_contradictions
from indicators.services.framing import derivable_quarters

INDICATOR_LOCK = 0x7105_0002
REBUILD_LOCK = 0x7105_0003
#: Indicators that one transaction recomputes at the most: enough to share what is read, yet short.
BATCH = 40
_TREND_WORDS = {-1.0: Standing.Trend.FALLING, 0.0: Standing.Trend.STEADY, 1.0: Standing.Trend.RISING}
TABLES: tuple[type[Model], ...] = (Aggregate, Standing)


def drain_pending(*, cause: str, progress: Callable[[int, int], None] | None = None) -> int:
    """Recompute what is pending until nothing is; returns how many units (indicator × period) were pending.

    ``progress`` is told (units done, units left).
    """
    if not PendingRecompute.objects.exists():
        return 0
    run = RecomputeRun.objects.create(cause=cause, scope="pending", started_at=timezone.now())
    try:
        while (done := _recompute_next()) is not None:
            run.units += done[0]
            run.rows += done[1]
            if progress:
                progress(run.units, PendingRecompute.objects.count())
        run.result = RecomputeRun.Result.DONE
    except Exception as error:
        run.result, run.error = RecomputeRun.Result.FAILED, repr(error)
        raise
    finally:
        run.finished_at = timezone.now()
        run.save()
    return run.units


@transaction.atomic
def _recompute_next() -> tuple[int, int] | None:
    """Recompute a batch of what is pending and held by no other worker, the oldest first; (units, rows
    written), or None when nothing is pending. One publication is one small batch; a bulk load shares its
    readings."""
    claimable = PendingRecompute.objects.select_for_update(skip_locked=True).order_by("id")
    first = claimable.first()
    if first is None:
        return None
    batch = PendingRecompute.objects.filter(simulated=first.simulated, pk__gte=first.pk)
    oldest = batch.order_by().values("indicator").annotate(first=Min("pk")).order_by("first")[:BATCH]
    mine = claimable.filter(simulated=first.simulated, indicator__in=[row["indicator"] for row in oldest])
    claimed = list(mine.values_list("pk", "indicator_id", "period_id"))
    indicators = with_continuing({indicator for _, indicator, _ in claimed})
    lock_indicators(indicators | totals_of(indicators))
    PendingRecompute.objects.filter(pk__in=[key for key, *_ in claimed]).delete()
    units = {(indicator, period) for _, indicator, period in claimed}
    periods = {period for _, period in units}
    return len(units), recompute(indicators=indicators, periods=periods, simulated=first.simulated)


def recompute(*, indicators: Iterable[int], periods: set[int], simulated: bool) -> int:
    """Replace what is computed of ``indicators`` for ``periods`` and all that refers to them; returns the
    rows.

    Call inside a transaction that holds the indicators' locks: facts are read after the locks, so that
    whatever was published before a later pending row is seen by whoever takes that row.
    """
    indicators = sorted(indicators)
    facts = read_facts(usable_facts(indicators, simulated=simulated))
    context = ensure_derivable_quarters(facts)
    touched = referring(periods, context.calendar)
    scope = {"indicator__in": indicators, "period__in": touched, "simulated": simulated}
    for table in TABLES:
        table._default_manager.filter(**scope).delete()
    wanted = Wanted(np.array(indicators, dtype=np.int64), np.array(sorted(touched), dtype=np.int64))
    frames = computed_frames(facts, context, wanted, simulated)
    rows = sum(append(table, frame) for table, frame in frames.items())
    adds_up = any(context.definitions[key].accumulates for key in indicators)
    # The figure of a whole year is held against its quarters.
    around = touched | context.calendar.around(periods) if adds_up else touched
    evidence = Evidence(Observation.objects.current().filter(simulated=simulated), facts, context)
    refresh_contradictions(evidence, indicators, around, simulated=simulated)
    recompose(indicators=indicators, periods=periods, context=context, simulated=simulated)
    return rows


def computed_frames(
    facts: Facts, context: Frame, wanted: Wanted, simulated: bool
) -> dict[type[Model], pl.DataFrame]:
    """Everything computed from ``facts`` in all geographies, as rows of the tables (without ids and
    instants)."""
    parts = [
        (layout, *tables)
        for layout in context.layouts
        if (tables := computed(facts, context, layout, wanted)) is not None
    ]
    aggregates = _stacked([(layout, columns) for layout, columns, _ in parts], simulated)
    standings = _stacked([(layout, columns) for layout, _, columns in parts], simulated)
    return {
        Aggregate: table_frame(Aggregate, aggregates),
        Standing: table_frame(Standing, _in_words(standings) if standings.width else standings),
    }


def _stacked(parts: list[tuple[Layout, Columns]], simulated: bool) -> pl.DataFrame:
    """The columns of several geographies as one frame."""
    if not parts:
        return pl.DataFrame()
    columns = {name: np.concatenate([part[name] for _, part in parts]) for name in parts[0][1]}
    lengths = [len(part["group"]) for _, part in parts]
    geographies = np.repeat([layout.geography for layout, _ in parts], lengths)
    groups = [pl.Series([group.code for group in layout.groups])[part["group"]] for layout, part in parts]
    return pl.DataFrame(columns | {"geography_id": geographies}).with_columns(
        pl.concat(groups).alias("group"), pl.lit(simulated).alias("simulated")
    )


def _in_words(standings: pl.DataFrame) -> pl.DataFrame:
    trend = pl.col("trend").fill_nan(None).replace_strict(_TREND_WORDS, default="", return_dtype=pl.String)
    reason = pl.when("not_restatable").then(pl.lit(MissingReason.NOT_RESTATABLE)).otherwise(pl.lit(""))
    return standings.with_columns(trend, missing_reason=reason).drop("not_restatable")


def append(table: type[Model], frame: pl.DataFrame) -> int:
    """Write rows into the table, stamped with this instant."""
    now = pl.lit(timezone.now().isoformat()).alias("computed_at")
    return copy_in(table._meta.db_table, frame if frame.is_empty() else frame.with_columns(now))


def usable_facts(indicators: list[int], *, simulated: bool) -> ObservationQuerySet:
    """The facts that ``indicators`` are computed from, as they stand."""
    return facts_behind(Observation.objects.current().filter(simulated=simulated), indicators)


def facts_behind(stated: ObservationQuerySet, indicators: list[int]) -> ObservationQuerySet:
    """The facts among ``stated`` that ``indicators`` are computed from: their own, and those of definitions
    they continue."""
    before = IndicatorLink.objects.filter(comparable=True, successor__in=indicators)
    known = {*indicators, *before.values_list("predecessor_id", flat=True)}
    return stated.filter(indicator__in=known).usable()


def referring(periods: set[int], calendar: Calendar) -> set[int]:
    """``periods``, the quarters derived from them, and every later period that may be compared with one of
    these: changes and trends refer backwards."""
    derived = {quarter for quarter, *from_ in calendar.quarters if periods & set(from_)}
    touched = periods | derived
    mine = np.isin(calendar.period, list(touched))
    result = set(touched)
    for number in np.unique(calendar.comparison[mine]):
        same = calendar.comparison == number
        first = calendar.end[same & mine].min()
        result |= set(calendar.period[same & (calendar.end >= first)].tolist())
    return result


def ensure_derivable_quarters(facts: Facts) -> Frame:
    """The frame, with rows for the quarters that lie between year-to-date periods of facts that
    accumulate."""
    context = framing.frame()
    calendar = context.calendar
    adding = [key for key, definition in context.definitions.items() if definition.accumulates]
    used = np.isin(calendar.period, facts.period[np.isin(facts.indicator, adding)])
    if not used.any():
        return context
    spans = zip(calendar.start[used].tolist(), calendar.end[used].tolist(), strict=True)
    cores = tuple(CorePeriod(date.fromordinal(start), date.fromordinal(end)) for start, end in spans)
    known = set(zip(calendar.start.tolist(), calendar.end.tolist(), strict=True))
    missing = [
        quarter
        for quarter in derivable_quarters(cores)
        if (quarter.start.toordinal(), quarter.end.toordinal()) not in known
    ]
    if not missing:
        return context
    Period.objects.bulk_create(
        [
            Period(code=q.code, kind=q.kind.value, calendar=q.calendar.value, start=q.start, end=q.end)
            for q in missing
        ],
        ignore_conflicts=True,
    )
    return framing.frame()


def wait_for_rebuild() -> None:
    """Until the transaction ends no full rebuild is begun or put in place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [REBUILD_LOCK])


def lock_indicators(indicators: Iterable[int]) -> None:
    """Hold the indicators until the transaction ends; always in one order, so that nobody waits in a circle.

    The shared lock waits while a full rebuild puts its result in place. It always comes first.
    """
    wait_for_rebuild()
    with connection.cursor() as cursor:
        for key in sorted(indicators):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [INDICATOR_LOCK, key])


def with_continuing(indicators: set[int]) -> set[int]:
    """``indicators`` and the definitions whose series begins with one of theirs."""
    links = IndicatorLink.objects.filter(comparable=True, predecessor__in=indicators)
    return indicators | set(links.values_list("successor_id", flat=True))

"""Recomputing what publications touched, and keeping the record of it.

What is pending stands in the outbox (``PendingRecompute``), written in the publication's own transaction. Any
number of workers drain it side by side: ``SKIP LOCKED`` hands each different rows, an advisory lock keeps
one indicator with one worker. A unit is done in two transactions: first its aggregates and standings, which
readers wait for; then what is read off these, contradictions and scores of indices. Each marks or deletes the
rows of the outbox together with what it writes. A worker that dies leaves everything as it was; what is
recomputed twice comes out the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from indicators.core.engine import Wanted
from indicators.core.frames import Calendar, Facts, Frame
from indicators.core.periods import Period as CorePeriod
from indicators.models import Observation, PendingRecompute, Period, RecomputeRun
from indicators.models.facts import ObservationQuerySet
from indicators.services import framing
from indicators.services.binary_rows import copy_rows, microseconds
from indicators.services.columns import read_usable_facts
from indicators.services.composing import recompose, totals_of
from indicators.services.computing import TABLES, computed_tables
from indicators.services.contradicting import Evidence, refresh_contradictions
from indicators.services.framing import derivable_quarters

INDICATOR_LOCK = 0x7105_0002
REBUILD_LOCK = 0x7105_0003
#: Indicators that one transaction recomputes at the most: enough to share what is read, yet short.
BATCH = 40
#: Of a unit that fails, before it is left alone.
MOST_ATTEMPTS = 5
logger = logging.getLogger(__name__)

# A batch of what is pending and held by no other worker, the oldest first: some indicators with all that is
# pending of them, real or simulated, in one step. One publication is one small batch; a bulk load shares its
# readings; what failed is tried again one indicator at a time.
_CLAIM = """
WITH first AS (
    SELECT id, simulated, figures_stand, attempts FROM indicators_pendingrecompute
    WHERE not_before IS NULL OR not_before <= statement_timestamp()
    ORDER BY figures_stand, id LIMIT 1 FOR UPDATE SKIP LOCKED
), alike AS (
    SELECT p.* FROM indicators_pendingrecompute p
    JOIN first f ON (p.simulated, p.figures_stand) = (f.simulated, f.figures_stand)
    WHERE p.not_before IS NULL OR p.not_before <= statement_timestamp()
), oldest AS (
    SELECT a.indicator_id FROM alike a JOIN first f ON a.id >= f.id
    GROUP BY a.indicator_id ORDER BY min(a.id)
    LIMIT CASE WHEN (SELECT attempts FROM first) > 0 THEN 1 ELSE %s END
)
SELECT p.id, p.indicator_id, p.period_id, p.simulated, p.figures_stand FROM indicators_pendingrecompute p
WHERE p.id IN (SELECT id FROM alike) AND p.indicator_id IN (SELECT indicator_id FROM oldest)
FOR UPDATE SKIP LOCKED
"""

_PUT_OFF = """
UPDATE indicators_pendingrecompute SET attempts = attempts + 1, not_before = CASE
    WHEN attempts + 1 >= %s THEN '9999-01-01'
    ELSE statement_timestamp() + interval '10 seconds' * 4 ^ attempts END
WHERE id = ANY(%s)
"""


@dataclass(frozen=True)
class _Claim:
    """Rows of the outbox that this transaction holds."""

    rows: list[int]
    units: set[tuple[int, int]]
    simulated: bool
    figures_stand: bool

    @property
    def indicators(self) -> set[int]:
        return {indicator for indicator, _ in self.units}

    @property
    def periods(self) -> set[int]:
        return {period for _, period in self.units}


def drain_pending(
    *, cause: str, progress: Callable[[int, int], None] | None = None, afresh: bool = True
) -> int:
    """Recompute what is pending until nothing is; returns how many units (indicator × period) were pending.

    ``progress`` is told (units done, units left) after each transaction. What fails keeps nothing else
    waiting: it is put off, a little longer each time, and left alone after ``MOST_ATTEMPTS``; the first
    error is raised in the end. ``afresh`` takes what was put off at once.
    """
    if afresh:
        PendingRecompute.objects.exclude(attempts=0).update(attempts=0, not_before=None)
    due = Q(not_before=None) | Q(not_before__lte=timezone.now())
    if not PendingRecompute.objects.filter(due).exists():
        return 0
    run = RecomputeRun.objects.create(cause=cause, scope="pending", started_at=timezone.now())
    try:
        failures = _drain(run, progress)
        if failures:
            raise failures[0]
        run.result = RecomputeRun.Result.DONE
    except Exception as error:
        run.result, run.error = RecomputeRun.Result.FAILED, repr(error)
        raise
    finally:
        run.finished_at = timezone.now()
        run.save()
    return run.units


def _drain(run: RecomputeRun, progress: Callable[[int, int], None] | None) -> list[Exception]:
    """Step after step until nothing is due; what went wrong on the way. A database that is gone ends it."""
    failures: list[Exception] = []
    while True:
        held: list[int] = []
        try:
            done = _recompute_next(held)
        except OperationalError:
            raise
        except Exception as error:
            if not held:
                raise
            logger.exception("Recomputing failed; what was to be computed is put off.")
            _put_off(held)
            failures.append(error)
            continue
        if done is None:
            return failures
        run.units += done[0]
        run.rows += done[1]
        if progress:
            progress(run.units, PendingRecompute.objects.filter(figures_stand=False).count())


def _put_off(rows: list[int]) -> None:
    """For 10 seconds, then 40, 160, 640; then until somebody asks (``recompute``) or publishes anew."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, [MOST_ATTEMPTS, rows])


@transaction.atomic
def _recompute_next(held: list[int] | None = None) -> tuple[int, int] | None:
    """Take the next step of a batch of what is pending; (units whose figures now stand, rows written), or
    None when nothing is due. ``held`` is told the rows of the outbox that are worked on."""
    claim = _claim()
    if claim is None:
        return None
    if held is not None:
        held += claim.rows
    context = framing.frame()
    indicators, periods = with_continuing(claim.indicators, context), claim.periods
    if claim.figures_stand:
        lock_indicators(indicators | totals_of(indicators))
        PendingRecompute.objects.filter(pk__in=claim.rows).delete()
        follow_up(indicators=indicators, periods=periods, context=context, simulated=claim.simulated)
        return 0, 0
    lock_indicators(indicators)
    PendingRecompute.objects.filter(pk__in=claim.rows).update(figures_stand=True)
    rows = recompute(indicators=indicators, periods=periods, context=context, simulated=claim.simulated)
    return len(claim.units), rows


def _claim() -> _Claim | None:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [BATCH])
        rows = cursor.fetchall()
    if not rows:
        return None
    keys, indicators, periods, simulated, figures_stand = zip(*rows, strict=True)
    return _Claim(list(keys), set(zip(indicators, periods, strict=True)), simulated[0], figures_stand[0])


def recompute(*, indicators: Iterable[int], periods: set[int], context: Frame, simulated: bool) -> int:
    """Replace the aggregates and standings of ``indicators`` for ``periods`` and all that refers to them;
    returns the rows.

    Call inside a transaction that holds the indicators' locks: facts are read after the locks, so that
    whatever was published before a later pending row is seen by whoever takes that row.
    """
    keys = sorted(indicators)
    facts = read_usable_facts(with_predecessors(keys, context), simulated=simulated)
    context = ensure_derivable_quarters(facts, context)
    touched = sorted(referring(periods, context.calendar))
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(
                f"DELETE FROM {model._meta.db_table} WHERE indicator_id = ANY(%s) AND period_id = ANY(%s) "
                f"AND simulated = %s",
                [keys, touched, simulated],
            )
    wanted = Wanted(np.array(keys, dtype=np.int64), np.array(touched, dtype=np.int64))
    now = microseconds(timezone.now())
    tables = computed_tables(facts, context, wanted, simulated)
    return sum(copy_rows(model, table, computed_at=now) for model, table in tables.items())


def follow_up(*, indicators: Iterable[int], periods: set[int], context: Frame, simulated: bool) -> None:
    """What is read off the standings that ``recompute`` wrote: contradictions, and scores of indices.

    Call inside a transaction that holds the locks of the indicators and of ``totals_of(indicators)``.
    """
    keys = sorted(indicators)
    facts = read_usable_facts(with_predecessors(keys, context), simulated=simulated)
    touched = referring(periods, context.calendar)
    if any(context.definitions[key].accumulates for key in keys):
        # The figure of a whole year is held against its quarters.
        touched |= context.calendar.around(periods)
    evidence = Evidence(Observation.objects.current().filter(simulated=simulated), facts, context)
    refresh_contradictions(evidence, keys, touched, simulated=simulated)
    recompose(indicators=keys, periods=periods, context=context, simulated=simulated)


def facts_behind(stated: ObservationQuerySet, indicators: list[int], context: Frame) -> ObservationQuerySet:
    """The facts among ``stated`` that ``indicators`` are computed from: their own, and those of definitions
    they continue."""
    return stated.filter(indicator__in=with_predecessors(indicators, context)).usable()


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


def ensure_derivable_quarters(facts: Facts, context: Frame) -> Frame:
    """Rows for the quarters that lie between year-to-date periods of facts that accumulate: the frame with
    them."""
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


def lock_indicators(indicators: Iterable[int], *, shared: bool = False) -> None:
    """Hold the indicators until the transaction ends; always in one order, so that nobody waits in a circle.

    The shared lock waits while a full rebuild puts its result in place. It always comes first. Chunks of a
    rebuild hold theirs ``shared``: one of real figures and one of simulated ones may be of the same.
    """
    wait_for_rebuild()
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {lock}(%s, key) FROM unnest(%s::int[]) AS key",
            [INDICATOR_LOCK, sorted(indicators)],
        )


def with_continuing(indicators: set[int], context: Frame) -> set[int]:
    """``indicators`` and the definitions whose series begins with one of theirs."""
    return indicators | {key for key in context.definitions if indicators.intersection(context.before(key))}


def with_predecessors(indicators: Iterable[int], context: Frame) -> list[int]:
    """``indicators`` and the definitions that their series begin with."""
    found = set(indicators)
    return sorted(found.union(*(context.before(key) for key in found)))

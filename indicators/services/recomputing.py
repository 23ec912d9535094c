"""Recomputing what publications touched, and keeping the record of it.

What is pending stands in the outbox (``PendingRecompute``), written in the publication's own transaction. Any
number of workers drain it side by side: ``SKIP LOCKED`` hands each a different row, an advisory lock keeps a
unit (indicator × period) with one worker, and the rows are deleted in the transaction that writes the result.
A worker that dies leaves everything as it was; a unit recomputed twice comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from indicators.core.engine import Columns, Definition, Layout, compute, spread
from indicators.core.ranking import Direction
from indicators.models import (
    Aggregate,
    Indicator,
    Observation,
    PendingRecompute,
    Period,
    RecomputeRun,
    Standing,
)
from indicators.services.columns import copy_in, read_facts
from indicators.services.contradicting import refresh_contradictions
from indicators.services.layouts import layouts

UNIT_LOCK = 0x7105_0002


@dataclass(frozen=True)
class Unit:
    """What is recomputed at once."""

    indicator: int
    period: int
    simulated: bool


def drain_pending(*, cause: str, progress: Callable[[int, int], None] | None = None) -> int:
    """Recompute pending units until none is left; returns how many. ``progress`` is told (done, left)."""
    if not PendingRecompute.objects.exists():
        return 0
    run = RecomputeRun.objects.create(cause=cause, scope="pending", started_at=timezone.now())
    try:
        while (rows := _recompute_next()) is not None:
            run.units += 1
            run.rows += rows
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
def _recompute_next() -> int | None:
    """Recompute the unit of the oldest pending row that no other worker holds; None when there is none."""
    row = PendingRecompute.objects.select_for_update(skip_locked=True).order_by("id").first()
    if row is None:
        return None
    unit = Unit(row.indicator_id, row.period_id, row.simulated)
    _lock(unit)
    same_unit = PendingRecompute.objects.select_for_update(skip_locked=True).filter(
        indicator=unit.indicator, period=unit.period, simulated=unit.simulated
    )
    PendingRecompute.objects.filter(pk__in=list(same_unit.values_list("pk", flat=True))).delete()
    return recompute_unit(unit)


def recompute_unit(unit: Unit) -> int:
    """Replace the aggregates, standings and contradictions of ``unit``; returns the rows written.

    Call inside a transaction that holds the unit's lock: facts are read after the lock, so that whatever was
    published before a later pending row of the same unit is seen by whoever takes that row.
    """
    scope = {"indicator": unit.indicator, "period": unit.period, "simulated": unit.simulated}
    current = Observation.objects.current().filter(**scope)
    facts = read_facts(current.usable().preferred())
    indicator = Indicator.objects.get(pk=unit.indicator)
    definitions = {
        indicator.pk: Definition(
            direction=Direction(indicator.direction), coverage_threshold=indicator.coverage_threshold
        )
    }
    Standing.objects.filter(**scope).delete()
    Aggregate.objects.filter(**scope).delete()
    rows = 0
    for layout in layouts(Period.objects.filter(pk=unit.period)):
        aggregates, standings = compute(spread(facts, layout), layout, definitions)
        rows += _write(Aggregate, aggregates, layout, unit.simulated)
        rows += _write(Standing, standings, layout, unit.simulated)
    refresh_contradictions(current)
    return rows


def _write(model: type[Model], columns: Columns, layout: Layout, simulated: bool) -> int:
    now = timezone.now().isoformat()
    return copy_in(model, columns, geography_id=layout.geography, simulated=simulated, computed_at=now)


def _lock(unit: Unit) -> None:
    key = f"{UNIT_LOCK}/{unit.indicator}/{unit.period}/{unit.simulated}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])

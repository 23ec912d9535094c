"""The full rebuild: everything computed once more, compared with what stands, and only differences put in
place.

Chunks of indicators are computed by any number of workers (``RebuildChunk``), each compared with the live
rows in memory; what differs goes to staging tables that nobody reads. The last step puts it in place in one
transaction, so that readers see the old state or the new. In a healthy system nothing differs: the nightly
run says so, and writes nothing. A worker that is killed leaves its chunk to the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

import numpy as np
import polars as pl
from django.db import connection, transaction
from django.db.models import Count, Max, Model, QuerySet
from django.utils import timezone

from indicators.core.engine import Wanted
from indicators.models import (
    Contradiction,
    IndexScore,
    Observation,
    PendingRecompute,
    Publication,
    RebuildChunk,
    RecomputeRun,
)
from indicators.services import framing
from indicators.services.binary_rows import copy_rows
from indicators.services.columns import copy_in, read_usable_facts
from indicators.services.composing import recompose_all, totals_of
from indicators.services.computing import TABLES, as_frames, computed_tables
from indicators.services.contradicting import Evidence, compared, found_against, standing_against
from indicators.services.contradicting_claims import spans_of_frames
from indicators.services.differing import differences
from indicators.services.recomputing import (
    REBUILD_LOCK,
    ensure_derivable_quarters,
    lock_indicators,
    wait_for_rebuild,
    with_continuing,
    with_predecessors,
)

logger = logging.getLogger(__name__)
#: Facts in one chunk: bounds the memory of a worker (about 250 MiB) whatever the size of the table.
CHUNK_FACTS = 20_000
#: What a run does with the differences that it finds: put them right, or only count them.
FULL, CHECK = "full", "check"
#: The tables that are computed chunk by chunk, and the column that says when a row was.
STAGED: dict[type[Model], str] = {**dict.fromkeys(TABLES, "computed_at"), Contradiction: "detected_at"}
_NOT_COMPARED = {"id", *STAGED.values()}
Progress = Callable[[int, int], None]


def rebuild(*, cause: str, progress: Progress | None = None, apply: bool = True) -> RecomputeRun:
    """Plan a full rebuild, work off its chunks and finish it; other workers may take part meanwhile.

    With ``apply`` false, differences are counted and left as they are (the nightly check).
    """
    run = plan(cause=cause, apply=apply)
    total = run.chunks.count()
    while work_next(run.pk):
        if progress:
            progress(total - run.chunks.filter(done=False).count(), total)
    return finish(run.pk)


@transaction.atomic
def plan(*, cause: str, apply: bool = True) -> RecomputeRun:
    """Open a run and cut it into chunks. A run that was left behind is closed as failed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REBUILD_LOCK])
        for table, instant in STAGED.items():
            cursor.execute(f"DROP TABLE IF EXISTS {_staging(table)}, {_staging(table)}_gone")
            cursor.execute(f"CREATE UNLOGGED TABLE {_staging(table)} (LIKE {table._meta.db_table})")
            cursor.execute(
                f"ALTER TABLE {_staging(table)} ALTER id DROP NOT NULL, ALTER {instant} DROP NOT NULL, "
                f"ADD COLUMN IF NOT EXISTS indicator_id bigint"
            )
            cursor.execute(f"CREATE UNLOGGED TABLE {_staging(table)}_gone (id bigint, indicator_id bigint)")
    RecomputeRun.objects.filter(scope__in=[FULL, CHECK], result=RecomputeRun.Result.RUNNING).update(
        result=RecomputeRun.Result.FAILED, finished_at=timezone.now(), error="Left unfinished."
    )
    run = RecomputeRun.objects.create(
        cause=cause,
        scope=FULL if apply else CHECK,
        started_at=timezone.now(),
        newest_publication=Publication.objects.aggregate(newest=Max("id"))["newest"] or 0,
    )
    RebuildChunk.objects.exclude(run=run).delete()
    RebuildChunk.objects.bulk_create(_chunks(run))
    return run


def _chunks(run: RecomputeRun) -> list[RebuildChunk]:
    counts = Observation.objects.current().values("simulated", "indicator").annotate(facts=Count("id"))
    chunks: list[RebuildChunk] = []
    filled = CHUNK_FACTS
    for row in counts.order_by("simulated", "indicator"):
        if filled + row["facts"] > CHUNK_FACTS or chunks[-1].simulated != row["simulated"]:
            chunks.append(RebuildChunk(run=run, indicators=[], simulated=row["simulated"]))
            filled = 0
        chunks[-1].indicators.append(row["indicator"])
        filled += row["facts"]
    return chunks


@transaction.atomic
def work_next(run_id: int, *, wait: bool = False) -> bool:
    """Compute one chunk that no other worker holds and stage what differs; False when none is left to take.

    With ``wait``, chunks that others hold are waited for, and taken where they were let go undone.
    """
    wait_for_rebuild()
    left = RebuildChunk.objects.filter(run_id=run_id, done=False)
    chunk = left.select_for_update(skip_locked=not wait).first()
    if chunk is None:
        return False
    _stage(chunk)
    chunk.done = True
    chunk.save(update_fields=["done"])
    return True


def unfinished() -> QuerySet[RecomputeRun]:
    """Runs that are open longer than any chunk takes: whoever worked on them may have died."""
    old = timezone.now() - timedelta(minutes=10)
    return RecomputeRun.objects.filter(
        scope__in=[FULL, CHECK], result=RecomputeRun.Result.RUNNING, started_at__lt=old
    )


def finish(run_id: int) -> RecomputeRun:
    """Put the differences in place and close the run. Chunks that others still hold are waited for."""
    while work_next(run_id, wait=True):
        pass
    return _close(run_id)


@transaction.atomic
def _close(run_id: int) -> RecomputeRun:
    """What was published while the run was under way is compared anew under the lock that holds publications'
    recomputation back: the rebuild may have read it before or after."""
    with connection.cursor() as cursor:  # before any row: whoever holds this lock waits for nobody
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REBUILD_LOCK])
    run = RecomputeRun.objects.select_for_update().get(pk=run_id)
    if run.result != RecomputeRun.Result.RUNNING:
        return run
    waiting = _waiting() if run.scope == CHECK else set()
    _stage_again(run, waiting)
    run.differences = sum(_put_in_place(table, apply=run.scope == FULL) for table in STAGED)
    context, apply = framing.frame(), run.scope == FULL
    for simulated in (False, True):
        run.differences += recompose_all(context=context, simulated=simulated, without=waiting, apply=apply)
    run.units = run.chunks.count()
    run.rows = sum(table._default_manager.count() for table in STAGED) + IndexScore.objects.count()
    run.result, run.finished_at = RecomputeRun.Result.DONE, timezone.now()
    run.save()
    if run.scope == CHECK and run.differences:
        logger.error(
            "The nightly check found %s rows other than they stand (run %s).", run.differences, run.pk
        )
    return run


def _stage(chunk: RebuildChunk) -> None:
    lock_indicators(chunk.indicators)
    context = framing.frame()
    facts = read_usable_facts(with_predecessors(chunk.indicators, context), simulated=chunk.simulated)
    context = ensure_derivable_quarters(facts, context)
    wanted = Wanted(indicators=np.array(chunk.indicators, dtype=np.int64))
    tables = computed_tables(facts, context, wanted, chunk.simulated)
    for model, new in tables.items():
        added, gone = differences(model, new, indicators=chunk.indicators, simulated=chunk.simulated)
        copy_rows(model, added, into=_staging(model))
        _stage_gone(model, gone)
    stated = Observation.objects.current().filter(simulated=chunk.simulated)
    _stage_contradictions(
        chunk, Evidence(stated, facts, context, lambda ranked: spans_of_frames(as_frames(tables))(ranked))
    )


def _stage_gone(model: type[Model], gone: Iterable[tuple[int, int]]) -> None:
    """Ids and indicators of rows that stand and should not."""
    schema = {"id": pl.Int64, "indicator_id": pl.Int64}
    copy_in(f"{_staging(model)}_gone", pl.DataFrame(list(gone), schema=schema, orient="row"))


def _waiting() -> set[int]:
    """Indicators that a check passes over, since they wait to be recomputed: that they differ says
    nothing."""
    return _with_dependent(set(PendingRecompute.objects.values_list("indicator", flat=True).distinct()))


def _stage_again(run: RecomputeRun, passed_over: set[int]) -> None:
    later = Observation.objects.filter(publication__gt=run.newest_publication)
    touched = _with_dependent(set(later.values_list("indicator", flat=True).distinct()))
    with connection.cursor() as cursor:
        for table in STAGED:
            for name in (_staging(table), f"{_staging(table)}_gone"):
                keys = list(touched | passed_over)
                cursor.execute(f"DELETE FROM {name} WHERE indicator_id = ANY(%s)", [keys])
    if again := sorted(touched - passed_over):
        for simulated in (False, True):
            _stage(RebuildChunk(run=run, indicators=again, simulated=simulated))


def _with_dependent(indicators: set[int]) -> set[int]:
    """``indicators``, those that go on from them, and the totals of indices that they are parts of."""
    continuing = with_continuing(indicators, framing.frame())
    return continuing | totals_of(continuing)


def _stage_contradictions(chunk: RebuildChunk, evidence: Evidence) -> None:
    standing = standing_against(chunk.indicators, simulated=chunk.simulated).select_related("observation")
    fresh, stale = compared(standing, found_against(evidence, chunk.indicators))
    columns = [*_compared_columns(Contradiction), "indicator_id"]
    added = pl.DataFrame(
        [
            [_text(getattr(row, name)) for name in columns[:-1]] + [str(row.observation.indicator_id)]
            for row in fresh
        ],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    copy_in(_staging(Contradiction), added)
    _stage_gone(Contradiction, ((row.pk, row.observation.indicator_id) for row in stale))


def _put_in_place(table: type[Model], *, apply: bool) -> int:
    """Replace what differs; returns how many rows were wrong, missing or too many."""
    columns = ", ".join(f'"{column}"' for column in _compared_columns(table))
    live, staged = table._meta.db_table, _staging(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT (SELECT count(*) FROM {staged}), (SELECT count(*) FROM {staged}_gone)")
        added, gone = cursor.fetchone()
        if apply:
            cursor.execute(f"DELETE FROM {live} WHERE id IN (SELECT id FROM {staged}_gone)")
            cursor.execute(
                f"INSERT INTO {live} ({columns}, {STAGED[table]}) SELECT {columns}, %s FROM {staged}",
                [timezone.now()],
            )
        cursor.execute(f"DROP TABLE {staged}, {staged}_gone")
    return max(int(added), int(gone))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _compared_columns(table: type[Model]) -> list[str]:
    return [field.column for field in table._meta.concrete_fields if field.column not in _NOT_COMPARED]


def _staging(table: type[Model]) -> str:
    return f"{table._meta.db_table}_rebuild"

"""The full rebuild: everything computed once more, compared with what stands, and only differences put in
place.

Chunks of indicators, and the indices, are computed by any number of workers (``RebuildChunk``), each compared
with the live rows in memory; what differs goes to staging tables that nobody reads. The last step puts it in
place in one transaction, so that readers see the old state or the new. In a healthy system nothing differs:
the nightly run says so, and writes nothing. A worker that is killed leaves its chunk to the next one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, Max, Model, QuerySet, Sum
from django.utils import timezone

from indicators.core.engine import Wanted
from indicators.core.frames import Facts, Frame
from indicators.models import (
    CompositeIndex,
    Contradiction,
    IndexScore,
    Indicator,
    Observation,
    PendingRecompute,
    Publication,
    RebuildChunk,
    RecomputeRun,
    Standing,
)
from indicators.services import framing
from indicators.services.binary_rows import Table, height
from indicators.services.columns import read_usable_facts
from indicators.services.composing import compared_scores, scores_of, totals_of, versions
from indicators.services.computing import as_frames, computed_tables
from indicators.services.contradicting import Evidence, compared, found_against, standing_against
from indicators.services.contradicting_claims import spans_of_frames
from indicators.services.differing import differences, in_order
from indicators.services.rebuild_tables import (
    count_differences,
    create_staging,
    drop_staging,
    forget,
    indexes_to_make,
    is_whole,
    make_staged_index,
    put_in_place,
    stage_columns,
    stage_rows,
)
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
Progress = Callable[[int, int], None]


def rebuild(
    *,
    cause: str,
    progress: Progress | None = None,
    apply: bool = True,
    helped: Callable[[int], AbstractContextManager[None]] | None = None,
) -> RecomputeRun:
    """Plan a full rebuild, work off its chunks and finish it; other workers may take part meanwhile.

    With ``apply`` false, differences are counted and left as they are (the nightly check). ``helped`` is
    given the key of the run and calls others to it for as long as there are chunks.
    """
    run = plan(cause=cause, apply=apply)
    total = run.chunks.count()
    with helped(run.pk) if helped else nullcontext():
        while work_next(run.pk):
            if progress:
                progress(total - run.chunks.filter(done=False).count(), total)
    return finish(run.pk)


@transaction.atomic
def plan(*, cause: str, apply: bool = True) -> RecomputeRun:
    """Open a run and cut it into chunks. A run that was left behind is closed as failed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [REBUILD_LOCK])
    create_staging(may_be_whole=apply)
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
    chunks = _chunks(run, set(Indicator.objects.values_list("pk", flat=True)))
    chunks += [
        RebuildChunk(run=run, indicators=[], simulated=False, makes=name) for name in indexes_to_make()
    ]
    RebuildChunk.objects.bulk_create(chunks)
    return run


def _chunks(run: RecomputeRun, among: set[int]) -> list[RebuildChunk]:
    """The indicators ``among`` (keys), also those without a fact, of which nothing should stand; and the
    indices whose published totals are among them, which no other worker need compute before."""
    counts = Observation.objects.current().order_by().values_list("simulated", "indicator")
    facts = {(simulated, key): number for simulated, key, number in counts.annotate(Count("id"))}
    chunks: list[RebuildChunk] = []
    # The fewer of real and simulated ones come last: rows of tables filled anew lie in the order of their
    # indicators but at the end, and an index is made faster out of rows that lie in its order.
    simulated_facts = sum(number for (simulated, _), number in facts.items() if simulated)
    for simulated in (True, False) if 2 * simulated_facts > sum(facts.values()) else (False, True):
        filled = CHUNK_FACTS + 1  # real and simulated ones share none
        for key in sorted(among):
            own = facts.get((simulated, key), 0)
            if filled + own > CHUNK_FACTS:
                chunks.append(RebuildChunk(run=run, indicators=[], simulated=simulated))
                filled = 0
            chunks[-1].indicators.append(key)
            filled += own
    made_from: dict[str, set[int]] = defaultdict(set)
    codes = CompositeIndex.objects.filter(total__in=among).values_list("code", flat=True)
    for version in versions(codes):
        made_from[version.row.code] |= version.indicators
    return chunks + [
        RebuildChunk(run=run, indicators=sorted(keys), index=code, simulated=simulated)
        for code, keys in made_from.items()
        for simulated in (False, True)
    ]


@transaction.atomic
def work_next(run_id: int) -> bool:
    """Compute one chunk and stage what differs, or make an index; False when nothing is left to do.

    Chunks that others hold are waited for in the end, and taken where they were let go undone.
    """
    wait_for_rebuild()
    chunk = _claimed(run_id)
    if chunk is None:
        return False
    if chunk.makes:
        make_staged_index(chunk.makes)
    else:
        _stage(chunk)
    chunk.done = True
    chunk.save(update_fields=["done", "rows", "waiting"])
    return True


def _claimed(run_id: int) -> RebuildChunk | None:
    """One that nobody holds, or the first that somebody lets go. Indexes are made when all rows are there."""
    left = RebuildChunk.objects.filter(run_id=run_id, done=False)
    for among in (left.filter(makes=""), left.exclude(makes="")):
        for skip_locked in (True, False):
            if chunk := among.select_for_update(skip_locked=skip_locked).first():
                return chunk
    return None


def take_part(run_id: int) -> None:
    """Work off the chunks of a run together with others, until all are done."""
    while work_next(run_id):
        pass


def unfinished() -> QuerySet[RecomputeRun]:
    """Runs that are open longer than any chunk takes: whoever worked on them may have died."""
    old = timezone.now() - timedelta(minutes=10)
    return RecomputeRun.objects.filter(
        scope__in=[FULL, CHECK], result=RecomputeRun.Result.RUNNING, started_at__lt=old
    )


def finish(run_id: int) -> RecomputeRun:
    """Put the differences in place and close the run. Chunks that others still hold are waited for."""
    take_part(run_id)
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
    again = _stage_again(run)
    run.differences, run.units = count_differences(), run.chunks.count()
    run.rows = sum(chunk.rows for chunk in again) + (run.chunks.aggregate(rows=Sum("rows"))["rows"] or 0)
    run.result, run.finished_at = RecomputeRun.Result.DONE, timezone.now()
    run.save()
    if run.scope == CHECK and run.differences:
        logger.error(
            "The nightly check found %s rows other than they stand (run %s).", run.differences, run.pk
        )
    if run.scope == FULL:
        put_in_place()
    drop_staging()
    return run


def _stage(chunk: RebuildChunk) -> None:
    lock_indicators(chunk.indicators, shared=True)
    chunk.waiting = sorted(_waiting(chunk.simulated, chunk.indicators))
    context = framing.frame()
    facts = read_usable_facts(with_predecessors(chunk.indicators, context), simulated=chunk.simulated)
    context = ensure_derivable_quarters(facts, context)
    wanted = Wanted(indicators=np.array(chunk.indicators, dtype=np.int64))
    tables = computed_tables(facts, context, wanted, chunk.simulated)
    if chunk.index:
        _stage_scores(chunk, tables, context)
    else:
        _stage_figures(chunk, tables)
        _stage_contradictions(chunk, tables, facts, context)


def _stage_figures(chunk: RebuildChunk, tables: Mapping[type[Model], Table]) -> None:
    whole = is_whole()
    for model, new in tables.items():
        chunk.rows += height(new)
        if whole:
            stage_columns(model, in_order(new))
        else:
            found = differences(model, new, indicators=chunk.indicators, simulated=chunk.simulated)
            stage_columns(model, *found)


def _stage_scores(chunk: RebuildChunk, tables: Mapping[type[Model], Table], context: Frame) -> None:
    computed = as_frames(tables)[Standing]
    scores = scores_of(computed, codes={chunk.index}, context=context, simulated=chunk.simulated)
    standing = IndexScore.objects.of_index(chunk.index).filter(simulated=chunk.simulated)
    chunk.rows += len(scores)
    pairs = compared_scores(standing.select_related("index"), scores)
    stage_rows(IndexScore, *([(row, row.index.total_id) for row in rows] for rows in pairs))


def _stage_contradictions(
    chunk: RebuildChunk, tables: Mapping[type[Model], Table], facts: Facts, context: Frame
) -> None:
    stated = Observation.objects.current().filter(simulated=chunk.simulated)
    evidence = Evidence(stated, facts, context, lambda ranked: spans_of_frames(as_frames(tables))(ranked))
    standing = standing_against(chunk.indicators, simulated=chunk.simulated).select_related("observation")
    found = found_against(evidence, chunk.indicators)
    chunk.rows += len(found)
    stage_rows(
        Contradiction,
        *([(row, row.observation.indicator_id) for row in rows] for rows in compared(standing, found)),
    )


def _waiting(simulated: bool, among: Iterable[int] | None = None) -> set[int]:
    """Indicators that wait to be recomputed, all or of those ``among`` (keys)."""
    pending = PendingRecompute.objects.filter(simulated=simulated)
    if among is not None:
        pending = pending.filter(indicator__in=among)
    return set(pending.order_by().values_list("indicator", flat=True).distinct())


def _stage_again(run: RecomputeRun) -> list[RebuildChunk]:
    """Compare anew what was published or recomputed since the run began. A check passes over what waits to be
    recomputed: that it differs says nothing."""
    since = list(Publication.objects.filter(pk__gt=run.newest_publication).values_list("pk", flat=True))
    later = Observation.objects.filter(publication__in=since)
    touched = set(later.values_list("indicator", flat=True).distinct())
    passed_over: set[int] = set()
    for simulated in (False, True):
        waiting = _waiting(simulated)
        waited = run.chunks.filter(simulated=simulated).values_list("waiting", flat=True)
        touched |= set().union(*waited) - waiting
        passed_over |= waiting
    touched = _with_dependent(touched)
    passed_over = _with_dependent(passed_over) if run.scope == CHECK else set()
    if touched | passed_over:
        forget(touched | passed_over)
    chunks = _chunks(run, touched - passed_over)
    for chunk in chunks:
        _stage(chunk)
    return chunks


def _with_dependent(indicators: set[int]) -> set[int]:
    """``indicators``, those that go on from them, and the totals of indices that they are parts of."""
    continuing = with_continuing(indicators, framing.frame())
    return continuing | totals_of(continuing)

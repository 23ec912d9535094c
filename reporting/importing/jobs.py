"""The work on an uploaded table: looking through it, loading it. A small one is done within the request, a
larger one by a worker, while a page shows how far it is.

A job is done in one transaction: a worker that is killed leaves nothing behind but the job itself, which
whoever comes next begins anew. Two workers never do the same one: the transaction holds a lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from reporting.importing.batches import ImportRefused, confirm, read_batch, table_of
from reporting.importing.loading import CHANGED, NEW, REFUSED, SAME, Preview, preview
from reporting.importing.progress import Report, Watch, silent
from reporting.importing.reading import ReadTable
from reporting.importing.refusals import FileRefused
from reporting.importing.refused_rows import refused_workbook
from reporting.models import ImportBatch, ImportFile, ImportJob

#: Tables up to this size are read within the request: some 8,000 rows, under a second.
INLINE_BYTES = 400 * 1024
#: Rows of each outcome that a page shows.
SHOWN = 200
MOST_ATTEMPTS = 4
_SILENT_FOR = timedelta(seconds=45)
# A number of our own choosing that no other lock of this database uses; the second is the batch's.
_LOCK = 0x7105_0005
_Step = ImportJob.Step


def ask(
    *,
    batch: ImportBatch,
    kind: str,
    actor: User,
    address: str = "",
    language: str = "vi",
    seen: Mapping[str, int] | None = None,
) -> ImportJob:
    """Put down what is to be done with a batch. One that is under way is left alone.

    The caller runs it at once where it ``is_small``, and wakes a worker on commit otherwise.
    """
    now = timezone.now()
    fresh = {
        "kind": kind,
        "state": ImportJob.State.WAITING,
        "seen": dict(seen or {}),
        "problem": {},
        "asked_at": now,
        "asked_by": actor,
        "asked_from": address,
        "language": language,
        "step": _Step.READING,
        "permille": 0,
        "touched_at": now,
        "attempts": 0,
    }
    with transaction.atomic():
        job, made = ImportJob.objects.select_for_update().get_or_create(batch=batch, defaults=fresh)
        if not made and not job.is_open:
            for name, value in fresh.items():
                setattr(job, name, value)
            job.save()
    return job


def is_small(batch: ImportBatch) -> bool:
    return batch.size <= INLINE_BYTES


def unfinished() -> list[int]:
    """Batches whose job is open and has not been heard of for a while: whoever worked on it may have died."""
    silent_since = timezone.now() - _SILENT_FOR
    jobs = ImportJob.objects.filter(state__in=ImportJob.OPEN, touched_at__lt=silent_since)
    return list(jobs.values_list("batch_id", flat=True))


@transaction.atomic
def run_at_once(batch_id: int) -> ImportJob:
    """Do the job of a small batch, within the request that asks for it."""
    return _do(ImportJob.objects.select_related("batch", "asked_by").get(batch_id=batch_id), silent)


@transaction.atomic
def run_watched(batch_id: int) -> bool:
    """Do the job of a batch and tell how far it is; False where there is none, or another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, batch_id])
        if not cursor.fetchone()[0]:
            return False
    job = ImportJob.objects.select_related("batch", "asked_by").filter(batch_id=batch_id).first()
    if job is None or not job.is_open:
        return False
    _act_as(job)
    with Watch(batch_id, job.kind) as watch:
        if watch.begin() > MOST_ATTEMPTS:
            _end(job, problem={"code": "gave_up", "params": {}})
            return False
        _do(job, watch)
    return True


def _act_as(job: ImportJob) -> None:
    """What the worker writes stands in the audit trail under the name of who asked for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('tinhso.actor', %s, true), set_config('tinhso.address', %s, true)",
            [str(job.asked_by_id), job.asked_from],
        )


def _do(job: ImportJob, report: Report) -> ImportJob:
    try:
        with override(job.language):
            result = _load(job, report) if job.kind == ImportJob.Kind.LOAD else _look(job.batch, report)
    except (FileRefused, ImportRefused) as refusal:
        params = refusal.params if isinstance(refusal, FileRefused) else {}
        return _end(job, problem={"code": refusal.code, "params": params})
    return _end(job, result=result)


def _end(
    job: ImportJob, *, result: dict[str, Any] | None = None, problem: dict[str, Any] | None = None
) -> ImportJob:
    job.state = ImportJob.State.FAILED if problem else ImportJob.State.DONE
    job.result, job.problem = result or {}, problem or {}
    job.save(update_fields=["state", "result", "problem"])
    return job


def _load(job: ImportJob, report: Report) -> dict[str, Any]:
    confirm(batch_id=job.batch_id, seen=job.seen, actor=job.asked_by, report=report)
    return {}


def _look(batch: ImportBatch, report: Report) -> dict[str, Any]:
    """What each row would do. Nothing is written but the refused rows, as a workbook to be downloaded."""
    report(_Step.READING, 0, 0)
    table = table_of(batch)
    report(_Step.CHECKING, 0, 0)
    try:
        read = read_batch(batch, table)
    except FileRefused as refusal:
        raise FileRefused(refusal.code, **refusal.params, all_headings="\n".join(table.headings)) from refusal
    total = read.facts.height
    seen = preview(read, progress=lambda done: report(_Step.COMPARING, done, total))
    report(_Step.WRITING, 0, 0)
    refused = None if read.problems.is_empty() else refused_workbook(read)
    ImportFile.objects.filter(batch=batch).update(refused=refused)
    return _result(seen, read)


def _result(seen: Preview, read: ReadTable) -> dict[str, Any]:
    rows = {
        outcome: seen.rows.filter(pl.col("outcome") == outcome).head(SHOWN).drop("outcome").to_dicts()
        for outcome in (REFUSED, CHANGED, NEW, SAME)
    }
    shown = [row["row"] for row in rows[REFUSED]]
    return {
        "counts": seen.counts,
        "rows": rows,
        "problems": read.problems.filter(pl.col("row").is_in(shown)).rows(),
        "ignored": read.ignored,
        "loadable": read.problems.is_empty() and bool(seen.rows.height),
    }

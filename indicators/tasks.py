"""Celery tasks: each wakes a named service and holds no logic of its own.

A message is only a wake-up call. What is to be done stands in the outbox, so that a lost message costs a few
seconds (beat sweeps) and a doubled one costs nothing.
"""

from __future__ import annotations

from celery import Task, shared_task
from django.db import OperationalError, transaction

from indicators.services import rebuilding
from indicators.services.housekeeping import delete_delivered_messages, record_heartbeat
from indicators.services.recomputing import drain_pending

_RETRIES = {"max_retries": 5, "retry_backoff": True, "retry_backoff_max": 60, "retry_jitter": True}
#: Workers that one rebuild calls for; fewer simply take more chunks each.
MOST_WORKERS = 8


@shared_task(autoretry_for=(OperationalError,), **_RETRIES)
def drain_pending_task() -> int:
    """Recompute every pending unit."""
    return drain_pending(cause="worker", afresh=False)


@shared_task(autoretry_for=(OperationalError,), **_RETRIES)
def rebuild_task(*, cause: str, apply: bool) -> None:
    """Plan a full rebuild (or, with ``apply`` false, a check) and call as many workers to it as there are
    chunks."""
    run = rebuilding.plan(cause=cause, apply=apply)
    for _ in range(min(run.chunks.count(), MOST_WORKERS)):
        rebuild_chunks_task.apply_async(args=[run.pk])


@shared_task(autoretry_for=(OperationalError,), **_RETRIES)
def rebuild_chunks_task(run_id: int) -> None:
    """Take part in a full rebuild until its chunks are done, and finish it."""
    rebuilding.finish(run_id)


@shared_task
def resume_rebuild_task() -> None:
    """Go on with a rebuild whose workers died: its chunks stand in the database."""
    for run in rebuilding.unfinished():
        rebuild_chunks_task.apply_async(args=[run.pk])


@shared_task
def worker_heartbeat_task() -> None:
    """Say that a worker lives."""
    record_heartbeat()


@shared_task
def delete_delivered_messages_task() -> int:
    """Delete what the PostgreSQL broker leaves behind."""
    return delete_delivered_messages()


def wake_worker_on_commit() -> None:
    """Called at the edge (view, admin, command) after a publishing service: wakes a worker once the facts are
    visible. If the broker does not answer nothing is lost: the outbox is swept."""
    transaction.on_commit(_wake_worker, robust=True)


def _wake_worker(task: Task = drain_pending_task) -> None:
    task.apply_async(retry=False, expires=600)

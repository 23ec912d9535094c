"""Celery tasks: each wakes a named service. Doubled, they do nothing the second time."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task
from django.db import OperationalError, transaction
from django.utils import timezone

from indicators.tasks import drain_pending_task
from reporting.importing import jobs
from reporting.services.reminders import send_reminders, send_review_digest

_RETRIES = {
    "autoretry_for": (OperationalError, SMTPException, ConnectionError),
    "max_retries": 5,
    "retry_backoff": 60,
    "retry_backoff_max": 1800,
}


@shared_task(**_RETRIES)
def send_reminders_task() -> int:
    """Remind those who have not submitted yet."""
    return send_reminders(today=timezone.localdate())


@shared_task(**_RETRIES)
def send_review_digest_task() -> int:
    """Tell the reviewers what waits."""
    return send_review_digest(today=timezone.localdate())


@shared_task(autoretry_for=(OperationalError,), max_retries=5, retry_backoff=True)
def import_task(batch_id: int) -> None:
    """Look through an uploaded table, or load it."""
    if jobs.run_watched(batch_id):
        drain_pending_task.apply_async(retry=False, expires=600)


@shared_task
def resume_imports_task() -> None:
    """Go on with tables whose worker died, or whose message was lost: what is to be done stands in the
    database."""
    for batch_id in jobs.unfinished():
        import_task.apply_async(args=[batch_id])


def wake_import_on_commit(batch_id: int) -> None:
    """Called at the edge once a job is put down. If the broker does not answer the job is swept."""
    transaction.on_commit(lambda: _wake(batch_id), robust=True)


def _wake(batch_id: int) -> None:
    import_task.apply_async(args=[batch_id], retry=False)

"""Celery's side of the API: what is due stands in the database."""

from celery import shared_task

from api.housekeeping import compact_changes, delete_old_keys, delete_superseded_rows
from api.webhooks import deliver_due
from api.written import write_rows


@shared_task
def deliver_webhooks_task() -> int:
    return deliver_due()


@shared_task
def keep_house_task() -> None:
    compact_changes()
    delete_old_keys()
    delete_superseded_rows()


@shared_task
def write_rows_task() -> None:
    """Some rows at a time, and the others behind whatever else waits."""
    if write_rows(seconds=0.1):
        write_rows_task.delay()

"""Celery's side of webhooks: what is due stands in the database."""

from celery import shared_task

from api.webhooks import deliver_due


@shared_task
def deliver_webhooks_task() -> int:
    return deliver_due()

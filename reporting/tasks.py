"""Celery tasks: each wakes a named service. Doubled, they do nothing the second time."""

from __future__ import annotations

from smtplib import SMTPException

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

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

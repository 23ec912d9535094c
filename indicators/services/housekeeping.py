"""Small upkeep that beat asks for."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from indicators.models import WorkerHeartbeat


def record_heartbeat() -> None:
    WorkerHeartbeat.objects.update_or_create(id=1, defaults={"instant": timezone.now()})


def delete_delivered_messages() -> int:
    """Delete broker messages that were delivered over an hour ago; returns how many.

    kombu's SQLAlchemy transport marks a delivered message invisible and leaves the row for ever.
    With another broker there is nothing to delete.
    """
    if settings.REDIS_URL:
        return 0
    with connection.cursor() as cursor:
        # kombu stamps the delivery with the process's local time, without a zone.
        long_ago = datetime.now() - timedelta(hours=1)
        cursor.execute('DELETE FROM kombu_message WHERE NOT visible AND "timestamp" < %s', [long_ago])
        return int(cursor.rowcount)

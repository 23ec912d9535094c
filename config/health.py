"""Is the process alive, and do the database, the broker and a worker answer?"""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError

from config.celery import app
from indicators.models import WorkerHeartbeat

HEARTBEAT_LIMIT = timedelta(seconds=60)


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and worker answer, otherwise 503; ``checks`` says which does not."""
    checks = {"database": _database_answers()}
    checks["broker"] = _broker_answers()
    checks["worker"] = checks["database"] and _worker_answers()
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def _broker_answers() -> bool:
    broker = app.connection_for_write(connect_timeout=2)
    try:
        with broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            # The PostgreSQL transport connects only when something is asked of it.
            broker.default_channel.queue_declare(app.conf.task_default_queue)
            return True
    except (OperationalError, OSError, *broker.connection_errors, *broker.channel_errors):
        return False


def _worker_answers() -> bool:
    """A worker ran its heartbeat task within the last minute."""
    return WorkerHeartbeat.objects.filter(instant__gte=timezone.now() - HEARTBEAT_LIMIT).exists()

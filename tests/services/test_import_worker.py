"""A table loaded by a real worker that is killed half-way: nothing half-written, and the next one does it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from indicators.models import Observation, Publication
from indicators.services.bulk_publishing import PUBLISHING_LOCK
from reporting.importing import batches, jobs
from reporting.models import ImportBatch, ImportJob
from tests.reporting.cast import make_play
from tests.reporting.importing.files import GOOD, csv
from tests.services.conftest import Processes, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def publishing(act: str) -> None:
    """Whoever publishes waits while the test holds this lock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_{act}(%s)", [PUBLISHING_LOCK])


@pytest.mark.parametrize("processes", ["postgresql"], indirect=True)
def test_a_worker_killed_while_it_loads(processes: Processes) -> None:
    play = make_play()
    batch = batches.upload(name="x.csv", content=csv(GOOD), source="ha-giang-2021", actor=play.administrator)
    seen = {"new": 1, "changed": 0, "same": 0}
    jobs.ask(batch=batch, kind="load", actor=play.administrator, seen=seen)
    worker = processes.start_worker(concurrency=1)
    publishing("lock")
    processes.call("reporting.tasks.import_task", "celery", batch_id=batch.pk)
    wait_until(lambda: ImportJob.objects.get().step == "checking", 30)
    processes.kill(worker)
    publishing("unlock")
    assert ImportJob.objects.get().state == "running" and not Observation.objects.exists()

    processes.start_worker(concurrency=1)

    def loaded() -> bool:
        if ImportBatch.objects.get().state == "loaded":
            return True
        ImportJob.objects.filter(state="running").update(touched_at=timezone.now() - timedelta(minutes=5))
        processes.call("reporting.tasks.resume_imports_task", "celery")
        time.sleep(1)
        return False

    wait_until(loaded, 60)
    assert (Observation.objects.count(), Publication.objects.count()) == (1, 1)

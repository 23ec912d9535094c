"""The work that a worker does on a table: told while it runs, whole or not at all, never twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from indicators.models import Observation, Publication
from reporting.importing import batches, jobs
from reporting.importing.progress import Watch
from reporting.models import AuditRecord, ImportBatch, ImportFile, ImportJob
from reporting.tasks import resume_imports_task
from tests.reporting.cast import Play, make_play
from tests.reporting.importing.files import GOOD, csv
from tests.reporting.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = "ha-giang-2021"
ONE_NEW = {"new": 1, "changed": 0, "same": 0}


@pytest.fixture
def play() -> Play:
    return make_play()


def asked(play: Play, kind: str = "load", *rows: list[Any]) -> ImportBatch:
    batch = batches.upload(name="x.csv", content=csv(*(rows or [GOOD])), source=SOURCE, actor=play.reviewer)
    jobs.ask(batch=batch, kind=kind, actor=play.reviewer, address="10.0.0.7", seen=ONE_NEW)
    return batch


def job(batch: ImportBatch) -> ImportJob:
    return ImportJob.objects.get(batch=batch)


def test_a_worker_looks_and_then_loads(play: Play) -> None:
    batch = asked(play, "look")
    assert jobs.run_watched(batch.pk)
    assert job(batch).result["counts"] == {**ONE_NEW, "refused": 0} and not Observation.objects.exists()
    jobs.ask(batch=batch, kind="load", actor=play.reviewer, seen=ONE_NEW)
    assert jobs.run_watched(batch.pk)
    assert Observation.objects.count() == 1 and job(batch).state == "done"
    assert not jobs.run_watched(batch.pk), "there is nothing left to do"
    assert Publication.objects.count() == 1


def test_what_the_worker_writes_stands_under_the_name_of_who_asked(play: Play) -> None:
    batch = asked(play)
    jobs.run_watched(batch.pk)
    record = AuditRecord.objects.filter(table="reporting_importbatch", row=batch.pk).latest("id")
    assert (record.actor_name, record.address, record.new["state"]) == ("reviewer", "10.0.0.7", "loaded")


def test_refused_rows_are_kept_as_a_workbook(play: Play) -> None:
    batch = asked(play, "look", GOOD, ["Hà Lội", *GOOD[1:]])
    jobs.run_watched(batch.pk)
    assert bytes(ImportFile.objects.get(batch=batch).refused)[:2] == b"PK"
    assert job(batch).result["loadable"] is False


def test_others_see_how_far_it_is_while_it_is_under_way(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = asked(play)
    seen: list[tuple[str, str, int]] = []

    def look(self: Watch, step: ImportJob.Step, done: int = 0, total: int = 0) -> None:
        told(self, step, done, total)

        def elsewhere() -> None:
            row = ImportJob.objects.get(batch=batch)
            seen.append((row.state, row.step, row.permille))
            connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    told = Watch.__call__
    monkeypatch.setattr(Watch, "__call__", look)
    jobs.run_watched(batch.pk)
    assert [step for _state, step, _place in seen] == ["reading", "checking", "writing"]
    assert {state for state, _step, _place in seen} == {"running"}
    assert [place for *_, place in seen] == sorted(place for *_, place in seen)


def test_two_workers_never_do_the_same(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = asked(play)
    second: list[bool] = []
    real = jobs.confirm

    def while_it_runs(**given: Any) -> ImportBatch:
        def other() -> None:
            second.append(jobs.run_watched(batch.pk))
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return real(**given)

    monkeypatch.setattr(jobs, "confirm", while_it_runs)
    assert jobs.run_watched(batch.pk) and second == [False]
    assert Observation.objects.count() == 1


def test_a_double_press_of_the_button_loads_once(play: Play) -> None:
    batch = asked(play)
    at_once(*(lambda: jobs.run_at_once(batch.pk) for _ in range(3)))
    assert (Publication.objects.count(), Observation.objects.count()) == (1, 1)
    assert ImportBatch.objects.get().state == "loaded"


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_begins_anew(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = asked(play)

    def dies(**given: Any) -> None:
        real(**given)
        raise OperationalError("the worker is gone")

    real = jobs.confirm
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "confirm", dies)
        with pytest.raises(OperationalError):
            jobs.run_watched(batch.pk)
    assert not Observation.objects.exists() and ImportBatch.objects.get().state == "open"
    assert (job(batch).state, job(batch).attempts) == ("running", 1)
    assert jobs.unfinished() == [], "it may still be at work"
    ImportJob.objects.update(touched_at=timezone.now() - timedelta(minutes=1))
    assert jobs.unfinished() == [batch.pk]
    woken: list[int] = []
    monkeypatch.setattr("reporting.tasks.import_task.apply_async", lambda args: woken.extend(args))
    resume_imports_task()
    assert woken == [batch.pk]
    assert jobs.run_watched(batch.pk) and Observation.objects.count() == 1


def test_what_fails_again_and_again_is_given_up_and_said(play: Play) -> None:
    batch = asked(play)
    ImportJob.objects.update(attempts=jobs.MOST_ATTEMPTS)
    assert not jobs.run_watched(batch.pk)
    assert (job(batch).state, job(batch).problem["code"]) == ("failed", "gave_up")
    assert not Observation.objects.exists() and ImportBatch.objects.get().state == "open"


def test_a_job_under_way_is_not_asked_for_twice_and_a_discarded_file_ends_it(play: Play) -> None:
    batch = asked(play)
    jobs.ask(batch=batch, kind="look", actor=play.administrator)
    assert (job(batch).kind, job(batch).asked_by) == ("load", play.reviewer)
    batches.discard(batch_id=batch.pk, actor=play.reviewer)
    assert not jobs.run_watched(batch.pk) and not Observation.objects.exists()

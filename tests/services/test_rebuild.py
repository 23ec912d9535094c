"""A full rebuild by real workers: shared between two, and cut off by kill −9 in the middle of a chunk.

The tests hold the lock of an indicator, so that a worker stands still in the chunk that needs it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import psutil
import psycopg2
import pytest
from django.db import connection

from indicators.models import Aggregate, RecomputeRun, Standing
from indicators.services import rebuilding
from indicators.services.recomputing import INDICATOR_LOCK, drain_pending
from runtime.places import CHECKOUT
from tests.cast import Cast, make_cast, state
from tests.services.conftest import Processes, url_of_test_database, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
CHUNKS_TASK, REBUILD_TASK = "indicators.tasks.rebuild_chunks_task", "indicators.tasks.rebuild_task"
#: What a reader sees of both tables, in one statement.
SEEN = """SELECT (SELECT array_agg(value ORDER BY id) FROM indicators_standing),
    (SELECT array_agg(mean ORDER BY id) FROM indicators_aggregate)"""
COMPUTED = """SELECT (SELECT array_agg(value ORDER BY value) FROM indicators_standing),
    (SELECT array_agg(mean ORDER BY mean) FROM indicators_aggregate)"""


@pytest.fixture
def cast(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Two indicators, a chunk each, and one of every two standings wrong."""
    monkeypatch.setattr(rebuilding, "CHUNK_FACTS", 1)
    cast = make_cast()
    for number, province in enumerate((cast.ha_giang, cast.cao_bang, cast.dien_bien), start=1):
        counts = {"numerator": Decimal(number), "denominator": Decimal(4)}
        state(cast, province, cast.on_time, "2021-H1", str(25 * number), **counts)
        state(cast, province, cast.received, "2021-H1", str(number))
    drain_pending(cause="test")
    return cast


def answer(sql: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row: tuple[object, ...] = cursor.fetchone()
    return row


@contextmanager
def held(*indicators: int) -> Iterator[Callable[[], int]]:
    """Holds the indicators' locks; gives the number of database sessions that wait for one of them."""
    holder = psycopg2.connect(url_of_test_database())
    with holder.cursor() as cursor:
        for key in indicators:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [INDICATOR_LOCK, key])

    def waiting() -> int:
        number = answer(
            "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
            f" AND classid = {INDICATOR_LOCK} AND objsubid = 2"
        )[0]
        assert isinstance(number, int)
        return number

    try:
        yield waiting
    finally:
        holder.close()


@contextmanager
def reader() -> Iterator[list[tuple[object, ...]]]:
    """Reads both tables all the while; gives the different states that it has seen, in order. One that is
    kept waiting for long sees no more."""
    seen: list[tuple[object, ...]] = []
    stop = threading.Event()

    def read() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '10s'")
        while not stop.is_set():
            state_now = answer(SEEN)
            if not seen or seen[-1] != state_now:
                seen.append(state_now)
            time.sleep(0.01)
        connection.close()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def test_kill_9_in_the_middle_of_a_rebuild(processes: Processes, cast: Cast) -> None:
    right = answer(COMPUTED)
    Standing.objects.filter(indicator=cast.on_time).update(value=-1)
    Aggregate.objects.filter(indicator=cast.received).delete()
    before = answer(SEEN)
    worker = processes.start_worker(concurrency=1)
    with reader() as seen:
        with held(cast.on_time.pk) as waiting:  # whose chunk is the second
            dead = rebuilding.plan(cause="test")
            assert dead.chunks.filter(simulated=False).count() == 2
            processes.call(CHUNKS_TASK, "rebuild", run_id=dead.pk)
            wait_until(lambda: waiting() == 1, 30)
            assert dead.chunks.filter(done=True).count() == 1
            processes.kill(worker)
        assert seen == [before]
        processes.purge()
        processes.start_worker(concurrency=1)
        processes.call(REBUILD_TASK, "rebuild", cause="next", apply=True)
        done = RecomputeRun.objects.filter(cause="next", result=RecomputeRun.Result.DONE)
        wait_until(done.exists, 30)
    assert len(seen) <= 2 and seen[0] == before  # the old state, then the new, nothing between
    dead.refresh_from_db()
    assert dead.result == RecomputeRun.Result.FAILED
    assert done.get().differences
    assert answer(COMPUTED) == right
    assert rebuilding.rebuild(cause="test", apply=False).differences == 0


def test_two_workers_share_one_rebuild(processes: Processes, cast: Cast) -> None:
    right = answer(COMPUTED)
    Standing.objects.update(value=-1)
    for _ in range(2):
        processes.start_worker(concurrency=1)
    with held(cast.received.pk, cast.on_time.pk) as waiting:
        run = rebuilding.plan(cause="test")
        for _ in range(2):
            processes.call(CHUNKS_TASK, "rebuild", run_id=run.pk)
        wait_until(lambda: waiting() == 2, 30)  # each of the two stands in a chunk of its own
        assert not run.chunks.filter(done=True).exists()
    done = RecomputeRun.objects.filter(pk=run.pk, result=RecomputeRun.Result.DONE)
    wait_until(done.exists, 30)
    assert done.get().differences
    assert answer(COMPUTED) == right


def test_readers_see_empty_tables_and_then_full_ones(processes: Processes, cast: Cast) -> None:
    """Workers fill tables that take the place of the empty ones; one of them is killed on the way."""
    right = answer(COMPUTED)
    Standing.objects.all().delete()
    Aggregate.objects.all().delete()
    worker = processes.start_worker(concurrency=1)
    with reader() as seen:
        with held(cast.on_time.pk) as waiting:
            run = rebuilding.plan(cause="test")
            processes.call(CHUNKS_TASK, "rebuild", run_id=run.pk)
            wait_until(lambda: waiting() == 1, 30)
            assert run.chunks.filter(done=True).exists()
            processes.kill(worker)
        processes.purge()
        for _ in range(2):
            processes.start_worker(concurrency=1)
            processes.call(CHUNKS_TASK, "rebuild", run_id=run.pk)
        done = RecomputeRun.objects.filter(pk=run.pk, result=RecomputeRun.Result.DONE)
        wait_until(done.exists, 30)
        wait_until(lambda: len(seen) == 2, 5)
    assert seen[0] == (None, None)
    assert answer(COMPUTED) == right
    assert rebuilding.rebuild(cause="test", apply=False).differences == 0


@pytest.mark.parametrize("killed", [False, True])
def test_the_command_shares_its_chunks_with_a_helper(cast: Cast, killed: bool) -> None:
    """A real chunk and a simulated one, which stand still at the same indicator; nothing is lost with -9."""
    right = answer(COMPUTED)
    Standing.objects.all().delete()
    Aggregate.objects.all().delete()
    words = [sys.executable, "manage.py", "recompute", "--full", "--processes", "2"]
    environment = {**os.environ, "DATABASE_URL": url_of_test_database()}
    with held(cast.on_time.pk) as waiting:
        command = subprocess.Popen(words, cwd=CHECKOUT, env=environment)
        wait_until(lambda: waiting() == 2 or command.poll() is not None, 60)
        assert waiting() == 2
        (helper,) = psutil.Process(command.pid).children()
        if killed:
            helper.kill()
    assert command.wait(60) == 0
    assert RecomputeRun.objects.filter(cause="command").get().result == RecomputeRun.Result.DONE
    assert answer(COMPUTED) == right
    assert rebuilding.rebuild(cause="test", apply=False).differences == 0


def test_a_command_that_is_ended_ends_its_helper(cast: Cast) -> None:
    words = [sys.executable, "manage.py", "recompute", "--full", "--processes", "2"]
    environment = {**os.environ, "DATABASE_URL": url_of_test_database()}
    with held(cast.on_time.pk) as waiting:
        command = subprocess.Popen(words, cwd=CHECKOUT, env=environment)
        wait_until(lambda: waiting() == 2 or command.poll() is not None, 60)
        (helper,) = psutil.Process(command.pid).children()
        command.send_signal(signal.SIGTERM)
        # Python hears of it when the database answers
    assert command.wait(60) != 0
    assert not helper.is_running()

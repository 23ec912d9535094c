"""A real Celery worker in a process of its own, over each broker there is: Redis, and PostgreSQL.

`make test-services` names the servers. The worker works on the tests' own database: it sees what they commit.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from celery import Celery
from django.db import connection
from kombu import Connection

from runtime.broker import broker_url, close_broker_connections, make_broker_tables, send
from runtime.commands import BEAT, WORKER, with_this_python
from runtime.places import CHECKOUT
from runtime.processes import Command, end_session, record_of, start

DRAIN = "indicators.tasks.drain_pending_task"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the servers these tests are told as skipped, also where `-m` lets them through."""
    if os.environ.get("REDIS_URL"):
        return
    reason = pytest.mark.skip(reason="REDIS_URL is not set: `make test-services` runs this")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(reason)


def url_of_test_database() -> str:
    """The address of the database that pytest-django made."""
    given = connection.settings_dict
    user, password = (quote(given[name], safe="") for name in ("USER", "PASSWORD"))
    login = f"{user}:{password}@" if password else f"{user}@"
    host, port = (
        given["HOST"] or given["OPTIONS"].get("host", ""),
        f":{given['PORT']}" if given["PORT"] else "",
    )
    if host.startswith("/"):
        return f"postgresql://{login}/{given['NAME']}?{urlencode({'host': host})}"
    return f"postgresql://{login}{host}{port}/{given['NAME']}"


def connected() -> set[int]:
    """The backends of the database of the tests, this connection's own among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@dataclass
class Processes:
    """Starts and kills worker and beat; `wake` sends the message that a publication sends."""

    environment: dict[str, str]
    folder: Path

    def __post_init__(self) -> None:
        self.running: list[subprocess.Popen[bytes]] = []
        # Those of this process: a browser test before leaves one open in a context of its own.
        self.ours = connected()
        database, redis = self.environment["DATABASE_URL"], self.environment.get("REDIS_URL")
        self.broker = broker_url(database, redis)

    def start_worker(self, *, concurrency: int | None = None) -> subprocess.Popen[bytes]:
        words = WORKER if concurrency is None else (*WORKER, "--concurrency", str(concurrency))
        process = self._start("worker", words)
        self._wait_for(" ready.", process)
        return process

    def start_beat(self) -> subprocess.Popen[bytes]:
        schedule = str(self.folder / "beat-schedule")  # its own: the checkout's may be in use
        return self._start(
            "beat", tuple(schedule if word.endswith("beat-schedule") else word for word in BEAT)
        )

    def wake(self) -> None:
        send(self.broker, DRAIN)

    def call(self, task: str, queue: str, **arguments: Any) -> None:
        """Sends a task as the application does, to a queue that a worker has declared."""
        with (
            Celery(broker=self.broker, set_as_current=False) as sender,
            sender.connection_for_write() as link,
        ):
            sender.send_task(task, kwargs=arguments, queue=queue, connection=link, ignore_result=True)
        close_broker_connections()

    def messages(self) -> int:
        with Connection(self.broker) as broker:
            return int(broker.default_channel.queue_declare("celery").message_count)

    def purge(self) -> None:
        with Connection(self.broker) as broker:
            for queue in ("celery", "rebuild"):
                broker.default_channel.queue_declare(queue)
                broker.default_channel.queue_purge(queue)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """-9, as the kernel does when memory is short; what it leaves of its own children is ended too."""
        record = record_of("killed", process.pid, signal.SIGTERM)
        process.kill()
        process.wait()
        end_session(record, timeout=5)

    def end(self) -> None:
        for process in reversed(self.running):
            if process.poll() is None:
                self.kill(process)  # seconds faster than asking
        self.purge()
        close_broker_connections()
        # PostgreSQL takes a moment to notice that a killed process has hung up, and the next test needs its
        # locks.
        wait_until(lambda: connected() <= self.ours | {backend()}, 20)

    def _start(self, name: str, words: tuple[str, ...]) -> subprocess.Popen[bytes]:
        command = Command(name, with_this_python(words), folder=CHECKOUT)
        process = start(command, self.environment, self._log(name))
        self.running.append(process)
        return process

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{len(self.running)}.log"

    def _wait_for(self, text: str, process: subprocess.Popen[bytes]) -> None:
        log = self.folder / f"worker-{self.running.index(process)}.log"
        wait_until(lambda: process.poll() is not None or text in log.read_text(), 60)
        assert process.poll() is None, log.read_text()


def wait_until(holds: Callable[[], bool], limit: float) -> None:
    """Returns when it holds; fails after `limit` seconds."""
    deadline = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < deadline, f"not within {limit} s"
        time.sleep(0.1)


@pytest.fixture(params=["redis", "postgresql"])
def processes(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[Processes]:
    environment = {**os.environ, "DATABASE_URL": url_of_test_database()}
    if request.param == "postgresql":
        del environment["REDIS_URL"]
        make_broker_tables(environment["DATABASE_URL"])
    processes = Processes(environment, tmp_path)
    processes.purge()
    yield processes
    processes.end()

"""The whole system, started as a person starts it: a copy of the checkout in a path with a space, `make run`.

Everything in one test: each start costs seconds, and each state comes out of the one before.
"""

import fcntl
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runtime.places import CHECKOUT, STATE_OF_ROOT, short_hash

pytestmark = pytest.mark.supervisor
MADE_BY_MACHINES = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", ".schemathesis", "*.mo"
)
GIVEN = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "HOST",
    "PORT",
    "ALLOWED_HOSTS",
    "MAKEFLAGS",
    "MAKELEVEL",
    "DEBUG",
)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A checkout of its own, with this one's packages: installing is not what is tested."""
    folder = tmp_path / "bản sao of the checkout"
    shutil.copytree(CHECKOUT, folder, ignore=MADE_BY_MACHINES)
    (folder / ".venv").symlink_to((CHECKOUT / ".venv").resolve())
    yield folder
    end_what_a_failed_test_left(folder)
    for state in STATE_OF_ROOT.glob(f"{short_hash(folder)}-*"):
        shutil.rmtree(state)


def end_what_a_failed_test_left(folder: Path) -> None:
    """A supervisor that holds its lock is asked to end; one that ended has given the lock back."""
    path = folder / "var" / "run" / "supervisor.lock"
    if not path.exists():
        return
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            supervisor = psutil.Process(int(lock.read()))
            supervisor.terminate()
            supervisor.wait(timeout=60)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Run:
    """One `make run`, and what it printed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder.parent / f"output-{port}"
        environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
        with self.output.open("w") as output:
            self.make = subprocess.Popen(
                ["make", "run", f"PORT={port}"],
                cwd=folder,
                env=environment | {"HOME": str(folder.parent)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, limit: float) -> float:
        began = time.monotonic()
        while "Ready after" not in self.output.read_text():
            waited = time.monotonic() - began
            assert self.make.poll() is None and waited < limit, self.output.read_text()
            time.sleep(0.1)
        return time.monotonic() - began

    def supervisor(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "var" / "run" / "supervisor.lock").read_text()))

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        return connection.getresponse().status


def workers(run: Run) -> list[psutil.Process]:
    """Those that live; one that was killed has no command line until its supervisor has waited for it."""
    return [child for child in run.supervisor().children() if "worker" in command_line(child)]


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):  # it ended between the two questions
        return []


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def wait_until_gone(processes: list[psutil.Process], limit: float) -> None:
    psutil.wait_procs(processes, timeout=limit)
    assert [process for process in processes if not is_gone(process)] == []


def test_start_serve_stop_and_start_again_after_a_kill(copy: Path) -> None:
    modes = {folder: folder.stat().st_mode for folder in (copy, *copy.parents)}
    first = Run(copy, free_port())
    first.wait_until_ready(limit=240)
    assert first.get("/healthz") == first.get("/readyz") == first.get("/quan-tri/login/") == 200
    check_what_was_said(first)
    check_a_second_one_is_refused(copy)
    check_a_killed_worker_comes_back(first)

    processes = first.supervisor().children(recursive=True)
    names = " ".join(" ".join(command_line(process)) for process in processes)
    assert all(part in names for part in ("gunicorn", "celery", "beat", "postgres"))
    first.make.send_signal(signal.SIGTERM)
    first.make.wait(timeout=120)
    wait_until_gone(processes, limit=0)
    assert "Stopped." in first.output.read_text()

    second = Run(copy, free_port())
    second.wait_until_ready(limit=120)  # 5 s alone on a machine; the suite and others may run beside it
    killed = second.supervisor()
    processes = killed.children(recursive=True)
    killed.kill()
    second.make.wait(timeout=60)

    third = Run(copy, second.port)
    third.wait_until_ready(limit=120)
    wait_until_gone(processes, limit=0)
    processes = third.supervisor().children(recursive=True)
    third.supervisor().send_signal(signal.SIGINT)
    assert third.make.wait(timeout=120) == 0
    wait_until_gone(processes, limit=0)
    assert {folder: folder.stat().st_mode for folder in modes} == modes


def check_what_was_said(run: Run) -> None:
    text = run.output.read_text()
    password = (run.folder / "var" / "admin-password").read_text().strip()
    assert f"http://127.0.0.1:{run.port}/" in text
    assert re.search(rf"admin\s+password: {re.escape(password)}", text)
    assert (run.folder / "var" / "admin-password").stat().st_mode & 0o777 == 0o600


def check_a_second_one_is_refused(folder: Path) -> None:
    refused = Run(folder, free_port())
    assert refused.make.wait(timeout=60) != 0
    assert "runs from this folder already" in refused.output.read_text()


def check_a_killed_worker_comes_back(run: Run) -> None:
    [worker] = workers(run)
    worker.kill()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if any(again.pid != worker.pid for again in workers(run)):
            return
    raise AssertionError("the worker was not started again")

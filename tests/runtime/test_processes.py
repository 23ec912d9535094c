"""Children that die with their parent, and finding those that did not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runtime.processes import (
    Command,
    Recorded,
    end_session,
    is_same_process,
    read_records,
    record_of,
    start,
    survivors,
    write_records,
)

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a Linux kernel is needed")


def sleeper(tmp_path: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return start(Command("sleeper", arguments or SLEEP), dict(os.environ), tmp_path / "sleeper.log")


def test_records_survive_and_what_is_no_record_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "processes.json"
    assert read_records(path) == []
    records = [Recorded("web", 12, 1.5, 15), Recorded("postgres", 13, 2.5, 2)]
    write_records(path, records)
    assert read_records(path) == records
    path.write_text("{")
    assert read_records(path) == []
    path.write_text(json.dumps([{"pid": 1}]))
    assert read_records(path) == []


def test_a_number_that_was_given_out_again_is_left_alone(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    true = record_of("sleeper", process.pid, signal.SIGTERM)
    stale = Recorded("web", process.pid, true.created - 3600, int(signal.SIGTERM))
    assert survivors(stale) == []
    assert end_session(stale, timeout=1) == 0
    assert process.poll() is None
    assert end_session(true, timeout=5) == 1
    assert process.wait() is not None  # psutil took its exit code


def test_a_number_that_nobody_has_is_no_error() -> None:
    assert not is_same_process(2**22 + 1, time.time())
    assert end_session(Recorded("web", 2**22 + 1, time.time(), 15), timeout=1) == 0


def test_a_dead_process_that_was_not_waited_for_does_not_count(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    created = psutil.Process(process.pid).create_time()
    process.kill()
    while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert not is_same_process(process.pid, created)
    process.wait()


def test_children_of_a_dead_leader_are_found_by_their_session(tmp_path: Path) -> None:
    """A Celery worker that was killed may leave its pool behind."""
    script = f"import subprocess; p = subprocess.Popen({SLEEP!r}); print(p.pid, flush=True); p.wait()"
    process = sleeper(tmp_path, sys.executable, "-c", script)
    log = tmp_path / "sleeper.log"
    while not log.read_text().endswith("\n"):
        time.sleep(0.01)
    child = psutil.Process(int(log.read_text()))
    record = record_of("worker", process.pid, signal.SIGTERM)
    process.kill()
    process.wait()
    assert [found.pid for found in survivors(record)] == [child.pid]
    assert end_session(record, timeout=5) == 1
    assert not psutil.pid_exists(child.pid) or child.status() == psutil.STATUS_ZOMBIE


def test_a_process_that_will_not_hear_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=1); time.sleep(60)"
    process = sleeper(tmp_path, sys.executable, "-c", deaf)
    while "deaf" not in (tmp_path / "sleeper.log").read_text():
        time.sleep(0.01)
    record = record_of("deaf", process.pid, signal.SIGTERM)
    assert end_session(record, timeout=0.2) == 1
    assert process.wait() is not None


@on_linux
def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    parent = (
        "import os, pathlib, time; from runtime.processes import Command, start;"
        f"log = pathlib.Path({str(tmp_path / 'log')!r});"
        f"p = start(Command('sleeper', {SLEEP!r}), dict(os.environ), log);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    assert process.stdout is not None
    child = psutil.Process(int(process.stdout.readline()))
    process.kill()
    process.wait()
    child.wait(timeout=5)
    assert not child.is_running()

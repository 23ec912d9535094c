"""Starting again, giving up, and stopping, with processes that cost nothing."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runtime import supervisor as module
from runtime.errors import StartError
from runtime.processes import Command, read_records
from runtime.supervisor import StopRequested, Supervisor, raise_stop

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    handlers = {number: signal.getsignal(number) for number in module.STOPPING_SIGNALS}
    supervisor = Supervisor(dict(os.environ), said.append, records=tmp_path / "processes.json", logs=tmp_path)
    yield supervisor
    supervisor.stop()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def look_after_for(supervisor: Supervisor, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for position, child in enumerate(supervisor.children):
            supervisor._look_after(position, child)
        time.sleep(0.02)


def test_a_process_that_was_killed_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    first = supervisor.start(Command("worker", SLEEP))
    first.kill()
    look_after_for(supervisor, 1.5)
    [child] = supervisor.children
    assert child.process.pid != first.pid
    assert child.process.poll() is None
    assert "worker was ended by SIGKILL; started again in 1 s" in said[0]
    assert [record.pid for record in read_records(supervisor.records)] == [child.process.pid]


def test_one_that_cannot_live_stops_everything_and_names_its_log(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.0)
    supervisor.start(Command("web", (sys.executable, "-c", "import sys; sys.exit(3)")))
    with pytest.raises(StartError, match=r"web died 5 times in a row; .*web\.log says why"):
        look_after_for(supervisor, 10)


def test_an_old_death_is_forgiven(supervisor: Supervisor) -> None:
    process = supervisor.start(Command("web", SLEEP))
    [child] = supervisor.children
    child.deaths, child.started = module.DEATHS_ALLOWED - 1, time.monotonic() - module.SETTLED - 1
    process.kill()
    process.wait()
    look_after_for(supervisor, 0.1)
    assert child.deaths == 1


def test_all_are_stopped_the_last_started_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2])\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    for name in "abc":
        supervisor.start(Command(name, (sys.executable, "-c", script, str(order), name)))
    for name in "abc":
        while not (tmp_path / f"{name}.log").read_text():
            time.sleep(0.01)
    processes = [psutil.Process(child.process.pid) for child in supervisor.children]
    supervisor.stop()
    assert order.read_text() == "cba"
    assert not any(process.is_running() for process in processes)
    assert read_records(supervisor.records) == []


def test_what_a_killed_supervisor_left_is_ended(
    supervisor: Supervisor, tmp_path: Path, said: list[str]
) -> None:
    left = Supervisor(dict(os.environ), said.append, records=supervisor.records, logs=tmp_path)
    process = left.start(Command("web", SLEEP))
    supervisor.end_leftovers()
    assert process.wait(timeout=5) is not None
    assert said == ["Ended 1 processes that an earlier run had left behind."]


def test_a_stop_is_raised_once(supervisor: Supervisor) -> None:
    signal.signal(signal.SIGTERM, raise_stop)
    with pytest.raises(StopRequested):
        os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)  # ignored by now


def test_a_step_that_ends_by_itself_is_no_child_any_more(supervisor: Supervisor) -> None:
    supervisor.start(Command("web", SLEEP))
    supervisor.start(Command("step", (sys.executable, "-c", "import sys; sys.exit(4)")))
    assert supervisor.wait_for_end_of("step").process.returncode == 4
    assert [child.command.name for child in supervisor.children] == ["web"]
    assert [record.name for record in read_records(supervisor.records)] == ["web"]

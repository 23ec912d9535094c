"""Starts the processes in order, restarts one that died, and stops all in reverse order.

A process that dies is started again, after a pause that doubles from 1 to 30 seconds: a worker that the
kernel ended for want of memory must not take the pages down with it, and the pages tell on /readyz what
is missing. Only one that cannot live (five deaths within a minute of its start) stops everything, with a
sentence that names its log.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from runtime.errors import StartError
from runtime.places import VAR
from runtime.processes import Command, Recorded, end_session, read_records, record_of, start, write_records

LONGEST_PAUSE = 30.0  # seconds
SETTLED = 60.0  # seconds alive after which earlier deaths are forgotten
DEATHS_ALLOWED = 5
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """The person or the machine asked for the end. Not an `Exception`: nothing may take it for an error."""


def raise_stop(number: int, frame: FrameType | None) -> None:
    """Raised once: make passes on a signal that the whole process group may have got already."""
    for other in STOPPING_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise StopRequested(signal.Signals(number).name)


@dataclass
class Child:
    """One supervised process. `deaths` in a row; `due`: when it is dead, the second of its next start."""

    command: Command
    process: subprocess.Popen[bytes]
    record: Recorded
    started: float
    deaths: int = 0
    due: float | None = None


@dataclass
class Supervisor:
    """Owns the children; the only one who starts and ends them."""

    environment: dict[str, str]
    say: Callable[[str], None]
    records: Path = VAR / "run" / "processes.json"
    logs: Path = VAR / "log"
    children: list[Child] = field(default_factory=list)

    def end_leftovers(self) -> None:
        """Ends what a supervisor that was killed left running, PostgreSQL last."""
        records = read_records(self.records)
        ended = sum(end_session(record, timeout=20) for record in reversed(records))
        if ended:
            self.say(f"Ended {ended} processes that an earlier run had left behind.")
        write_records(self.records, [])

    def start(self, command: Command) -> subprocess.Popen[bytes]:
        child = self._start(command)
        self.children.append(child)
        self._write_records()
        return child.process

    def _start(self, command: Command) -> Child:
        process = start(command, self.environment, self.log_of(command))
        record = record_of(command.name, process.pid, command.stop_signal)
        return Child(command, process, record, started=time.monotonic())

    def log_of(self, command: Command) -> Path:
        return self.logs / f"{command.name}.log"

    def _write_records(self) -> None:
        write_records(self.records, [child.record for child in self.children])

    def wait_for_end_of(self, name: str) -> Child:
        """A process that is to end by itself; from then on it is none of the children."""
        child = next(child for child in self.children if child.command.name == name)
        child.process.wait()
        self.children.remove(child)
        self._write_records()
        return child

    def watch(self) -> None:
        """Runs until a stop is requested (StopRequested) or a process cannot live (StartError)."""
        while True:
            for position, child in enumerate(self.children):
                self._look_after(position, child)
            time.sleep(0.2)

    def _look_after(self, position: int, child: Child) -> None:
        if child.due is None:
            if child.process.poll() is not None:
                self._note_death(child)
        elif time.monotonic() >= child.due:
            self.children[position] = restarted = self._start(child.command)
            restarted.deaths = child.deaths
            self._write_records()

    def _note_death(self, child: Child) -> None:
        """Ends what the dead process left of its own children, and sets the moment of its next start."""
        end_session(child.record, timeout=2)
        now, name = time.monotonic(), child.command.name
        child.deaths = 1 if now - child.started > SETTLED else child.deaths + 1
        log = self.log_of(child.command)
        if child.deaths >= DEATHS_ALLOWED:
            raise StartError(
                f"{name} died {child.deaths} times in a row; {log} says why. Everything is stopped."
            )
        pause = min(2.0 ** (child.deaths - 1), LONGEST_PAUSE)
        child.due = now + pause
        self.say(f"{name} {manner_of(child.process.returncode)}; started again in {pause:.0f} s (see {log}).")

    def stop(self) -> None:
        """Ends the children, the last started first, each within its time; a second Ctrl-C does not wait."""
        hurry = threading.Event()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGINT, lambda *_: hurry.set())
        for child in reversed(self.children):
            self._stop_one(child, hurry)
        self.children.clear()
        self._write_records()

    def _stop_one(self, child: Child, hurry: threading.Event) -> None:
        if child.process.poll() is None:
            child.process.send_signal(child.command.stop_signal)
        deadline = time.monotonic() + child.command.stop_timeout
        while child.process.poll() is None and time.monotonic() < deadline and not hurry.is_set():
            time.sleep(0.02)
        if child.process.poll() is None:
            self.say(f"{child.command.name} did not end by itself and is killed.")
            child.process.send_signal(child.command.kill_signal)
        child.process.wait()
        end_session(child.record, timeout=2)


def manner_of(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with exit code {returncode}"

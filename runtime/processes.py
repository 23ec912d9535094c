"""Child processes that end with their parent, and finding those that did not.

On Linux the kernel signals a child when its parent dies, also by `kill -9`. Elsewhere, and where that
signal was not enough, the next start ends what the last one recorded. A recorded number counts only
together with the moment at which its process began: a number that meanwhile belongs to somebody else is
never signalled.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from runtime.accounts import Account, Become

PR_SET_PDEATHSIG = 1
CLOCK_TOLERANCE = (
    2.0  # seconds; the kernel's boot time, to which psutil adds, is rounded and follows the clock
)


@dataclass(frozen=True)
class Command:
    """A process of the system: what is run, as whom, and how it is asked to end."""

    name: str
    arguments: tuple[str, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 20
    kill_signal: signal.Signals = signal.SIGKILL
    account: Account | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class Recorded:
    """A process that a supervisor started. `created`: seconds since 1970, as psutil gives it."""

    name: str
    pid: int
    created: float
    stop_signal: int


def end_with_parent(parent_death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it gets a signal when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    library, parent = ctypes.CDLL(None, use_errno=True), os.getpid()  # loaded before the fork

    def in_child() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(parent_death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return in_child


def end_with_make() -> None:
    """Under `make`, a supervisor stops when make is killed; else it would run on unseen."""
    if sys.platform.startswith("linux") and psutil.Process(os.getppid()).name() in ("make", "gmake"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def start(command: Command, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own (a Ctrl-C at the terminal reaches the supervisor only)."""
    become = (
        command.account.to_become() if command.account else Become(user=None, group=None, extra_groups=None)
    )
    with log.open("ab") as output:
        return subprocess.Popen(
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=command.folder,
            env=environment,
            start_new_session=True,
            preexec_fn=end_with_parent(command.stop_signal),  # runs after setuid, which would clear it
            **become,
        )


def record_of(name: str, pid: int, stop_signal: signal.Signals) -> Recorded:
    return Recorded(name, pid, psutil.Process(pid).create_time(), int(stop_signal))


def write_records(path: Path, records: Iterable[Recorded]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps([asdict(record) for record in records], indent=1))
    partial.replace(path)


def read_records(path: Path) -> list[Recorded]:
    """What the last supervisor wrote; nothing if it never did."""
    try:
        return [Recorded(**entry) for entry in json.loads(path.read_text())]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError):  # not ours, or of another version: nothing in it can be trusted
        return []


def is_same_process(pid: int, created: float, tolerance: float = CLOCK_TOLERANCE) -> bool:
    """Whether the process with this number is the one that began at that moment."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - created) <= tolerance and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def survivors(record: Recorded) -> list[psutil.Process]:
    """The recorded process and those of its session that still run, also after its own death.

    A session keeps its number as long as it has a member, and the kernel gives that number to no new
    process: so members whose leader is gone are still ours, unless a stranger has the number.
    """
    if psutil.pid_exists(record.pid) and not is_same_process(record.pid, record.created):
        return []
    return [process for process in psutil.process_iter() if is_member(process, record)]


def is_member(process: psutil.Process, record: Recorded) -> bool:
    try:
        return (
            os.getsid(process.pid) == record.pid
            and process.create_time() >= record.created - CLOCK_TOLERANCE
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except (ProcessLookupError, PermissionError, psutil.Error):
        return False


def end_session(record: Recorded, timeout: float) -> int:
    """Ends what is left of a recorded process: asks its leader, which asks its children; waits; kills.

    Returns how many processes there were.
    """
    found = survivors(record)
    leader = [process for process in found if process.pid == record.pid]
    for process in leader or found:
        signal_quietly(process, signal.Signals(record.stop_signal))
    psutil.wait_procs(found, timeout=timeout)
    remaining = survivors(record)
    for process in remaining:
        signal_quietly(process, signal.SIGKILL)
    psutil.wait_procs(remaining, timeout=5)
    return len(found)


def signal_quietly(process: psutil.Process, number: signal.Signals) -> None:
    """Signals a process that may have ended by itself in the meantime."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)

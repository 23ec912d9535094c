"""Processes that take part in what a command does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings

MOST_PROCESSES = 8


def cores() -> int:
    """Those that this process may use, and no more than are of use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, MOST_PROCESSES)


@contextmanager
def helpers(number: int, *words: str) -> Iterator[None]:
    """``number`` processes of ``manage.py`` with ``words``: new ones, not forked, so that each opens a
    connection of its own. They are ended with the block, however it ends (SIGTERM too)."""
    before = signal.signal(signal.SIGTERM, _exit) if number else None
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(number):
            running.append(subprocess.Popen(manage, stdin=subprocess.DEVNULL))
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        if number:
            signal.signal(signal.SIGTERM, before)


def leave_ctrl_c_to_the_parent() -> None:
    """For a helper: a terminal sends it to both, and the parent ends its helpers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _exit(number: int, frame: Any) -> None:
    raise SystemExit(128 + number)

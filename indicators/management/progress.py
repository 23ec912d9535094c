"""One line that counts while a command works."""

from __future__ import annotations

from time import monotonic
from typing import Any

_EVERY_SECONDS = 0.2


class ProgressLine:
    """Call it with (what, done, total). On a terminal the line is written over; elsewhere only a finished
    count gets a line, so that a log stays short."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.interactive = bool(stream.isatty())
        self.written = 0.0
        self.open = False

    def __call__(self, what: str, done: int, total: int) -> None:
        finished = done >= total
        if self.interactive:
            if finished or monotonic() - self.written >= _EVERY_SECONDS:
                self.written = monotonic()
                self.open = not finished
                self.stream.write(f"\r\x1b[K{what} {done}/{total}", ending="\n" if finished else "")
        elif finished:
            self.stream.write(f"{what} {done}/{total}")

    def end(self) -> None:
        if self.open:
            self.stream.write("")
            self.open = False

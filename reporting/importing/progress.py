"""How far a job is, told while its transaction is still open: over a connection of its own, so that others
see it at once. Nothing of the work itself is written here."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from reporting.models import ImportJob

#: Told the step and, within it, how many of how many rows are done.
Report = Callable[[ImportJob.Step, int, int], None]
_SECONDS_BETWEEN = 0.3
_Step = ImportJob.Step
#: Where each step begins on the bar, in thousandths; it ends where the next begins.
_BEGINS = {
    ImportJob.Kind.LOOK: {_Step.READING: 0, _Step.CHECKING: 250, _Step.COMPARING: 500, _Step.WRITING: 950},
    ImportJob.Kind.LOAD: {_Step.READING: 0, _Step.CHECKING: 100, _Step.COMPARING: 250, _Step.WRITING: 450},
}


def silent(step: ImportJob.Step, done: int = 0, total: int = 0) -> None:
    """For what is over before anybody could look."""


class Watch:
    """A context for one job; call it as a ``Report``."""

    def __init__(self, batch_id: int, kind: str) -> None:
        self._batch = batch_id
        self._begins = _BEGINS[ImportJob.Kind(kind)]
        self._told: tuple[float, ImportJob.Step | None] = (0.0, None)

    def __enter__(self) -> Watch:
        self._connection = connections.create_connection(DEFAULT_DB_ALIAS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def begin(self) -> int:
        """Say that the job is under way; returns which attempt this is."""
        return self._write("state = 'running', attempts = attempts + 1")

    def __call__(self, step: ImportJob.Step, done: int = 0, total: int = 0) -> None:
        at, before = self._told
        if step == before and time.monotonic() - at < _SECONDS_BETWEEN:
            return
        begins = self._begins[step]
        ends = min((other for other in self._begins.values() if other > begins), default=1000)
        place = begins + (ends - begins) * min(done, total) // total if total else begins
        self._write("step = %s, permille = %s", step.value, place)
        self._told = time.monotonic(), step

    def _write(self, what: str, *values: Any) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE reporting_importjob SET {what}, touched_at = now() WHERE batch_id = %s"
                " RETURNING attempts",
                [*values, self._batch],
            )
            return int(cursor.fetchone()[0])

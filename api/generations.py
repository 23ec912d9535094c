"""The newest change of a slice of the data: the generation that an answer made of it belongs to.

What changed stands in the database, in order (``DataChange``). Each process keeps that list, asks at every
request for the number of the newest change alone, and reads what it does not know yet.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from api.models import DataChange

_EVERYTHING = frozenset(DataChange.Kind.values)
#: What makes every answer new: names, units, provinces, definitions are in all of them.
_ALWAYS = frozenset({DataChange.Kind.REFERENCE})
_DIMENSIONS = ("indicators", "provinces", "periods")


@dataclass(frozen=True)
class Change:
    """A row of DataChange; None stands for every indicator, province, period."""

    number: int
    instant: datetime
    kind: str
    indicators: frozenset[int] | None
    provinces: frozenset[int] | None
    periods: frozenset[str] | None


@dataclass(frozen=True)
class Slice:
    """What an answer is made of: kinds of data, of which indicators and provinces (keys) and which periods
    (codes); None stands for all of them."""

    kinds: frozenset[str] = _EVERYTHING
    indicators: frozenset[int] | None = None
    provinces: frozenset[int] | None = None
    periods: frozenset[str] | None = None

    @classmethod
    def of(cls, kinds: frozenset[str] | None, values: dict[str, Any]) -> Slice:
        """From what a resource shows (None: anything) and the values of its parameters."""
        if kinds is None:
            return cls()
        chosen = {f"{name}s": values.get(name) for name in ("indicator", "province", "period")}
        return cls(kinds | _ALWAYS, **{name: _set(keys) for name, keys in chosen.items()})

    def holds(self, change: Change) -> bool:
        return change.kind in self.kinds and all(
            _meet(getattr(self, name), getattr(change, name)) for name in _DIMENSIONS
        )


REFERENCE = Slice(_ALWAYS)


@dataclass(frozen=True)
class Generation:
    """Of a slice: the number and the instant of its newest change; 0 and None where nothing ever changed."""

    number: int = 0
    changed: datetime | None = None


class Generations:
    """The changes that this process knows of, oldest first."""

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._lock = threading.Lock()

    @property
    def newest(self) -> int:
        return self._changes[-1].number if self._changes else 0

    def refresh(self) -> int:
        """Ask for the newest number (one query), read what is new (one more); returns the newest."""
        number = _newest_number()
        if number != self.newest:
            with self._lock:
                if number < self.newest:  # a backup was put back
                    self._changes = []
                if number != self.newest:
                    self._changes = [*self._changes, *_changes_after(self.newest)]
        return self.newest

    def of(self, slice_: Slice, known: Generation = Generation(), since: int = 0) -> Generation:
        """The slice's generation; ``known`` is what it was when ``since`` was the newest change."""
        for change in reversed(self._changes):
            if change.number <= since:
                return known
            if slice_.holds(change):
                return Generation(change.number, change.instant)
        return known if since else Generation()


generations = Generations()


def _newest_number() -> int:
    """Every request asks this first: it tells as well as ``SELECT 1`` would whether a connection kept open
    still lives, and a dead one is made anew."""
    connection.health_check_done = True
    try:
        return _ask_number()
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _ask_number()


def _ask_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM api_datastate")
        row = cursor.fetchone()
    return row[0] if row else 0


def _changes_after(number: int) -> list[Change]:
    columns = ("number", "instant", "kind", *_DIMENSIONS)
    rows = DataChange.objects.filter(number__gt=number).order_by("number").values_list(*columns)
    return [Change(*row[:3], *(_set(keys) for keys in row[3:])) for row in rows]


def _set(keys: Any) -> Any:
    return None if keys is None else frozenset(keys)


def _meet(mine: frozenset[Any] | None, its: frozenset[Any] | None) -> bool:
    return mine is None or its is None or not mine.isdisjoint(its)

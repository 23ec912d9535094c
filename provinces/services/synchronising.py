"""Making a table say what a file says, in a handful of statements, and telling what that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

from provinces.services.tables import DataFileError

Record = TypeVar("Record", bound=models.Model)


@dataclass
class Tally:
    """``removed`` counts what the files no longer have (facts: withdrawn); ``kept`` what a person has
    decided otherwise since, or what may be referred to and stays although the files no longer have it."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    kept: int = 0

    def __str__(self) -> str:
        said = [f"{self.new} new", f"{self.changed} changed", f"{self.same} same"]
        said += [f"{self.removed} removed"] if self.removed else []
        said += [f"{self.kept} kept although the files say otherwise"] if self.kept else []
        return ", ".join(said)


@dataclass
class LoadReport:
    """What a load did, by kind of record, and every entry that it refused with the reason."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    refusals: list[DataFileError] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    progress: Callable[[str, int, int], None] = lambda kind, done, total: None

    def tally(self, kind: str) -> Tally:
        return self.tallies.setdefault(kind, Tally())


def synchronise(
    model: type[Record],
    *,
    key: Sequence[str],
    records: Sequence[Record],
    columns: Sequence[str],
    tally: Tally,
    owned: bool = False,
) -> dict[tuple[Any, ...], Record]:
    """Make the table of ``model`` hold ``records``; returns the saved records by ``key``.

    Records are matched by ``key`` and compared by ``columns`` (attribute names, ``…_id`` for relations).
    An ``owned`` table holds nothing but what the files say: rows that they no longer have are deleted, and
    a changed row is replaced, so that two rows may trade their dates without ever overlapping. In other
    tables rows that are not in the files stay.
    """
    existing = {_values(record, key): record for record in model._default_manager.all()}
    wanted = {_values(record, key): record for record in records}
    fresh, changed = [], []
    for identity, record in wanted.items():
        old = existing.get(identity)
        if old is None:
            fresh.append(record)
        elif _values(old, columns) != _values(record, columns):
            record.pk = old.pk
            changed.append(record)
        else:
            wanted[identity] = old
    gone = [record for identity, record in existing.items() if identity not in wanted]
    _write(model, fresh, changed, gone, columns, owned)
    tally.new += len(fresh)
    tally.changed += len(changed)
    tally.same += len(wanted) - len(fresh) - len(changed)
    if owned:
        tally.removed += len(gone)
    else:
        tally.kept += len(gone)
    return wanted


def _write(
    model: type[Record],
    fresh: list[Record],
    changed: list[Record],
    gone: list[Record],
    columns: Sequence[str],
    owned: bool,
) -> None:
    manager = model._default_manager
    if owned:
        manager.filter(pk__in=[record.pk for record in (*gone, *changed)]).delete()
        manager.bulk_create([*fresh, *changed])
        return
    if changed:
        manager.bulk_update(changed, [column.removesuffix("_id") for column in columns])
    manager.bulk_create(fresh)


def _values(record: models.Model, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(record, column) for column in columns)

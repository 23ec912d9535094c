"""Making a table say what a file says, in a handful of statements, and telling what that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet

from provinces.services.tables import DataFileError

Record = TypeVar("Record", bound=models.Model)


@dataclass
class Tally:
    """``removed`` counts what the files no longer have (facts: withdrawn); ``kept`` what stays although the
    files say otherwise: a person has decided so since, or facts may refer to it."""

    new: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0
    kept: int = 0

    def count(
        self, *, new: int = 0, changed: int = 0, same: int = 0, removed: int = 0, kept: int = 0
    ) -> None:
        self.new += new
        self.changed += changed
        self.same += same
        self.removed += removed
        self.kept += kept

    @property
    def touched(self) -> bool:
        return bool(self.new or self.changed or self.removed)

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
    among: QuerySet[Record] | None = None,
    owned: bool = False,
) -> dict[tuple[Any, ...], Record]:
    """Make the table of ``model`` (or its part ``among``) say ``records``; returns them, saved, by ``key``.

    Records are matched by ``key`` and compared by ``columns`` (attribute names, ``…_id`` for relations). An
    ``owned`` table holds nothing but what the files say: rows that they no longer have are deleted. In other
    tables such rows stay, since facts may refer to them.
    """
    rows = model._default_manager.all() if among is None else among
    existing = {_values(record, key): record for record in rows}
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
    gone = [record.pk for identity, record in existing.items() if identity not in wanted]
    manager = model._default_manager
    if owned and gone:  # before the others are written: a successor may take a predecessor's days
        manager.filter(pk__in=gone).delete()
    if changed:
        manager.bulk_update(changed, [column.removesuffix("_id") for column in columns])
    manager.bulk_create(fresh)
    tally.count(new=len(fresh), changed=len(changed), same=len(wanted) - len(fresh) - len(changed))
    tally.count(**{"removed" if owned else "kept": len(gone)})
    return wanted


def _values(record: models.Model, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(record, column) for column in columns)

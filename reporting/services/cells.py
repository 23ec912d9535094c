"""Saving cells of a draft: a block in one call, each cell under its own optimistic lock.

Three statements whatever the number of cells: the submission is locked and its cells are read with what is
known of them, one UPDATE writes those whose version is still the one that the writer saw, and only where one
is not, a third reads who changed it (docs/decisions/cell-locking.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.fields import BooleanField
from django.utils import timezone

from indicators.core.stated import Measure
from indicators.models import MissingReason, Qualifier
from reporting.core.reading import CellReading, CellRules, CellText, digest, read_cell
from reporting.models import Entry, ProvinceAssignment
from reporting.services.errors import NotAllowed, Refused


@dataclass(frozen=True, kw_only=True)
class CellChange:
    """What a writer wants in one cell, and the version of it that the writer saw."""

    entry: int
    version: int
    cell: CellText


@dataclass(frozen=True)
class SavedCell:
    entry: Entry
    reading: CellReading


@dataclass(frozen=True)
class Conflict:
    """A cell that somebody else changed first: what stands there now, by whom, since when."""

    entry: Entry
    who: str
    when: datetime | None
    refused: CellText


@dataclass
class SaveResult:
    saved: list[SavedCell] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@transaction.atomic
def save_cells(*, submission_id: int, changes: Sequence[CellChange], actor: User) -> SaveResult:
    """Save the cells that nobody else has changed; those that somebody has come back as conflicts.

    Raises NotAllowed (`not_your_province`) and Refused (`not_editable`, `no_such_cell`, `bad_choice`);
    nothing is written then.
    """
    if not changes:
        return SaveResult()
    entries = _locked_entries(submission_id, [change.entry for change in changes], actor)
    _check(entries, changes)
    readings = {change.entry: read_cell(change.cell, rules_of(entries[change.entry])) for change in changes}
    written = _write(changes, readings, actor)
    result = SaveResult()
    lost = [change for change in changes if change.entry not in written]
    for change in changes:
        if change.entry in written:
            entry = entries[change.entry]
            entry.version = written[change.entry]
            apply(entry, change.cell, readings[change.entry])
            result.saved.append(SavedCell(entry, readings[change.entry]))
    if lost:
        result.conflicts = _conflicts(lost)
    return result


def rules_of(entry: Entry) -> CellRules:
    line = entry.line
    return CellRules(Measure(line.indicator.measure), line.wants_counts, line.indicator.decimals)


def text_of(entry: Entry) -> CellText:
    """The cell as it was typed."""
    return CellText(
        text=entry.as_typed,
        numerator=entry.numerator_as_typed,
        denominator=entry.denominator_as_typed,
        qualifier=entry.qualifier,
        status=entry.status,
        missing_reason=entry.missing_reason,
        note=entry.note,
        explanation=entry.explanation,
    )


def base_of(entry: Entry) -> str:
    """What a page or workbook says it has shown of a cell: its version and a digest of its texts."""
    return f"{entry.version}:{digest(text_of(entry))}"


def apply(entry: Entry, cell: CellText, reading: CellReading) -> None:
    """Put what was typed and what was read of it on the row in memory."""
    for name, value in _columns(cell, reading).items():
        setattr(entry, name, value)


def _columns(cell: CellText, reading: CellReading) -> Mapping[str, str | Decimal | None]:
    return {
        "as_typed": cell.text,
        "value": reading.value,
        "qualifier": cell.qualifier,
        "status": cell.status,
        "numerator_as_typed": cell.numerator,
        "numerator": reading.numerator.value if reading.numerator else None,
        "denominator_as_typed": cell.denominator,
        "denominator": reading.denominator.value if reading.denominator else None,
        "missing_reason": cell.missing_reason,
        "note": cell.note,
        "explanation": cell.explanation,
    }


def _locked_entries(submission_id: int, wanted: Sequence[int], actor: User) -> dict[int, Entry]:
    """The cells, with the submission locked: writers of one submission come one after the other, so that a
    cell is never written while its submission is being submitted."""
    if not (actor.is_active and actor.is_staff):
        raise NotAllowed("not_your_province")
    assigned = ProvinceAssignment.objects.filter(user=actor, province=OuterRef("submission__province"))
    rows = (
        Entry.objects.filter(submission_id=submission_id, pk__in=wanted)
        .select_related("submission", "line__indicator")
        .annotate(may=Exists(assigned) if actor.pk else Value(False, BooleanField()))
        .select_for_update(of=("submission",))
    )
    entries: dict[int, Entry] = {row.pk: row for row in rows}
    if any(not row.may for row in rows):
        raise NotAllowed("not_your_province")
    return entries


def _check(entries: Mapping[int, Entry], changes: Sequence[CellChange]) -> None:
    if len({change.entry for change in changes}) != len(changes):
        raise Refused("cell_twice")
    for change in changes:
        entry = entries.get(change.entry)
        if entry is None:
            raise Refused("no_such_cell")
        if not entry.submission.is_editable:
            raise Refused("not_editable", state=entry.submission.get_state_display())
        cell = change.cell
        if (
            cell.qualifier not in {"", *Qualifier.values}
            or cell.missing_reason not in {"", *MissingReason.values}
            or cell.status not in dict(Entry._meta.get_field("status").choices or [])
        ):
            raise Refused("bad_choice")
        lengths = ((cell.text, 200), (cell.numerator, 100), (cell.denominator, 100))
        long = any(len(text) > most for text, most in lengths)
        if long or len(cell.note) > 4000 or len(cell.explanation) > 2000:
            raise Refused("too_long")


_TYPES = {"value": "numeric", "numerator": "numeric", "denominator": "numeric"}


def _write(changes: Sequence[CellChange], readings: Mapping[int, CellReading], actor: User) -> dict[int, int]:
    """One UPDATE for the block; the new version of each cell that was still as its writer saw it."""
    names = list(_columns(CellText(), CellReading()))
    rows: list[int | str | Decimal | None] = []
    for change in changes:
        columns = _columns(change.cell, readings[change.entry])
        rows += [change.entry, change.version, *(columns[name] for name in names)]
    casts = ["%s::bigint", "%s::int", *(f"%s::{_TYPES.get(name, 'text')}" for name in names)]
    values = ", ".join([f"({', '.join(casts)})"] * len(changes))
    assignments = ", ".join(f"{name} = typed.{name}" for name in names)
    statement = (
        f"UPDATE reporting_entry AS entry SET {assignments}, version = entry.version + 1, "
        f"changed_by_id = %s, changed_at = %s FROM (VALUES {values}) AS typed (id, seen, {', '.join(names)}) "
        "WHERE entry.id = typed.id AND entry.version = typed.seen RETURNING entry.id, entry.version"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [actor.pk, timezone.now(), *rows])
        return dict(cursor.fetchall())


def _conflicts(lost: Sequence[CellChange]) -> list[Conflict]:
    now = {
        entry.pk: entry
        for entry in Entry.objects.filter(pk__in=[change.entry for change in lost]).select_related(
            "changed_by", "line__indicator"
        )
    }
    found = []
    for change in lost:
        entry = now[change.entry]
        who = entry.changed_by
        name = (who.get_full_name() or who.get_username()) if who else ""
        found.append(Conflict(entry, name, entry.changed_at, change.cell))
    return found

"""An uploaded table from its upload to its confirmation; what the screen does, without the screen."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from reporting.importing.files import bytes_to_read, read_file, refuse_at_once
from reporting.importing.headings import RECOGNISED
from reporting.importing.loading import load
from reporting.importing.progress import Report, silent
from reporting.importing.reading import ReadTable, read_table
from reporting.importing.tables import Table
from reporting.models import ImportBatch, ImportFile, ImportJob


class ImportRefused(Exception):
    """The batch cannot be loaded now: ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def upload(*, name: str, content: bytes, source: str, actor: User, sheet: str = "") -> ImportBatch:
    """Keep a file, to be looked through by a job (``importing.jobs``).

    Raises FileRefused for what cannot be read as a table, as far as that is told at once; nothing is kept.
    """
    refuse_at_once(content)
    batch = ImportBatch.objects.create(
        name=name[:200],
        size=bytes_to_read(content),
        sheet=sheet,
        constants={"source": source} if source else {},
        uploaded_at=timezone.now(),
        uploaded_by=actor,
    )
    ImportFile.objects.create(batch=batch, content=content)
    return batch


def table_of(batch: ImportBatch) -> Table:
    return read_file(bytes(batch.file.content), batch.sheet)


def read_batch(batch: ImportBatch, table: Table) -> ReadTable:
    """Raises FileRefused (``columns_missing`` and its like) where it has to be said which column is which."""
    return read_table(table, today=timezone.localdate(), chosen=batch.chosen, constants=batch.constants)


def choose_columns(batch: ImportBatch, *, chosen: Mapping[str, str], constants: Mapping[str, str]) -> None:
    """Remember which heading is which field, and what is the same in every row; other fields are ignored."""
    batch.chosen = {name: chosen[name] for name in RECOGNISED if chosen.get(name)}
    batch.constants = {
        name: constants[name] for name in RECOGNISED if constants.get(name) and name not in batch.chosen
    }
    batch.save(update_fields=["chosen", "constants"])


@transaction.atomic
def confirm(*, batch_id: int, seen: Mapping[str, int], actor: User, report: Report = silent) -> ImportBatch:
    """Load the batch, all of it or nothing. ``seen`` are the counts of the preview that is confirmed.

    Raises ImportRefused: ``decided`` where somebody was faster, ``rows_refused``, ``figures_changed`` where
    it would do something else than was shown. The caller wakes a worker on commit.
    """
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != ImportBatch.State.OPEN:
        raise ImportRefused("decided")
    report(ImportJob.Step.READING, 0, 0)
    table = table_of(batch)
    report(ImportJob.Step.CHECKING, 0, 0)
    read = read_batch(batch, table)
    if not read.problems.is_empty():
        raise ImportRefused("rows_refused")

    def progress(done: int) -> None:
        total = read.facts.height
        report(ImportJob.Step.COMPARING if done < total else ImportJob.Step.WRITING, done, total)

    result = load(read, actor=actor, reason=batch.name, progress=progress)
    done = {"new": result.new, "changed": result.changed, "same": result.same}
    if done != {name: seen.get(name) for name in done}:
        raise ImportRefused("figures_changed")  # the transaction takes back what was written
    batch.publication, batch.counts = result.publication, done
    _decide(batch, ImportBatch.State.LOADED, actor)
    return batch


@transaction.atomic
def discard(*, batch_id: int, actor: User) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state == ImportBatch.State.OPEN:
        _decide(batch, ImportBatch.State.DISCARDED, actor)
        ImportJob.objects.filter(batch=batch).update(state=ImportJob.State.DONE, result={}, problem={})


def _decide(batch: ImportBatch, state: ImportBatch.State, actor: User) -> None:
    batch.state, batch.decided_at, batch.decided_by = state, timezone.now(), actor
    batch.save(update_fields=["state", "decided_at", "decided_by", "publication", "counts"])
    ImportFile.objects.filter(batch=batch).delete()

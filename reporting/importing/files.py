"""A file as a table, whatever it is called."""

from __future__ import annotations

from reporting.importing.archive import Archive
from reporting.importing.delimited import read_csv
from reporting.importing.refusals import FileRefused
from reporting.importing.tables import MAXIMUM_FILE, Table
from reporting.importing.workbook import OLD_OFFICE, read_workbook


def read_file(data: bytes, sheet: str = "") -> Table:
    """A table of either kind, told apart by what the file holds, whatever it is called."""
    refuse_at_once(data)
    if data.startswith((b"PK", OLD_OFFICE)):
        return read_workbook(data, sheet)
    return read_csv(data)


def refuse_at_once(data: bytes) -> None:
    """Raise FileRefused for what is told without reading a cell: by the size, or from a zip's directory."""
    if not data:
        raise FileRefused("empty")
    if len(data) > MAXIMUM_FILE:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_FILE // 2**20))
    if data.startswith(b"PK"):
        Archive(data)


def bytes_to_read(data: bytes) -> int:
    """How much text is in the file: of a workbook, which says each cell at length, an eighth of its parts.
    What ``refuse_at_once`` refuses may raise FileRefused here too."""
    if not data.startswith(b"PK"):
        return len(data)
    return sum(part.file_size for part in Archive(data).parts.values()) // 8

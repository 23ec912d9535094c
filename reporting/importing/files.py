"""A file as a table, whatever it is called."""

from __future__ import annotations

from reporting.importing.delimited import read_csv
from reporting.importing.refusals import FileRefused
from reporting.importing.tables import MAXIMUM_FILE, Table
from reporting.importing.workbook import OLD_OFFICE, read_workbook


def read_file(data: bytes, sheet: str = "") -> Table:
    """A table of either kind, told apart by what the file holds, whatever it is called."""
    if not data:
        raise FileRefused("empty")
    if len(data) > MAXIMUM_FILE:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_FILE // 2**20))
    if data.startswith((b"PK", OLD_OFFICE)):
        return read_workbook(data, sheet)
    return read_csv(data)

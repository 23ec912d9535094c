"""CSV as text: UTF-8 or UTF-16, any of the usual separators, a title above the table."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice

import polars as pl

from reporting.importing.headings import recognised
from reporting.importing.refusals import FileRefused
from reporting.importing.tables import (
    HEADING_WITHIN,
    MAXIMUM_COLUMNS,
    MAXIMUM_ROWS,
    Table,
    without_empty_rows,
)

_SEPARATORS = ";,\t|"  # Excel in a Vietnamese locale writes semicolons
_BEGINNING = 256 * 1024


def read_csv(data: bytes) -> Table:
    """Raises FileRefused for another encoding, unclosed quotation marks, or lines that are too long."""
    data = _in_utf8(data)
    if data.count(b'"') % 2:
        raise FileRefused("unclosed_quote")
    if data.count(b"\n") > MAXIMUM_ROWS * 2:
        raise FileRefused("too_many_rows", maximum=f"{MAXIMUM_ROWS:,}")
    separator, lines, headings, records = _heading(data)
    if len(headings) > MAXIMUM_COLUMNS:
        raise FileRefused("too_many_columns", maximum=str(MAXIMUM_COLUMNS))
    names = [str(place) for place in range(len(headings))]
    try:
        cells = pl.read_csv(
            _after(data, lines),
            has_header=False,
            schema=dict.fromkeys(names, pl.String),
            separator=separator,
            raise_if_empty=False,
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError as error:
        raise FileRefused("longer_line", row=_longer_line(data, separator, len(headings))) from error
    if cells.height > MAXIMUM_ROWS:
        raise FileRefused("too_many_rows", maximum=f"{MAXIMUM_ROWS:,}")
    numbered = cells.with_row_index("row", offset=records + 1).with_columns(pl.col("row").cast(pl.Int64))
    return Table(headings=headings, cells=without_empty_rows(numbered))


def _in_utf8(data: bytes) -> bytes:
    for mark, encoding in (
        (codecs.BOM_UTF8, ""),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding).encode() if encoding else data[len(mark) :]
            except UnicodeDecodeError as error:
                raise FileRefused("encoding") from error
    if b"\x00" in data:
        raise FileRefused("encoding")
    try:
        # Windows-1258, TCVN3 and VNI cannot be told apart from the bytes: asked for, never guessed.
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError as error:
        raise FileRefused("encoding") from error
    return data


def _heading(data: bytes) -> tuple[str, int, list[str], int]:
    """The separator, the physical lines and the records up to the heading row, and its cells."""
    beginning = data[:_BEGINNING].decode(errors="ignore")
    best: tuple[int, str, int, list[str], int] = (0, ",", 1, [], 1)
    for separator in _SEPARATORS:
        reader = csv.reader(io.StringIO(beginning, newline=""), delimiter=separator)
        try:
            for record, cells in enumerate(islice(reader, HEADING_WITHIN), 1):
                known = recognised(cells)
                if known > best[0]:
                    best = (known, separator, reader.line_num, [cell.strip() for cell in cells], record)
        except csv.Error:
            continue
    if not best[0]:
        return _first_line(beginning)
    return best[1:]


def _first_line(beginning: str) -> tuple[str, int, list[str], int]:
    """No heading is known: the first line stands for them, so that the person can say which is which."""
    line = beginning.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=line.count)
    cells = next(csv.reader([line], delimiter=separator), [])
    if not any(cell.strip() for cell in cells):
        raise FileRefused("empty")
    return separator, 1, [cell.strip() for cell in cells], 1


def _after(data: bytes, lines: int) -> bytes:
    position = 0
    for _ in range(lines):
        end = data.find(b"\n", position)
        if end < 0:
            return b""
        position = end + 1
    return data[position:]


def _longer_line(data: bytes, separator: str, width: int) -> str:
    """The number of the first record with more cells than there are headings."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), delimiter=separator)
    try:
        return next(str(record) for record, cells in enumerate(reader, 1) if len(cells) > width)
    except (StopIteration, csv.Error):
        return "?"

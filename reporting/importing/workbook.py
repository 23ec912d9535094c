"""Workbooks (.xlsx) as text. python-calamine reads them, after ``archive`` has looked at the zip."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import polars as pl
import python_calamine as calamine

from reporting.importing.archive import Archive, SheetLook
from reporting.importing.headings import ENOUGH, recognised
from reporting.importing.refusals import FileRefused
from reporting.importing.tables import (
    HEADING_WITHIN,
    MAXIMUM_COLUMNS,
    MAXIMUM_ROWS,
    Table,
    without_empty_rows,
)

OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password
_BATCH = 20_000
_PERCENT_FORMATS = {9, 10}
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BROKEN = (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError, ValueError)
Cell = Any  # str, float, int, bool, date, time, timedelta


def read_workbook(data: bytes, sheet: str = "") -> Table:
    """The table of ``sheet``, or of the only visible sheet whose headings are recognised.

    Raises FileRefused for everything that cannot be read for certain.
    """
    book = open_book(data)
    try:
        return _chosen(book.book, list(book.looks), sheet, book.looks)
    except _BROKEN as error:
        raise FileRefused("damaged") from error


@dataclass(frozen=True)
class OpenBook:
    """A workbook that may be read; ``looks`` are of its visible sheets, in their order."""

    book: calamine.CalamineWorkbook
    looks: dict[str, SheetLook]


def open_book(data: bytes) -> OpenBook:
    """Open a workbook after its zip has been found harmless. Raises FileRefused."""
    if data.startswith(OLD_OFFICE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise FileRefused("encrypted" if locked else "old_format")
    archive = Archive(data)
    _refuse_foreign_parts(archive)
    looks = archive.look_through(_percent_styles(archive))
    paths = _sheet_paths(archive)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            s.name
            for s in book.sheets_metadata
            if s.visible == calamine.SheetVisibleEnum.Visible and s.name in paths
        ]
    except _BROKEN as error:
        raise FileRefused("damaged") from error
    return OpenBook(book, {name: looks.get(paths[name], SheetLook()) for name in visible})


def _refuse_foreign_parts(archive: Archive) -> None:
    if any(name.startswith("xl/externalLinks/") for name in archive.parts):
        raise FileRefused("external_links")
    if "xl/workbook.xml" not in archive.parts:
        raise FileRefused("not_a_workbook")


def _parsed(archive: Archive, name: str) -> ElementTree.Element | None:
    """The elements of a small part; one that declares a document type, and so entities, is refused."""
    text = archive.text(name)
    if b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
        raise FileRefused("declares_entities")
    try:
        return ElementTree.fromstring(text) if text else None
    except ElementTree.ParseError as error:
        raise FileRefused("damaged") from error


def _percent_styles(archive: Archive) -> set[int]:
    """Positions in the list of cell styles of those that show a number as per cent: 0.7263 as 72,63%."""
    styles = _parsed(archive, "xl/styles.xml")
    if styles is None:
        return set()
    formats = _PERCENT_FORMATS | {
        int(f.get("numFmtId", "0"))
        for f in styles.iter(f"{_MAIN}numFmt")
        if "%" in re.sub(r'"[^"]*"|\\.', "", f.get("formatCode", ""))
    }
    cells = styles.find(f"{_MAIN}cellXfs")
    return {
        place
        for place, xf in enumerate(cells if cells is not None else ())
        if int(xf.get("numFmtId", "0")) in formats
    }


def _sheet_paths(archive: Archive) -> dict[str, str]:
    """Sheet name → path of its part. Two sheets of one name leave open which is meant."""
    book, relations = _parsed(archive, "xl/workbook.xml"), _parsed(archive, "xl/_rels/workbook.xml.rels")
    targets = {r.get("Id"): r.get("Target", "") for r in (relations if relations is not None else ())}
    paths: dict[str, str] = {}
    for sheet in book.iter(f"{_MAIN}sheet") if book is not None else ():
        name = sheet.get("name", "")
        if name.casefold() in {known.casefold() for known in paths}:
            raise FileRefused("two_sheets_of_one_name", sheet=name)
        target = targets.get(sheet.get(_RELATION), "")
        paths[name] = target[1:] if target.startswith("/") else f"xl/{target}"
    return paths


def _chosen(
    book: calamine.CalamineWorkbook, visible: list[str], wanted: str, looks: dict[str, SheetLook]
) -> Table:
    if wanted and wanted not in visible:
        raise FileRefused("no_such_sheet", sheet=wanted, sheets=", ".join(visible))
    found = []
    for name in [wanted] if wanted else visible:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is not None:
            found.append((name, sheet, _heading_row(sheet)))
    if not found:
        raise FileRefused("empty")
    with_headings = [f for f in found if f[2][0] >= ENOUGH]
    if len(with_headings) > 1:
        raise FileRefused("several_tables", sheets=", ".join(name for name, _, _ in with_headings))
    name, sheet, (_, heading) = (with_headings or found)[0]
    return _table(sheet, name, heading, looks[name])


def _heading_row(sheet: calamine.CalamineSheet) -> tuple[int, int]:
    """How many headings the best of the first rows holds, and which row it is (from 0 in the data)."""
    best = (0, 0)
    for place, row in enumerate(islice(sheet.iter_rows(), HEADING_WITHIN)):
        known = recognised([cell if isinstance(cell, str) else None for cell in row])
        if known > best[0]:
            best = (known, place)
    return best


def _table(sheet: calamine.CalamineSheet, name: str, heading: int, look: SheetLook) -> Table:
    assert sheet.start is not None
    top, left = sheet.start
    merged = [area for area in sheet.merged_cell_ranges or [] if area[1][0] >= top + heading]
    if merged:
        raise FileRefused("merged_cells", cells=", ".join(_area(area) for area in merged[:5]))
    if sheet.height - heading - 1 > MAXIMUM_ROWS:
        raise FileRefused("too_many_rows", maximum=f"{MAXIMUM_ROWS:,}")
    if sheet.width > MAXIMUM_COLUMNS:
        raise FileRefused("too_many_columns", maximum=str(MAXIMUM_COLUMNS))
    rows = islice(sheet.iter_rows(), heading, None)
    headings = [" ".join(cell_text(cell).split()) for cell in next(rows)]
    odd: dict[tuple[int, int], str] = {}
    frames = []
    first = top + heading + 2  # as the spreadsheet numbers its rows
    for batch in _batches(rows):
        frames.append(without_empty_rows(_frame(batch, first, left, look, odd)))
        first += len(batch)
    names = {"row": pl.Int64} | {str(place): pl.String for place in range(len(headings))}
    return Table(headings, pl.concat([pl.DataFrame(schema=names), *frames]), name, odd)


def _batches(rows: Iterator[list[Cell]]) -> Iterator[list[list[Cell]]]:
    for row in rows:
        yield [row, *islice(rows, _BATCH - 1)]


def _frame(
    rows: Sequence[Sequence[Cell]],
    first: int,
    left: int,
    look: SheetLook,
    odd: dict[tuple[int, int], str],
) -> pl.DataFrame:
    columns: dict[str, Any] = {"row": range(first, first + len(rows))}
    for place, column in enumerate(zip(*rows, strict=True)):
        letters = column_letters(left + place)
        texts: Sequence[str] = column
        if not set(map(type, column)) <= {str}:
            percents = look.percents
            texts = [
                cell if isinstance(cell, str) else cell_text(cell, f"{letters}{number}" in percents)
                for number, cell in enumerate(column, first)
            ]
            odd |= {
                (number, place): kind
                for number, cell in enumerate(column, first)
                if (kind := _ODD.get(type(cell))) is not None
            }
        columns[str(place)] = pl.Series(texts, dtype=pl.String)
        odd |= {(number, place): "error" for number in _rows_of(look.errors, letters, first, len(rows))}
    return pl.DataFrame(columns, schema_overrides={"row": pl.Int64})


_ODD = {
    datetime.date: "date",
    datetime.datetime: "date",
    datetime.time: "time",
    datetime.timedelta: "time",
    bool: "boolean",
}


def _rows_of(references: set[str], letters: str, first: int, length: int) -> list[int]:
    found = [
        int(r[len(letters) :]) for r in references if r.startswith(letters) and r[len(letters) :].isdigit()
    ]
    return [number for number in found if first <= number < first + length]


def cell_text(cell: Cell, percent: bool = False) -> str:
    """A number as a Vietnamese text writes it, of the fifteen digits that a spreadsheet holds."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    written = f"{cell:.15g}"
    if percent:
        return f"{Decimal(written).scaleb(2).normalize():f}".replace(".", ",") + "%"
    if "e" in written or "n" in written:
        written = f"{Decimal(written):f}"
    return written.replace(".", ",")


def column_letters(place: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _area(area: tuple[tuple[int, int], tuple[int, int]]) -> str:
    return ":".join(f"{column_letters(column)}{row + 1}" for row, column in area)

"""Workbooks (.xlsx) as text. python-calamine reads them, after ``archive`` has looked at the zip."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import python_calamine as calamine

from reporting.importing.archive import Archive, SheetLook, ShownCells, Styles
from reporting.importing.headings import ENOUGH, recognised
from reporting.importing.number_formats import Shown, shown_by_number
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
        return _chosen(book, sheet)
    except _BROKEN as error:
        raise FileRefused("damaged") from error


@dataclass(frozen=True)
class OpenBook:
    """A workbook that may be read; ``looks`` are of its visible sheets, in their order."""

    book: calamine.CalamineWorkbook
    looks: dict[str, SheetLook]
    styles: Styles

    def shown(self, sheet: str, column: int, first: int, number: int) -> dict[int, Shown]:
        """Row → how its number is shown, of ``number`` rows from ``first`` (from 1) of a column (from 0)."""
        cells = self.looks[sheet].shown.get(column_letters(column).encode(), ShownCells())
        rows = np.frombuffer(cells.rows, np.uint32)
        wanted = np.flatnonzero((rows >= first) & (rows < first + number))
        return {cells.rows[place]: self.styles[cells.styles[place]] for place in wanted.tolist()}


def open_book(data: bytes) -> OpenBook:
    """Open a workbook after its zip has been found harmless. Raises FileRefused."""
    if data.startswith(OLD_OFFICE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise FileRefused("encrypted" if locked else "old_format")
    archive = Archive(data)
    _refuse_foreign_parts(archive)
    try:
        styles = _number_styles(archive)
        looks = archive.look_through(styles)
        paths = _sheet_paths(archive)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible = [
            s.name
            for s in book.sheets_metadata
            if s.visible == calamine.SheetVisibleEnum.Visible and s.name in paths
        ]
    except _BROKEN as error:
        raise FileRefused("damaged") from error
    return OpenBook(book, {name: looks.get(paths[name], SheetLook()) for name in visible}, styles)


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


def _number_styles(archive: Archive) -> Styles:
    """Of the list of cell styles those whose number format says how a number is shown."""
    styles = _parsed(archive, "xl/styles.xml")
    if styles is None:
        return {}
    own = {int(f.get("numFmtId", "0")): f.get("formatCode", "") for f in styles.iter(f"{_MAIN}numFmt")}
    cells = styles.find(f"{_MAIN}cellXfs")
    shown = (
        shown_by_number(int(xf.get("numFmtId", "0")), own) for xf in (cells if cells is not None else ())
    )
    return {place: how for place, how in enumerate(shown) if how and (how.per_cent or how.decimals)}


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


def _chosen(book: OpenBook, wanted: str) -> Table:
    visible = list(book.looks)
    if wanted and wanted not in visible:
        raise FileRefused("no_such_sheet", sheet=wanted, sheets=", ".join(visible))
    found = []
    for name in [wanted] if wanted else visible:
        sheet = book.book.get_sheet_by_name(name)
        if sheet.start is not None:
            found.append((name, sheet, _heading_row(sheet)))
    if not found:
        raise FileRefused("empty")
    with_headings = [f for f in found if f[2][0] >= ENOUGH]
    if len(with_headings) > 1:
        raise FileRefused("several_tables", sheets=", ".join(name for name, _, _ in with_headings))
    name, sheet, (_, heading) = (with_headings or found)[0]
    return _table(book, sheet, heading)


def _heading_row(sheet: calamine.CalamineSheet) -> tuple[int, int]:
    """How many headings the best of the first rows holds, and which row it is (from 0 in the data)."""
    best = (0, 0)
    for place, row in enumerate(islice(sheet.iter_rows(), HEADING_WITHIN)):
        known = recognised([cell if isinstance(cell, str) else None for cell in row])
        if known > best[0]:
            best = (known, place)
    return best


def _table(book: OpenBook, sheet: calamine.CalamineSheet, heading: int) -> Table:
    assert sheet.start is not None
    top, left = sheet.start
    refuse_merged(sheet, top + heading)
    if sheet.height - heading - 1 > MAXIMUM_ROWS:
        raise FileRefused("too_many_rows", maximum=f"{MAXIMUM_ROWS:,}")
    if sheet.width > MAXIMUM_COLUMNS:
        raise FileRefused("too_many_columns", maximum=str(MAXIMUM_COLUMNS))
    rows = islice(sheet.iter_rows(), heading, None)
    headings = [" ".join(cell_text(cell).split()) for cell in next(rows)]
    parts = _Parts(book, sheet.name, left)
    first = top + heading + 2  # as the spreadsheet numbers its rows
    for batch in _batches(rows):
        parts.add(batch, first)
        first += len(batch)
    names = {"row": pl.Int64} | {str(place): pl.String for place in range(len(headings))}
    cells = pl.concat([pl.DataFrame(schema=names), *parts.frames])
    zeros = {place: pl.concat(found) for place, found in parts.zeros.items()}
    return Table(headings, cells, sheet.name, parts.odd, zeros)


def refuse_merged(sheet: calamine.CalamineSheet, first: int) -> None:
    """From row ``first`` on (from 0) no cells are merged: only the first of them would hold what is said."""
    merged = [area for area in sheet.merged_cell_ranges or [] if area[1][0] >= first]
    if merged:
        raise FileRefused("merged_cells", cells=", ".join(_area(area) for area in merged[:5]))


def _batches(rows: Iterator[list[Cell]]) -> Iterator[list[list[Cell]]]:
    for row in rows:
        yield [row, *islice(rows, _BATCH - 1)]


@dataclass
class _Parts:
    """A sheet in the making, some rows at a time; the members are those of ``Table``."""

    book: OpenBook
    sheet: str
    left: int
    frames: list[pl.DataFrame] = field(default_factory=list)
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    zeros: dict[int, list[pl.DataFrame]] = field(default_factory=dict)

    def add(self, rows: Sequence[Sequence[Cell]], first: int) -> None:
        columns: dict[str, Any] = {"row": range(first, first + len(rows))}
        for place, column in enumerate(zip(*rows, strict=True)):
            plain = set(map(type, column)) <= {str}
            texts = column if plain else self._texts(column, place, first)
            columns[str(place)] = pl.Series(texts, dtype=pl.String)
            errors = self.book.looks[self.sheet].errors
            letters = column_letters(self.left + place)
            self.odd |= {(row, place): "error" for row in _rows_of(errors, letters, first, len(rows))}
        self.frames.append(without_empty_rows(pl.DataFrame(columns, schema_overrides={"row": pl.Int64})))

    def _texts(self, column: Sequence[Cell], place: int, first: int) -> list[str]:
        shown = self.book.shown(self.sheet, self.left + place, first, len(column))
        self.odd |= {(row, place): kind for row, cell in enumerate(column, first) if (kind := odd_kind(cell))}
        if not shown:
            return [cell if isinstance(cell, str) else cell_text(cell) for cell in column]
        texts = [cell_text(cell, shown.get(row)) for row, cell in enumerate(column, first)]
        lacking = {
            row: number
            for row, text in enumerate(texts, first)
            if row in shown and (number := lacking_zeros(text, shown[row]))
        }
        schema = {"row": pl.Int64, "zeros": pl.Int64}
        frame = pl.DataFrame({"row": list(lacking), "zeros": list(lacking.values())}, schema=schema)
        self.zeros.setdefault(place, []).append(frame)
        return texts


def odd_kind(cell: Cell) -> str:
    """What a cell holds that is neither text nor number: date, time or boolean."""
    return _ODD.get(type(cell), "")


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


def cell_text(cell: Cell, shown: Shown | None = None) -> str:
    """A number as a Vietnamese text writes it, of the fifteen digits that a spreadsheet holds; one that is
    ``shown`` as per cent with its sign."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    written = f"{cell:.15g}"
    if shown and shown.per_cent:
        return f"{Decimal(written).scaleb(2).normalize():f}".replace(".", ",") + "%"
    if "e" in written or "n" in written:
        written = f"{Decimal(written):f}"
    return written.replace(".", ",")


def lacking_zeros(text: str, shown: Shown) -> int:
    """How many zeros the cell shows after the digits of its number: 15 in the format 0.0 one."""
    return max(0, shown.decimals - len(text.rstrip("%").partition(",")[2]))


def with_zeros(text: str, zeros: int) -> str:
    """``text`` with as many more decimals: 15 → 15,0, 50% → 50,00%. Of a count they would say nothing."""
    if not zeros:
        return text
    number, sign = text.rstrip("%"), "%" if text.endswith("%") else ""
    return number + ("" if "," in number else ",") + "0" * zeros + sign


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

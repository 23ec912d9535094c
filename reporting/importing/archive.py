"""A workbook's zip looked at before any parser sees it: first its directory, then what its parts unpack to.

A zip bomb costs the parser gigabytes, and one cell at the far corner of a sheet as many; both are told from
the directory or from the text of the parts, read through with bounded memory.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reporting.importing.number_formats import Shown
from reporting.importing.refusals import FileRefused
from reporting.importing.tables import MAXIMUM_ROWS

MAXIMUM_UNPACKED = 256 * 1024 * 1024
MAXIMUM_RATIO = 200  # Excel's own sheets are packed 10 to 40 times
MAXIMUM_PARTS = 1000
MAXIMUM_CELLS = 8_000_000  # the parser keeps every cell of the rectangle, empty ones too
MAXIMUM_ERRORS = 10_000
_SMALL = 1024 * 1024  # a part that is this small may be packed as well as it likes
_CHUNK = 1024 * 1024
_OVERLAP = 512  # longer than any tag that is looked for

# A pattern that begins with plain letters is looked for many times as fast as one that does not.
_FAR = re.compile(rb"""r=["'](?:([A-Z]{2,})([0-9]+)|[A-Z]?([0-9]{6,}))["']""")
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,4})([0-9]{1,8})["']""")
# As programs write a cell, or else its attributes in any order.
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?:r="([A-Z]{1,4})([0-9]{1,8})"(?: s="([0-9]{1,8})")?(?: t="(\w+)")?\s*/?>|([^>]*)>)"""
)
_STYLE = re.compile(rb"""\bs=["']([0-9]{1,8})["']""")
_TYPE = re.compile(rb"""\bt=["'](\w+)["']""")
Styles = Mapping[int, Shown]  # place in the list of cell styles → how such a cell shows a number


@dataclass
class ShownCells:
    """The cells of one column whose format says how their number is shown: eight bytes a cell."""

    rows: array[int] = field(default_factory=lambda: array("I"))
    styles: array[int] = field(default_factory=lambda: array("I"))


@dataclass
class SheetLook:
    """What the text of a sheet says that the parser does not: how numbers are shown, cells with errors."""

    shown: dict[bytes, ShownCells] = field(default_factory=dict)
    errors: set[str] = field(default_factory=set)
    row_elements: int = 0
    rows: int = 99_999  # an upper bound, exact only where it matters
    columns: int = 26


class Archive:
    """A zip whose directory has been found harmless. Raises FileRefused otherwise."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FileRefused("damaged") from error
        self.parts = {info.filename: info for info in self._zip.infolist()}
        self._look_at_directory()

    def _look_at_directory(self) -> None:
        infos = self._zip.infolist()
        if len(infos) > MAXIMUM_PARTS or len(infos) != len(self.parts):
            raise FileRefused("too_many_parts", number=str(len(infos)))
        unpacked = sum(info.file_size for info in infos)
        if unpacked > MAXIMUM_UNPACKED:
            raise FileRefused("unpacks_too_large", megabytes=str(unpacked // 2**20))
        for info in infos:
            if info.file_size > max(_SMALL, MAXIMUM_RATIO * info.compress_size):
                raise FileRefused("unpacks_too_large", megabytes=str(unpacked // 2**20))
            if info.flag_bits & 1:
                raise FileRefused("encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise FileRefused("damaged")

    def chunks(self, name: str) -> Iterator[bytes]:
        """The unpacked part, each chunk beginning with the end of the one before. A part that unpacks to
        another size than the directory says, or cannot be unpacked, raises FileRefused."""
        left, tail = self.parts[name].file_size, b""
        for chunk in self._unpacked(self.parts[name]):
            left -= len(chunk)
            if left < 0:
                raise FileRefused("damaged")
            yield tail + chunk
            tail = chunk[-_OVERLAP:]
        if left:
            raise FileRefused("damaged")

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        # ZipFile.open believes the size that the directory states; here the data themselves are followed.
        start = info.header_offset
        header = self._data[start : start + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise FileRefused("damaged")
        begin = start + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        packed = memoryview(self._data)[begin : begin + info.compress_size]
        if len(packed) < info.compress_size:
            raise FileRefused("damaged")
        if info.compress_type == zipfile.ZIP_STORED:
            yield from (bytes(packed[at : at + _CHUNK]) for at in range(0, len(packed), _CHUNK))
            return
        inflate = zlib.decompressobj(-15)
        rest: bytes | memoryview = packed
        try:
            while not inflate.eof:
                chunk = inflate.decompress(rest, _CHUNK)
                rest = inflate.unconsumed_tail
                if not chunk and not rest:
                    break
                yield chunk
        except zlib.error as error:
            raise FileRefused("damaged") from error
        if not inflate.eof:
            raise FileRefused("damaged")

    def text(self, name: str, most: int = 8 * 1024 * 1024) -> bytes:
        """A small part at once; empty where there is none."""
        if name not in self.parts:
            return b""
        if self.parts[name].file_size > most:
            raise FileRefused("unpacks_too_large", megabytes=str(self.parts[name].file_size // 2**20))
        return b"".join(self._unpacked(self.parts[name]))

    def look_through(self, styles: Styles) -> dict[str, SheetLook]:
        """Unpack every part once and look for what is refused; what was seen in each sheet, by its path."""
        looks = {}
        for name in self.parts:
            look = SheetLook()
            for chunk in self.chunks(name):
                if name.endswith((".xml", ".rels")):
                    _refuse_declarations(chunk)
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    _look_at_cells(chunk, look, styles)
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                self._refuse_too_large(name, look)
                looks[name] = look
        return looks

    def _refuse_too_large(self, name: str, look: SheetLook) -> None:
        if look.rows * look.columns <= MAXIMUM_CELLS:
            return
        row = column = 0
        for chunk in self.chunks(name):
            for found in _REFERENCE.finditer(chunk):
                column, row = max(column, _column(found[1])), max(row, int(found[2]))
        if row * column > MAXIMUM_CELLS:
            raise FileRefused("sheet_too_large", rows=str(row), columns=str(column))


def _refuse_declarations(chunk: bytes) -> None:
    """No part of a workbook declares a document type or entities, and none is in UTF-16."""
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
        raise FileRefused("declares_entities")
    if chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in chunk[:64]:
        raise FileRefused("damaged")


def _look_at_cells(chunk: bytes, look: SheetLook, styles: Styles) -> None:
    look.row_elements += chunk.count(b"<row") + chunk.count(b":row")
    if look.row_elements > MAXIMUM_ROWS + 1000:  # the overlaps of chunks may count some twice
        raise FileRefused("many_empty_rows", maximum=f"{MAXIMUM_ROWS:,}")
    for letters, beside, row in _FAR.findall(chunk):
        look.rows = max(look.rows, int((row or beside)[:8]))
        look.columns = max(look.columns, _column(letters))
    if not styles and b't="e"' not in chunk and b"t='e'" not in chunk:
        return
    for letters, row, style, kind, attributes in _CELL.findall(chunk):
        if attributes:
            letters, row, style, kind = _told(attributes)
        if kind == b"e":
            look.errors.add((letters + row).decode())
            if len(look.errors) > MAXIMUM_ERRORS:
                raise FileRefused("too_many_errors", number=str(MAXIMUM_ERRORS))
        elif style and kind in (b"", b"n") and int(style) in styles:
            if not row:  # a cell that does not say where it is
                raise FileRefused("damaged")
            cells = look.shown.setdefault(letters, ShownCells())
            cells.rows.append(int(row))
            cells.styles.append(int(style))


def _told(attributes: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Column, row, style and type of a cell; empty where it does not say."""
    reference, style, kind = (found.search(attributes) for found in (_REFERENCE, _STYLE, _TYPE))
    letters, row = (reference[1], reference[2]) if reference else (b"", b"")
    return letters, row, style[1] if style else b"", kind[1] if kind else b""


def _column(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters[:4]:
        number = number * 26 + letter - 64
    return number

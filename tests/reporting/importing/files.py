"""Files as people and attackers make them, built byte by byte."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Any

import xlsxwriter

HEADINGS = [
    "Tỉnh",
    "Chỉ tiêu",
    "Kỳ",
    "Phân tổ",
    "Giá trị",
    "Tử số",
    "Mẫu số",
    "Hạn định",
    "Trạng thái",
    "Lý do thiếu",
    "Ghi chú",
]
GOOD = ["ha-giang", "dossiers-on-time-rate", "2021-Q1", None, "92,3"]


def csv(*rows: list[Any], headings: list[str] = HEADINGS, separator: str = ";") -> bytes:
    lines = [headings, *rows]
    return "\n".join(
        separator.join("" if cell is None else str(cell) for cell in line) for line in lines
    ).encode()


def workbook(*rows: list[Any], headings: list[str] = HEADINGS, more: Any = None, top: int = 0) -> bytes:
    """Rows under headings; ``more`` is called with the book and the sheet before it is closed."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Số liệu")
        for number, row in enumerate([headings, *rows], top):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, place, cell)
        if more:
            more(book, sheet)
    return buffer.getvalue()


def repacked(data: bytes, **parts: bytes) -> bytes:
    """The same zip with parts replaced or added; ``xl__styles_xml`` names ``xl/styles.xml``."""
    named = {re.sub(r"_(xml|rels)$", r".\1", name.replace("__", "/")): part for name, part in parts.items()}
    return with_parts(data, named)


def with_parts(data: bytes, parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return buffer.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def lying_about_size(data: bytes, name: str, content: bytes, stated: int) -> bytes:
    """A zip whose directory says that ``name`` unpacks to ``stated`` bytes, whatever ``content`` is."""
    bomb = with_parts(data, {name: content})
    crc, real = zlib.crc32(content).to_bytes(4, "little"), len(content).to_bytes(4, "little")
    return re.sub(
        re.escape(crc) + rb"(.{4})" + re.escape(real),
        lambda found: crc + found[1] + stated.to_bytes(4, "little"),
        bomb,
        flags=re.DOTALL,
    )

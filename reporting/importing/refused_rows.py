"""Workbooks on the way out. Every text is written as text: a cell that begins with = + - @ is no formula."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl
import xlsxwriter
from django.utils.translation import gettext as _

from reporting.importing.headings import RECOGNISED
from reporting.importing.reading import ReadTable
from reporting.importing.sentences import row_sentences

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_767


def refused_workbook(read: ReadTable) -> bytes:
    """The refused rows as they were written, with the number and the reason of each in front."""
    reasons = row_sentences(read.problems)
    used = [name for name in RECOGNISED if read.words[name].is_not_null().any()]
    rows = read.words.filter(pl.col("row").is_in(list(reasons))).select("row", *used)
    headings = [_("Row"), _("Reason"), *(RECOGNISED[name][0] for name in used)]
    lines = ([row, reasons[row], *cells] for row, *cells in rows.iter_rows())
    return workbook(_("Refused rows"), headings, lines)


def workbook(title: str, headings: Sequence[str], lines: object) -> bytes:
    """One sheet with a heading row that stays in view."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 1, 60, wrapped)
        sheet.set_column(2, len(headings), 24)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
        for number, line in enumerate(lines, 1):  # type: ignore[arg-type,var-annotated]
            for place, cell in enumerate(line):
                if isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                elif cell:
                    sheet.write_string(number, place, harmless(cell))
    return buffer.getvalue()


def harmless(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula, even after a detour through CSV: an apostrophe
    in front of what begins like one. A plain number keeps its sign."""
    if text.startswith(_DANGEROUS) and not _is_number(text):
        text = f"'{text}"
    return text[:_LONGEST_CELL]


def _is_number(text: str) -> bool:
    return text[:1] in "+-" and text[1:].replace(",", "", 1).replace(".", "").isdigit()

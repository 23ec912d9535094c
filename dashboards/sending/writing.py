"""Tables of a page as a workbook with native charts, or one of them as CSV.

Numbers are numbers. A text never becomes a formula: a workbook takes it as a string, and in CSV what a
spreadsheet would run gets an apostrophe (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from dashboards import formatting as f
from dashboards.sending.numbers import number_of
from dashboards.sending.reading import Table

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_FIRST_ROW = 4  # under title, sentence, source and an empty line
_MOST_CHARTED = 70
_SERIES = ("#0B5FA5", "#B4480D", "#13794F", "#8A3A7C", "#7A6200", "#39566E")


def workbook(title: str, stamp: Sequence[str], tables: Sequence[Table], language: f.Language) -> bytes:
    """One sheet of contents, then one a table. ``stamp``: lines that say of what day, from where, and whether
    simulated; they stand on every sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "comments": " ".join(stamp)})
    looks = _Looks(book)
    cover = book.add_worksheet(_sheet_name(0, title))
    cover.set_column(0, 0, 100)
    for row, line in enumerate([title, *stamp, "", *(table.title for table in tables)]):
        cover.write_string(row, 0, line, looks.title if not row else looks.words)
    for place, table in enumerate(tables, start=1):
        sheet = book.add_worksheet(_sheet_name(place, table.title))
        _write(book, sheet, table, stamp, looks, language)
    book.close()
    return buffer.getvalue()


class _Looks:
    """The few formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.words = book.add_format({"text_wrap": False})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._numbers: dict[str, Any] = {}

    def number(self, pattern: str) -> Any:
        if pattern not in self._numbers:
            self._numbers[pattern] = self.book.add_format({"num_format": pattern})
        return self._numbers[pattern]


def _write(
    book: Any, sheet: Any, table: Table, stamp: Sequence[str], looks: _Looks, language: f.Language
) -> None:
    sheet.write_string(0, 0, table.title, looks.title)
    sheet.write_string(1, 0, table.sentence)
    sheet.write_string(2, 0, " ".join(part for part in (table.source, *stamp) if part))
    for column, head in enumerate(table.heads):
        sheet.write_string(_FIRST_ROW, column, head, looks.head)
        width = max([len(head) // 2, *(len(row[column]) for row in table.rows)])
        sheet.set_column(column, column, min(48, max(9, width + 2)))
    numeric: dict[int, int] = {}
    for line, row in enumerate(table.rows, start=_FIRST_ROW + 1):
        for column, text in enumerate(row):
            number = number_of(text, language)
            if number is None:
                sheet.write_string(line, column, "" if text == f.MISSING else text)
            else:
                sheet.write_number(line, column, number.value, looks.number(number.pattern))
                numeric[column] = numeric.get(column, 0) + 1
    sheet.freeze_panes(_FIRST_ROW + 1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    _chart(book, sheet, table, numeric)


def _chart(book: Any, sheet: Any, table: Table, numeric: dict[int, int]) -> None:
    """A native chart beside the table, for one that says how it may be charted and has the numbers for it."""
    last = _FIRST_ROW + min(len(table.rows), _MOST_CHARTED)
    name = sheet.get_name()
    labels = next((at for at in range(len(table.heads)) if at not in numeric), 0)
    if table.chart == "lines" and len(numeric) > 1:
        chart = book.add_chart({"type": "line"})
        first, end = min(numeric), max(numeric)
        for place, line in enumerate(range(_FIRST_ROW + 1, min(last, _FIRST_ROW + len(_SERIES)) + 1)):
            chart.add_series(
                {
                    "name": [name, line, labels],
                    "categories": [name, _FIRST_ROW, first, _FIRST_ROW, end],
                    "values": [name, line, first, line, end],
                    "line": {"color": _SERIES[place], "width": 2},
                    "marker": {"type": "automatic"},
                }
            )
        chart.show_blanks_as("gap")
    elif table.chart == "bars" and numeric:
        # The first column of numbers after the names: what stands before them is a rank.
        values = next((at for at in sorted(numeric) if at > labels), min(numeric))
        chart = book.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": [name, _FIRST_ROW, values],
                "categories": [name, _FIRST_ROW + 1, labels, last, labels],
                "values": [name, _FIRST_ROW + 1, values, last, values],
                "fill": {"color": _SERIES[0]},
                "gap": 40,
            }
        )
        chart.set_legend({"none": True})
    else:
        return
    chart.set_title({"name": table.title[:250], "name_font": {"size": 12}})
    chart.set_size({"width": 900, "height": 420})
    sheet.insert_chart(_FIRST_ROW, len(table.heads) + 1, chart)


def _sheet_name(place: int, title: str) -> str:
    """At most 31 characters, none that Excel forbids; the number keeps names apart."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
    return f"{place} {' '.join(plain.split())}"[:31].strip()


def comma_separated(table: Table, stamp: Sequence[str], language: f.Language) -> str:
    """Heads, then rows; numbers with a point and no grouping. Title, source and day stand in the last
    rows, so that the first is what a program expects."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(head) for head in table.heads])
    for row in table.rows:
        writer.writerow([_plain(text, language) for text in row])
    writer.writerow([])
    for line in (table.title, table.source, *stamp):
        if line:
            writer.writerow([_safe(line)])
    return "\ufeff" + out.getvalue()


def _plain(text: str, language: f.Language) -> str:
    number = number_of(text, language)
    if number is not None:
        return repr(number.value).removesuffix(".0")
    return "" if text == f.MISSING else _safe(text)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text

"""Excel workbooks: numbers as numbers, dates as dates, every text as text."""

from __future__ import annotations

import json
import tempfile
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from api.columns import Column, Type
from api.problems import TooMuch

LARGEST_WORKBOOK = 100_000
_LONGEST_TEXT = 32_767
# No text becomes a formula, an address or a number, whatever it looks like.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = {Type.TEXT: 32, Type.CODE: 22, Type.INSTANT: 20, Type.OBJECTS: 32, Type.CODES: 22}


def write_workbook(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> IO[bytes]:
    """The rows on a sheet with a filter and a header that stays, what the columns mean on a second one.

    Raises TooMuch where there are more rows than people open in Excel.
    """
    if queryset[LARGEST_WORKBOOK : LARGEST_WORKBOOK + 1].exists():
        sentence = _("A workbook holds at most %(most)s rows: ask for fewer, or for csv or parquet.")
        raise TooMuch("format", sentence % {"most": LARGEST_WORKBOOK})
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with Workbook(file, _OPTIONS) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1})
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        _write_rows(workbook.add_worksheet("data"), queryset, columns, bold, formats)
        _explain(workbook.add_worksheet("columns"), columns, bold)
    file.seek(0)
    return file


def _write_rows(
    sheet: Worksheet,
    queryset: QuerySet[Any],
    columns: tuple[Column, ...],
    bold: Any,
    formats: dict[type, Any],
) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _WIDTHS.get(column.type, 13))
        sheet.write_string(0, place, column.name, bold)
    number = 0
    rows = queryset.values_list(*(column.source for column in columns))
    for number, row in enumerate(rows.iterator(chunk_size=2000), start=1):
        for place, value in enumerate(row):
            if value is not None:
                _write(sheet, number, place, value, formats)
    sheet.autofilter(0, 0, number, len(columns) - 1)


def _write(sheet: Worksheet, row: int, place: int, value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, place, float(value))
    elif isinstance(value, datetime):
        local = timezone.localtime(value, timezone.get_default_timezone()).replace(tzinfo=None)
        sheet.write_datetime(row, place, local, formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, formats[date])
    else:
        sheet.write_string(row, place, _text(value)[:_LONGEST_TEXT])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if all(isinstance(item, str) for item in value):
        return ";".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _explain(sheet: Worksheet, columns: tuple[Column, ...], bold: Any) -> None:
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 90)
    sheet.write_row(0, 0, ["column", "what it says"], bold)
    for row, column in enumerate(columns, start=1):
        zone = " (Vietnam time)" if column.type is Type.INSTANT else ""
        sheet.write_string(row, 0, column.name)
        sheet.write_string(row, 1, column.description + zone)

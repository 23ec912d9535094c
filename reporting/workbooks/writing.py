"""The workbook of a form: protected structure, open cells for what is to be filled in, drop-downs.

Every text is written as text, so that no name or note becomes a formula; the cells to be filled in have the
format of texts, so that the spreadsheet leaves "1.253" and "72,63" as they are typed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from indicators.models import Qualifier
from reporting.importing.refused_rows import harmless
from reporting.models import Submission
from reporting.sentences import language
from reporting.views.form import REASONS
from reporting.views.rows import Row
from reporting.workbooks.layout import FIRST_ROW, KEY_MARK, KEY_SHEET, Column

_WIDTHS = {
    Column.INDICATOR: 48,
    Column.UNIT: 14,
    Column.NUMERATOR: 13,
    Column.DENOMINATOR: 13,
    Column.TEXT: 16,
    Column.PREVIOUS: 14,
    Column.YEAR_BEFORE: 14,
    Column.TARGET: 12,
    Column.QUALIFIER: 14,
    Column.REASON: 18,
    Column.NOTE: 30,
    Column.EXPLANATION: 30,
    Column.REFUSED: 44,
}


def form_workbook(
    submission: Submission,
    sections: Sequence[tuple[str, list[Row]]],
    reasons: Mapping[int, str] | None = None,
) -> bytes:
    """The form with what is filled in so far, last quarter's and last year's figures beside it. ``reasons``
    (by entry) stand in a column of their own: why a workbook that comes back was refused."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(_("Form")[:31])
        formats = _formats(book)
        _head(sheet, formats, submission)
        if reasons:
            sheet.write_string(FIRST_ROW - 1, Column.REFUSED, _("Reason for the refusal"), formats["heading"])
        place = FIRST_ROW
        for number, (name, rows) in enumerate(sections, 1):
            sheet.write_string(place, Column.INDICATOR, f"{number}. {name}", formats["section"])
            place += 1
            for row in rows:
                _line(sheet, formats, place, row)
                if reasons and row.entry.pk in reasons:
                    sheet.write_string(
                        place, Column.REFUSED, harmless(reasons[row.entry.pk]), formats["wrong"]
                    )
                place += 1
        _choices(sheet, place)
        sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
        _key(book, submission)
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    heading = {"bold": True, "bg_color": "#205067", "font_color": "#ffffff", "text_wrap": True}
    fixed = {"text_wrap": True, "valign": "top", "font_color": "#555555"}
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "heading": book.add_format(heading),
        "section": book.add_format({"bold": True}),
        "name": book.add_format({"text_wrap": True, "valign": "top"}),
        "wrong": book.add_format({**fixed, "font_color": "#9b1c1c"}),
        "known": book.add_format({**fixed, "align": "right"}),
        "open": book.add_format(
            {"locked": False, "num_format": "@", "border": 1, "border_color": "#999999", "align": "right"}
        ),
        "words": book.add_format(
            {"locked": False, "num_format": "@", "border": 1, "border_color": "#999999", "text_wrap": True}
        ),
    }


def _head(sheet: Any, formats: dict[str, Any], submission: Submission) -> None:
    period = submission.period.core.label(language())
    title = f"{submission.form.name}: {submission.province}, {period}"
    sheet.write_string(0, Column.INDICATOR, title, formats["title"])
    sheet.write_string(1, Column.INDICATOR, harmless(submission.form.instructions))
    for column, heading in headings().items():
        sheet.write_string(FIRST_ROW - 1, column, heading, formats["heading"])
    for column, width in _WIDTHS.items():
        sheet.set_column(column, column, width)
    for column in (Column.ENTRY, Column.BASE):
        sheet.set_column(column, column, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST_ROW, Column.UNIT)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def headings() -> dict[Column, str]:
    return {
        Column.INDICATOR: _("Indicator"),
        Column.UNIT: _("Unit"),
        Column.NUMERATOR: _("Numerator"),
        Column.DENOMINATOR: _("Denominator"),
        Column.TEXT: _("Figure"),
        Column.PREVIOUS: _("Last quarter"),
        Column.YEAR_BEFORE: _("A year before"),
        Column.TARGET: _("Target"),
        Column.QUALIFIER: _("Qualifier"),
        Column.REASON: _("No figure because"),
        Column.NOTE: _("Note"),
        Column.EXPLANATION: _("Explanation"),
    }


def _line(sheet: Any, formats: dict[str, Any], place: int, row: Row) -> None:
    cell = row.cell
    name = f"{row.name} · {row.detail}" if row.detail else row.name
    unit = f"{row.unit}, {_('from the start of the year')}" if row.cumulative else row.unit
    sheet.write_number(place, Column.ENTRY, row.entry.pk)
    sheet.write_string(place, Column.BASE, row.base)
    sheet.write_string(place, Column.INDICATOR, harmless(name), formats["name"])
    sheet.write_string(place, Column.UNIT, harmless(unit), formats["name"])
    for column, known in (
        (Column.PREVIOUS, "\n".join(row.previous)),
        (Column.YEAR_BEFORE, "\n".join(row.year_before)),
        (Column.TARGET, row.target),
    ):
        sheet.write_string(place, column, known, formats["known"])
    counts = {Column.NUMERATOR: cell.numerator, Column.DENOMINATOR: cell.denominator}
    words = {Column.NOTE: cell.note, Column.EXPLANATION: cell.explanation}
    chosen = {
        Column.QUALIFIER: dict(Qualifier.choices).get(cell.qualifier, cell.qualifier),
        Column.REASON: dict(REASONS).get(cell.missing_reason, cell.missing_reason),
    }
    _open(sheet, place, {Column.TEXT: cell.text, **(counts if row.wants_counts else {})}, formats["open"])
    _open(sheet, place, {**chosen, **words}, formats["words"])


def _open(sheet: Any, place: int, cells: dict[Column, Any], look: Any) -> None:
    for column, text in cells.items():
        if text:
            sheet.write_string(place, column, str(text), look)
        else:
            sheet.write_blank(place, column, None, look)


def _choices(sheet: Any, end: int) -> None:
    for column, choices in ((Column.QUALIFIER, Qualifier.choices), (Column.REASON, REASONS)):
        labels = [str(label) for _value, label in choices]
        rule = {"validate": "list", "source": labels, "error_message": _("Choose from the list.")}
        sheet.data_validation(FIRST_ROW, column, end, column, rule)


def _key(book: Any, submission: Submission) -> None:
    """What the workbook is for; the upload checks it against the page on which it is given back."""
    sheet = book.add_worksheet(KEY_SHEET)
    form, province, period = submission.form, submission.province, submission.period
    texts = (KEY_MARK, str(submission.pk), form.code, str(form.version), province.slug, period.code)
    for place, text in enumerate(texts):
        sheet.write_string(place, 0, text)
    sheet.very_hidden()
    sheet.protect()

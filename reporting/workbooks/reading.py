"""A filled workbook read back: what each cell would become, and why one cannot be taken. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import python_calamine as calamine
from django.utils.translation import override

from indicators.models import MissingReason, Qualifier
from reporting.core.reading import CellText, Problem, read_cell
from reporting.importing.refusals import FileRefused
from reporting.importing.workbook import OpenBook, cell_text, column_letters, open_book
from reporting.models import Entry, Submission
from reporting.services.cells import rules_of, text_of
from reporting.workbooks.layout import FIRST_ROW, KEY_MARK, KEY_SHEET, Column

MAXIMUM_BYTES = 2 * 1024 * 1024  # a form of a hundred lines takes 20 KB
_MAXIMUM_ROWS = 2000


@dataclass(frozen=True)
class ReadCell:
    """One cell of the form as the workbook has it. ``action``: new, changed, same or refused."""

    entry: Entry
    before: CellText
    after: CellText
    action: str
    problems: tuple[Problem, ...] = ()


def read_form_workbook(data: bytes, submission: Submission, entries: Sequence[Entry]) -> list[ReadCell]:
    """Every cell that the workbook speaks of, in the order of the form.

    Raises FileRefused: what the zip is refused for, and `not_this_form`, `no_form`, `sheet_too_large`.
    """
    if len(data) > MAXIMUM_BYTES:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_BYTES // 2**20))
    book = open_book(data)
    _check_key(book, submission)
    rows = _rows(book)
    return [_read(entry, rows[entry.pk]) for entry in entries if entry.pk in rows]


def _check_key(book: OpenBook, submission: Submission) -> None:
    if KEY_SHEET not in book.book.sheet_names:
        raise FileRefused("no_form")
    found = [str(row[0]) for row in book.book.get_sheet_by_name(KEY_SHEET).to_python(nrows=6) if row]
    if len(found) < 6 or found[0] != KEY_MARK:
        raise FileRefused("no_form")
    if found[1] != str(submission.pk) or found[4] != submission.province.slug:
        raise FileRefused("not_this_form", province=found[4], period=found[5])


def _rows(book: OpenBook) -> dict[int, CellText]:
    """By the hidden number of the entry; rows without one are headings."""
    if not book.looks:
        raise FileRefused("no_form")
    name, look = next(iter(book.looks.items()))
    sheet = book.book.get_sheet_by_name(name)
    if sheet.height > _MAXIMUM_ROWS or sheet.width > 3 * len(Column):
        raise FileRefused("sheet_too_large", rows=str(sheet.height), columns=str(sheet.width))
    try:
        lines = sheet.to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError) as error:
        raise FileRefused("damaged") from error
    found = {}
    for number, line in enumerate(lines, 1):
        if number <= FIRST_ROW or not line or not isinstance(line[Column.ENTRY], int | float):
            continue
        found[int(line[Column.ENTRY])] = _cell(line, number, look.percents)
    return found


def _cell(line: Sequence[Any], number: int, percents: set[str]) -> CellText:
    def text(column: Column) -> str:
        if column >= len(line):
            return ""
        return cell_text(line[column], f"{column_letters(column)}{number}" in percents).strip()

    return CellText(
        text=text(Column.TEXT),
        numerator=text(Column.NUMERATOR),
        denominator=text(Column.DENOMINATOR),
        qualifier=_chosen(text(Column.QUALIFIER), Qualifier.choices),
        missing_reason=_chosen(text(Column.REASON), MissingReason.choices),
        note=text(Column.NOTE),
        explanation=text(Column.EXPLANATION),
    )


def _chosen(text: str, choices: Sequence[tuple[str, Any]]) -> str:
    """The value of a label in either language; the text itself where it is none, to be refused."""
    if not text:
        return ""
    labels: dict[str, str] = {}
    for language in ("vi", "en"):
        with override(language):
            labels |= {str(label).casefold(): value for value, label in choices}
    return labels.get(text.casefold(), text)


def _read(entry: Entry, typed: CellText) -> ReadCell:
    before = text_of(entry)
    after = replace(typed, status=before.status)
    if not entry.line.wants_counts:
        after = replace(after, numerator=before.numerator, denominator=before.denominator)
    if after == before:
        return ReadCell(entry, before, after, "same")
    problems = _problems(entry, after)
    if problems:
        return ReadCell(entry, before, after, "refused", problems)
    empty = replace(before, status="final") == CellText()
    return ReadCell(entry, before, after, "new" if empty else "changed")


def _problems(entry: Entry, after: CellText) -> tuple[Problem, ...]:
    known: Mapping[str, Sequence[str]] = {
        after.qualifier: ("", *Qualifier.values),
        after.missing_reason: ("", *MissingReason.values),
    }
    unknown = tuple(
        Problem("text", "not_in_list", {"text": text})
        for text, allowed in known.items()
        if text not in allowed
    )
    return unknown or read_cell(after, rules_of(entry)).problems

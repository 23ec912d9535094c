"""A filled workbook read back: what each cell would become, and why one cannot be taken. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import python_calamine as calamine
from django.utils.translation import override

from indicators.core.stated import Measure
from indicators.models import MissingReason, Qualifier
from reporting.core.reading import CellText, Problem, digest, read_cell
from reporting.importing.number_formats import Shown
from reporting.importing.refusals import FileRefused
from reporting.importing.workbook import (
    OpenBook,
    cell_text,
    column_letters,
    lacking_zeros,
    odd_kind,
    open_book,
    refuse_merged,
    with_zeros,
)
from reporting.models import Entry, Submission
from reporting.services.cells import rules_of, text_of
from reporting.workbooks.layout import FIRST_ROW, KEY_MARK, KEY_SHEET, Column

MAXIMUM_BYTES = 2 * 1024 * 1024  # a form of a hundred lines takes 20 KB
_MAXIMUM_ROWS = 2000
_NUMBERS = {Column.TEXT: "text", Column.NUMERATOR: "numerator", Column.DENOMINATOR: "denominator"}


@dataclass(frozen=True)
class ReadCell:
    """One cell of the form as the workbook has it. ``action``: new, changed, same or refused. ``meanwhile``:
    the form's cell was changed after the workbook was made."""

    entry: Entry
    before: CellText
    after: CellText
    action: str
    problems: tuple[Problem, ...] = ()
    meanwhile: bool = False


@dataclass(frozen=True)
class _Line:
    """One row of the sheet: what was typed, what the form had said then, what is neither text nor number."""

    typed: CellText
    base: str
    odd: tuple[Problem, ...]


def read_form_workbook(data: bytes, submission: Submission, entries: Sequence[Entry]) -> list[ReadCell]:
    """Every cell that the workbook speaks of, in the order of the form.

    Raises FileRefused: what the zip is refused for, and `not_this_form`, `no_form`, `sheet_too_large`,
    `merged_cells`.
    """
    if len(data) > MAXIMUM_BYTES:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_BYTES // 2**20))
    book = open_book(data)
    _check_key(book, submission)
    measures = {entry.pk: Measure(entry.line.indicator.measure) for entry in entries}
    lines = _lines(book, measures)
    return [_read(entry, lines[entry.pk]) for entry in entries if entry.pk in lines]


def _check_key(book: OpenBook, submission: Submission) -> None:
    if KEY_SHEET not in book.book.sheet_names:
        raise FileRefused("no_form")
    found = [str(row[0]) for row in book.book.get_sheet_by_name(KEY_SHEET).to_python(nrows=6) if row]
    if len(found) < 6 or found[0] != KEY_MARK:
        raise FileRefused("no_form")
    if found[1] != str(submission.pk) or found[4] != submission.province.slug:
        raise FileRefused("not_this_form", province=found[4], period=found[5])


def _lines(book: OpenBook, measures: Mapping[int, Measure]) -> dict[int, _Line]:
    """By the hidden number of the entry; rows without one are headings."""
    if not book.looks:
        raise FileRefused("no_form")
    name = next(iter(book.looks))
    sheet = book.book.get_sheet_by_name(name)
    if sheet.height > _MAXIMUM_ROWS or sheet.width > 3 * len(Column):
        raise FileRefused("sheet_too_large", rows=str(sheet.height), columns=str(sheet.width))
    refuse_merged(sheet, FIRST_ROW)
    try:
        rows = sheet.to_python(skip_empty_area=False)
    except (calamine.CalamineError, ValueError) as error:
        raise FileRefused("damaged") from error
    shown = {column: book.shown(name, column, 1, _MAXIMUM_ROWS) for column in _NUMBERS}
    found = {}
    for number, cells in enumerate(rows, 1):
        if number <= FIRST_ROW or not cells or not isinstance(cells[Column.ENTRY], int | float):
            continue
        entry = int(cells[Column.ENTRY])
        how = {column: shown[column][number] for column in _NUMBERS if number in shown[column]}
        counted = measures.get(entry) is Measure.COUNT
        found[entry] = _line(cells, how, counted, _errors(book, name, number))
    return found


def _errors(book: OpenBook, sheet: str, row: int) -> tuple[Problem, ...]:
    errors = book.looks[sheet].errors
    places = {part: f"{column_letters(column)}{row}" for column, part in _NUMBERS.items()}
    return tuple(Problem(part, "error_cell") for part, place in places.items() if place in errors)


def _line(
    cells: Sequence[Any], shown: Mapping[Column, Shown], counted: bool, errors: tuple[Problem, ...]
) -> _Line:
    def text(column: Column) -> str:
        if column >= len(cells):
            return ""
        how = shown.get(column)
        written = cell_text(cells[column], how).strip()
        zeros = column is Column.TEXT and not counted and how and not isinstance(cells[column], str)
        return with_zeros(written, lacking_zeros(written, how)) if zeros and how else written

    typed = CellText(
        text=text(Column.TEXT),
        numerator=text(Column.NUMERATOR),
        denominator=text(Column.DENOMINATOR),
        qualifier=_chosen(text(Column.QUALIFIER), Qualifier.choices),
        missing_reason=_chosen(text(Column.REASON), MissingReason.choices),
        note=text(Column.NOTE),
        explanation=text(Column.EXPLANATION),
    )
    odd = tuple(
        Problem(part, f"{kind}_cell", {"text": text(column)})
        for column, part in _NUMBERS.items()
        if column < len(cells) and (kind := odd_kind(cells[column]))
    )
    return _Line(typed, text(Column.BASE), (*odd, *errors))


def _chosen(text: str, choices: Sequence[tuple[str, Any]]) -> str:
    """The value of a label in either language; the text itself where it is none, to be refused."""
    if not text:
        return ""
    labels: dict[str, str] = {}
    for language in ("vi", "en"):
        with override(language):
            labels |= {str(label).casefold(): value for value, label in choices}
    return labels.get(text.casefold(), text)


def _read(entry: Entry, line: _Line) -> ReadCell:
    """A cell that says what it said when the workbook was made was not changed in it, whatever the form says
    by now."""
    before = text_of(entry)
    after = replace(line.typed, status=before.status)
    version, _separator, made_with = line.base.partition(":")
    if not entry.line.wants_counts:
        after = replace(after, numerator=before.numerator, denominator=before.denominator)
    if not line.odd and (after == before or digest(after) == made_with):
        return ReadCell(entry, before, after, "same")
    meanwhile = bool(version) and version != str(entry.version)
    problems = line.odd or _problems(entry, after)
    if problems:
        return ReadCell(entry, before, after, "refused", problems, meanwhile)
    empty = replace(before, status="final") == CellText()
    return ReadCell(entry, before, after, "new" if empty else "changed", (), meanwhile)


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

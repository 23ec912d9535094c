"""Refusals of files and rows as sentences in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from reporting.importing.headings import RECOGNISED
from reporting.importing.refusals import FileRefused
from reporting.number_sentences import NUMBERS, say_number

_FILES = {
    "empty": _("The file holds no table."),
    "too_large": _("The file is larger than %(megabytes)s MB. Load it in parts."),
    "damaged": _(
        "The file is damaged or incomplete: it cannot be read as a workbook. Save it again as .xlsx."
    ),
    "not_a_workbook": _("The file is a zip, but no Excel workbook. Save the table as .xlsx or .csv."),
    "old_format": _("This is an old .xls workbook. Open it and save it as .xlsx."),
    "encrypted": _("The workbook is protected by a password. Save it without one."),
    "too_many_parts": _(
        "The workbook has %(number)s parts; that is no ordinary table. Copy it to a new workbook."
    ),
    "unpacks_too_large": _(
        "Unpacked, the workbook would take %(megabytes)s MB. Copy the table to a new workbook."
    ),
    "sheet_too_large": _(
        "The sheet reaches to row %(rows)s and column %(columns)s. Delete the empty rows and columns."
    ),
    "declares_entities": _(
        "The workbook declares entities, which no spreadsheet program does. It is not read."
    ),
    "external_links": _("The workbook has links to other workbooks. Paste the figures as values."),
    "two_sheets_of_one_name": _("Two sheets are called “%(sheet)s”. Rename one of them."),
    "no_such_sheet": _("There is no visible sheet “%(sheet)s”. The sheets are: %(sheets)s."),
    "several_tables": _("Several sheets hold a table: %(sheets)s. Say which one is meant."),
    "merged_cells": _(
        "Cells of the table are merged (%(cells)s). Unmerge them: each row must say all its words."
    ),
    "too_many_errors": _("More than %(number)s cells show an error such as #DIV/0!. Correct the formulas."),
    "too_many_rows": _("The table has more than %(maximum)s rows. Load it in parts."),
    "many_empty_rows": _(
        "The sheet has more than %(maximum)s rows, empty ones too. Delete those below the table."
    ),
    "too_many_columns": _("The table has more than %(maximum)s columns. Delete those that are not needed."),
    "encoding": _("The letters of the file cannot be read. Save it as “CSV UTF-8” or as .xlsx."),
    "unclosed_quote": _("A quotation mark in the file is not closed, so that its rows cannot be told apart."),
    "longer_line": _("Row %(row)s has more cells than the table has headings."),
    "unknown_field": _("“%(field)s” is no field of a figure. The fields are: %(fields)s."),
    "no_such_heading": _("No single column is called “%(heading)s”. The headings are: %(headings)s."),
    "two_columns": _("Both “%(first)s” and “%(second)s” are taken for %(field)s. Say which one is meant."),
    "columns_missing": _(
        "Columns are missing: %(fields)s. The headings are: %(headings)s. Say which is which."
    ),
}
#: Why a batch is not loaded although its file can be read.
_ACTS = {
    "decided": _("Somebody has decided on this file already."),
    "rows_refused": _("Rows of the file are refused; nothing was loaded."),
    "figures_changed": _("Figures were published since the preview. Nothing was loaded; look at it again."),
    "gave_up": _(
        "The work was broken off several times; nothing was loaded. Try again, or tell your administrator."
    ),
}
#: What is wrong with the words of a row; of its numbers ``number_sentences`` says it.
_ROWS = {
    "empty_cell": _("is empty"),
    "unknown_province": _("“%(text)s” is no province that the system knows"),
    "several_provinces": _(
        "“%(text)s” may be any of these in %(period)s: %(candidates)s; write the code in brackets"
    ),
    "province_not_in_period": _("did not exist in %(period)s: %(candidates)s"),
    "unknown_indicator": _("“%(text)s” is no indicator of the catalogue"),
    "several_indicators": _("“%(text)s” may be any of these: %(candidates)s; write the code"),
    "unknown_category": _("“%(text)s” is no breakdown of %(indicator)s; there are: %(candidates)s"),
    "several_categories": _("“%(text)s” may be any of these: %(candidates)s; write the code"),
    "unknown_source": _("there is no source with the code “%(text)s”"),
    "unknown_period": _("“%(text)s” is no period; write for example 2024-Q1, 2024-03, 2024-H1 or 2024"),
    "future_period": _("“%(text)s” has not begun yet"),
    "unknown_word": _("“%(text)s” is not understood; write one of: %(candidates)s"),
    "no_value_no_reason": _("is empty, and no reason says why"),
    "stated_twice": _("this figure stands in row %(text)s as well"),
    "too_long_cell": _("is longer than %(maximum)s characters"),
}


def file_sentence(refusal: FileRefused) -> str:
    return _filled(_FILES[refusal.code], refusal.params)


def job_sentence(problem: Mapping[str, Any]) -> str:
    """Why a job was refused (``ImportJob.problem``)."""
    code = str(problem["code"])
    return _filled(_ACTS.get(code) or _FILES[code], problem["params"])


def row_sentences(problems: pl.DataFrame) -> dict[int, str]:
    """Row → all that is wrong with it, each with the name of its column."""
    said: dict[tuple[str, str, str], str] = {}
    rows: dict[int, list[str]] = {}
    for row, name, code, params in problems.unique(maintain_order=True).iter_rows():
        key = (name, code, params)
        if key not in said:
            said[key] = f"{RECOGNISED[name][0]}: {_said(code, json.loads(params))}"
        rows.setdefault(row, []).append(said[key])
    return {row: " ".join(sentences) for row, sentences in rows.items()}


def _said(code: str, params: Mapping[str, str]) -> str:
    return say_number(code, params) if code in NUMBERS else _filled(_ROWS[code], params) + "."


def _filled(text: str, params: Mapping[str, str]) -> str:
    return gettext(text) % params

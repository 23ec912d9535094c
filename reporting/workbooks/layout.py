"""Where what stands in a form's workbook; writing and reading agree on it here."""

from __future__ import annotations

from enum import IntEnum

KEY_SHEET = "_tinhso"
KEY_MARK = "tinh-so-form"
FIRST_ROW = 4  # counted from 0: title, hint, empty, headings


class Column(IntEnum):
    """Columns of the sheet, counted from 0. The first is hidden and holds the number of the cell's entry, the
    last what the form had said when the workbook was made (``services.cells.base_of``)."""

    ENTRY = 0
    INDICATOR = 1
    UNIT = 2
    NUMERATOR = 3
    DENOMINATOR = 4
    TEXT = 5
    PREVIOUS = 6
    YEAR_BEFORE = 7
    TARGET = 8
    QUALIFIER = 9
    REASON = 10
    NOTE = 11
    EXPLANATION = 12
    REFUSED = 13
    BASE = 14

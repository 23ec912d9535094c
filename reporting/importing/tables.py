"""A table as text: what both kinds of file are read into."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

#: A table that would hold more is to be loaded in parts.
MAXIMUM_ROWS = 500_000
MAXIMUM_FILE = 64 * 1024 * 1024
HEADING_WITHIN = 20  # rows, so that a title may stand above the table
MAXIMUM_COLUMNS = 100


@dataclass(frozen=True)
class Table:
    """``cells``: a column ``row`` (its number as the spreadsheet shows it) and text columns "0", "1", … where
    empty is null. Numbers of a workbook are written with a comma before their decimals, whole ones without,
    cells shown as per cent with their sign. ``odd`` names single cells that hold neither text nor number:
    (row, column) → date, time, boolean or error. ``zeros`` of a column: row and how many zeros its cell shows
    after the digits of its number (15 in the format 0.0 shows one); of a count they say nothing.
    """

    headings: list[str]
    cells: pl.DataFrame
    sheet: str = ""
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    zeros: dict[int, pl.DataFrame] = field(default_factory=dict)


def without_empty_rows(cells: pl.DataFrame) -> pl.DataFrame:
    """Text stripped, empty text as null, rows without any text left out."""
    texts = pl.exclude("row")
    stripped = texts.str.strip_chars(" \t\r\n\u00a0")
    emptied = cells.with_columns(pl.when(stripped.str.len_bytes() > 0).then(stripped).name.keep())
    return emptied.filter(pl.any_horizontal(texts.is_not_null()))

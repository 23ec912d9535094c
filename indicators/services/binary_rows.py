"""Columns as the rows of COPY … FORMAT binary: nothing is turned into text and read again.

Numbers are NumPy arrays, NaN where nothing is; texts are ``Words``. What PostgreSQL expects is told by the
model: two bytes for the number of columns, then for each column four for its length and the value itself.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
#: How binary COPY has the values of a column of this type.
TYPES = {
    "bigint": ">i8",
    "integer": ">i4",
    "smallint": ">i2",
    "boolean": "?",
    "double precision": ">f8",
    "timestamp with time zone": ">i8",
}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
#: Rows that are made at a time: they stay in the cache.
_BLOCK = 2_000


@dataclass(frozen=True)
class Words:
    """A column of texts: the place of each among a few."""

    place: NDArray[np.int64]
    words: Sequence[str]


#: The columns of a table by name, all of one length.
Table = Mapping[str, NDArray[Any] | Words]


def microseconds(instant: datetime) -> int:
    """As PostgreSQL counts them."""
    passed = instant - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def copy_rows(model: type[Model], table: Table, *, into: str = "", computed_at: int | None = None) -> int:
    """Append the rows of ``table`` to the table of ``model``, or to another that has its columns, with one
    instant at which they were computed (``microseconds``): how many."""
    length = height(table)
    if not length:
        return 0
    if computed_at is not None:
        table = dict(table) | {"computed_at": np.full(length, computed_at)}
    table = {name: column for name, column in table.items() if not _is_empty(column)}
    layout = _layout(model, table)
    buffer = io.BytesIO()
    buffer.write(HEADER)
    for start in range(0, length, _BLOCK):
        buffer.write(_rows({name: _part(column, start) for name, column in table.items()}, layout))
    buffer.write(_END)
    buffer.seek(0)
    listed = ", ".join(f'"{name}"' for name in table)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {into or model._meta.db_table} ({listed}) FROM STDIN (FORMAT binary)", buffer
        )
    return length


def _is_empty(column: NDArray[Any] | Words) -> bool:
    """Nothing stands in it: it need not be named."""
    return not isinstance(column, Words) and column.dtype.kind == "f" and bool(np.isnan(column).all())


def height(table: Table) -> int:
    """How many rows; 0 of a table without columns."""
    for column in table.values():
        return len(column.place if isinstance(column, Words) else column)
    return 0


def _part(column: NDArray[Any] | Words, start: int) -> NDArray[Any] | Words:
    if isinstance(column, Words):
        return Words(column.place[start : start + _BLOCK], column.words)
    return column[start : start + _BLOCK]


def _layout(model: type[Model], table: Table) -> np.dtype[Any]:
    """A record for each row, with room for everything that may stand in it."""
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name, kind in _column_types(model, table).items():
        fields += [(f"length of {name}", ">i4"), (name, kind)]
    return np.dtype(fields)


def _rows(table: Table, layout: np.dtype[Any]) -> bytes:
    records = np.zeros(height(table), dtype=layout)
    records["columns"] = len(table)
    kept = np.ones((len(records), layout.itemsize), dtype=np.bool_)
    for name, column in table.items():
        start, size = layout.fields[name][1], layout[name].itemsize  # type: ignore[index]
        if isinstance(column, Words):
            written = [word.encode() for word in column.words]
            length = np.array([len(word) for word in written])[column.place]
            records[name] = np.array(written, dtype=layout[name])[column.place]
            kept[:, start : start + size] = np.arange(size) < length[:, None]
            records[f"length of {name}"] = length
            continue
        records[f"length of {name}"] = size
        missing = np.isnan(column) if column.dtype.kind == "f" else None
        if missing is not None and missing.any():
            column = np.where(missing, 0, column)
            records[f"length of {name}"][missing] = -1
            kept[missing, start : start + size] = False
        records[name] = column
    return records.view(np.uint8).reshape(kept.shape)[kept].tobytes()


def _column_types(model: type[Model], table: Table) -> dict[str, str]:
    fields = {field.column: field for field in model._meta.concrete_fields}
    longest = {
        name: max((len(word.encode()) for word in column.words), default=0)
        for name, column in table.items()
        if isinstance(column, Words)
    }
    return {
        name: f"S{longest[name] or 1}" if name in longest else TYPES[str(fields[name].db_type(connection))]
        for name in table
    }

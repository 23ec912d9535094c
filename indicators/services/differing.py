"""Which rows of a computed table stand otherwise than they were computed just now.

The rows that stand come as fixed-width binary records, numbers alone (a text is its hash), and are matched
with the new ones by their keys in memory: nothing is sorted or joined by the server.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Model
from numpy.typing import NDArray

from indicators.core.arrays import numbered, paired
from indicators.services.binary_rows import TYPES, Table, Words
from indicators.services.columns import copy_records

#: What tells the rows of one table from each other, within the real or the simulated ones, in the order of
#: the index upon it.
_KEY = ("indicator_id", "period_id", "geography_id", "category_id", "group", "province_id")
_NOT_COMPARED = ("id", "computed_at")
Numbers = dict[str, NDArray[Any]]


def compared_columns(model: type[Model]) -> list[str]:
    """Of a table that is computed all but what tells its rows and instants."""
    return [field.column for field in model._meta.concrete_fields if field.column not in _NOT_COMPARED]


def differences(
    model: type[Model], new: Table, *, indicators: list[int], simulated: bool
) -> tuple[Table, list[tuple[int, int]]]:
    """(rows of ``new`` that do not stand so, id and indicator of rows that stand and should not), of these
    indicators (keys)."""
    old = _standing(model, indicators, simulated)
    numbers = _as_numbers(new, old)
    partner = _partners(numbers, old)
    found = np.flatnonzero(partner >= 0)
    partner = partner[found]
    equal = np.ones(len(found), dtype=np.bool_)
    for name in numbers:
        equal &= _equal(numbers[name][found], old[name].astype(numbers[name].dtype)[partner])
    differs, gone = np.ones(_length(numbers), dtype=np.bool_), np.ones(len(old), dtype=np.bool_)
    differs[found[equal]] = False
    gone[partner[equal]] = False
    return taken(new, np.flatnonzero(differs)), old[["id", "indicator_id"]][gone].tolist()


def _standing(model: type[Model], indicators: list[int], simulated: bool) -> NDArray[Any]:
    fields = {field.column: field for field in model._meta.concrete_fields}
    selected, types = [], {}
    for name in ("id", *compared_columns(model)):
        kind = TYPES.get(str(fields[name].db_type(connection)))
        types[name] = kind or ">i8"
        whole = f'"{name}"' if kind else f'hashtextextended("{name}", 0)'
        missing = "NaN" if kind == ">f8" else "0"  # a literal without a type takes the column's
        selected.append(f"coalesce({whole}, '{missing}')" if fields[name].null else whole)
    sql = (
        f"SELECT {', '.join(selected)} FROM {model._meta.db_table} "
        f"WHERE indicator_id = ANY(%s) AND simulated = %s"
    )
    return copy_records(sql, [indicators, simulated], types)


def _as_numbers(new: Table, old: NDArray[Any]) -> Numbers:
    """The columns of ``new`` as ``_standing`` gives them."""
    return {name: _as_number(column, old.dtype[name]) for name, column in new.items()}


def _as_number(column: NDArray[Any] | Words, like: np.dtype[Any]) -> NDArray[Any]:
    if isinstance(column, Words):
        hashed: NDArray[Any] = np.array(_hashes(tuple(column.words)), dtype=np.int64).take(column.place)
        return hashed
    if column.dtype.kind == "f" and like.kind != "f":
        whole: NDArray[Any] = np.nan_to_num(column, nan=0.0).astype(np.int64)
        return whole
    return column


@cache
def _hashes(words: tuple[str, ...]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hashtextextended(word, 0) FROM unnest(%s::text[]) WITH ORDINALITY AS w (word, place) "
            "ORDER BY place",
            [list(words)],
        )
        return [row[0] for row in cursor.fetchall()]


def _partners(new: Numbers, old: NDArray[Any]) -> NDArray[np.int64]:
    """For each of ``new`` the place of the row of ``old`` with its key, or −1."""
    if not new or not len(old):
        return np.full(_length(new), -1, dtype=np.int64)
    both = [np.concatenate([new[name], old[name].astype(np.int64)]) for name in _KEY if name in new]
    code = paired(*(numbered(column)[1] for column in both))
    mine, theirs = np.split(code, [len(code) - len(old)])
    order = np.argsort(theirs)
    place = order[np.minimum(np.searchsorted(theirs[order], mine), len(order) - 1)]
    return np.where(theirs[place] == mine, place, -1)


def _length(columns: Numbers) -> int:
    return len(next(iter(columns.values()), ()))


def _equal(new: NDArray[Any], old: NDArray[Any]) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = new == old
    return equal | (np.isnan(new) & np.isnan(old)) if new.dtype.kind == "f" else equal


def in_order(table: Table) -> Table:
    """The rows as an index upon their keys has them, missing ones last: what comes sorted need not be sorted
    by the server, which takes several times longer over it."""
    code: Any = 0
    for name in _KEY:
        if name not in table:
            continue
        number = _in_sequence(table[name])
        code = code * (number.max() + 1) + number
    return taken(table, np.argsort(code, kind="stable")) if table else table


def _in_sequence(column: NDArray[Any] | Words) -> NDArray[np.int64]:
    if isinstance(column, Words):
        place: NDArray[np.int64] = np.argsort(np.argsort(column.words))[column.place]
        return place
    number: NDArray[np.int64] = np.nan_to_num(column, nan=2**20).astype(np.int64)
    return number


def taken(table: Table, rows: NDArray[np.int64]) -> Table:
    return {
        name: Words(column.place[rows], column.words) if isinstance(column, Words) else column[rows]
        for name, column in table.items()
    }

"""Rows out of PostgreSQL: the database writes JSON and CSV itself, from one queryset.

No object is made per row, and no number passes through Python: 72.63 and 1.0000 arrive as they were stated
(docs/decisions/api-rows.md).
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection
from django.db.models import QuerySet

from api.columns import Column, Type

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_IN_MEMORY = 4 * 1024 * 1024
_LONE_LINE_FEED = re.compile(rb"(?<!\r)\n")
# A text that a spreadsheet would run as a formula; a plain signed number is none.
_FORMULA = r"^[=+@\t\r-]"
_PLAIN_NUMBER = r"^[+-]?[0-9][0-9.,]*[ ]?\u0025?$"  # \u0025 is the percent sign, which the driver would read


@dataclass(frozen=True)
class Rows:
    """``text`` is JSON. ``found`` counts what the query gave, which is one more than shown where more follow;
    ``first`` and ``last`` are the keys of the first and last row shown (None where there is none)."""

    text: str
    found: int
    first: int | None
    last: int | None


def fetch(
    queryset: QuerySet[Any], columns: tuple[Column, ...], *, shape: str, limit: int, backwards: bool = False
) -> Rows:
    """The first ``limit`` rows of ``queryset`` as ``records`` (an array of objects) or ``columns`` (an object
    of arrays); ``backwards`` turns their order round. One query."""
    names = _names(columns)
    inner, parameters = _select(queryset, columns)
    order = " ORDER BY q._position DESC" if backwards else ""
    if shape == "columns":
        arrays = ", ".join(f"'{c.name}', coalesce(json_agg(q.\"{c.name}\"{order}), '[]')" for c in columns)
        body = f"json_build_object({arrays})"
    else:
        body = f"coalesce(json_agg(r{order}), '[]')"
    sql = f"""
        SELECT {body}::text, coalesce(max(q._found), 0), min(q._key), max(q._key)
        FROM (
            SELECT raw.*, row_number() OVER () AS _position, count(*) OVER () AS _found
            FROM ({inner}) AS raw(_key, {names})
        ) q CROSS JOIN LATERAL (SELECT {_shown(columns)}) r
        WHERE q._position <= %s"""
    with connection.cursor() as cursor:
        cursor.execute(sql, (*parameters, limit))
        return Rows(*cursor.fetchone())


def fetch_one(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> str | None:
    """The one row of ``queryset`` as a JSON object; None where there is none."""
    inner, parameters = _select(queryset, columns)
    sql = f"""
        SELECT row_to_json(r)::text FROM ({inner}) AS q(_key, {_names(columns)})
        CROSS JOIN LATERAL (SELECT {_shown(columns)}) r LIMIT 1"""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def copy_csv(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> IO[bytes]:
    """Every row as CSV (RFC 4180, UTF-8 with BOM, header row) in a file that spills to disk as it grows."""
    inner, parameters = _select(queryset, columns)
    cells = ", ".join(f'{_cell(column)} AS "{column.name}"' for column in columns)
    query = f"SELECT {cells} FROM ({inner}) AS q(_key, {_names(columns)})"
    file = _spooled()
    file.write(BYTE_ORDER_MARK)
    _copy(query, parameters, "FORMAT csv, HEADER true", _LineEnds(file))
    file.seek(0)
    return file


def copy_ndjson(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> IO[bytes]:
    """Every row as a JSON object on a line of its own, in such a file."""
    inner, parameters = _select(queryset, columns)
    query = f"""
        SELECT row_to_json(r)::text FROM ({inner}) AS q(_key, {_names(columns)})
        CROSS JOIN LATERAL (SELECT {_shown(columns)}) r"""
    file = _spooled()
    # JSON escapes control characters, so that neither of these two ever occurs and no line is quoted.
    _copy(query, parameters, r"FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02'", file)
    file.seek(0)
    return file


def _spooled() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)


def _copy(query: str, parameters: tuple[Any, ...], options: str, target: Any) -> None:
    with connection.cursor() as cursor:
        literal = cursor.mogrify(query, parameters).decode()
        cursor.copy_expert(f"COPY ({literal}) TO STDOUT WITH ({options})", target)


class _LineEnds:
    """Passes on what COPY writes with the line ends of RFC 4180, within cells too. COPY gives whole lines."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, chunk: bytes) -> int:
        self._file.write(_LONE_LINE_FEED.sub(b"\r\n", chunk))
        return len(chunk)


def _select(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> tuple[str, tuple[Any, ...]]:
    """SQL of the key and the columns, in their order."""
    selected = queryset.values_list("pk", *(column.source for column in columns))
    sql, parameters = selected.query.sql_with_params()
    return sql, tuple(parameters)


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _shown(columns: tuple[Column, ...]) -> str:
    return ", ".join(f'q."{column.name}"' for column in columns)


def _cell(column: Column) -> str:
    """SQL of a CSV cell: true and false in words, instants in RFC 3339, lists joined by semicolons."""
    name = f'q."{column.name}"'
    if column.type is Type.TEXT:
        return (
            f"CASE WHEN {name} ~ '{_FORMULA}' AND {name} !~ '{_PLAIN_NUMBER}' "
            f"THEN '''' || {name} ELSE {name} END"
        )
    if column.type is Type.CODES:
        return f"array_to_string({name}, ';')"
    if column.type is Type.INSTANT:
        return f"to_json({name}) #>> '{{}}'"
    if column.type is Type.BOOLEAN:
        return f"{name}::text"
    if column.type in (Type.OBJECT, Type.OBJECTS):
        return f"to_json({name})::text"
    return name

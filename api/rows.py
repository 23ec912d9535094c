"""Rows out of PostgreSQL: the database writes JSON itself, from one queryset.

No object is made per row, and no number passes through Python: 72.63 and 1.0000 arrive as they were stated
(docs/decisions/api-rows.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from api.cells import json_object, json_value, select_list
from api.columns import Column, Type
from api.statements import Statement

# Bytes of a binary COPY: what stands before all rows, and before the field of a row that has one.
BINARY_HEADER, BINARY_FIELD = 19, 6


@dataclass(frozen=True)
class Rows:
    """``text`` is JSON. ``found`` counts what the query gave, which is one more than shown where more follow;
    ``first`` and ``last`` are the keys of the first and last row shown (None where there is none)."""

    text: str
    found: int
    first: int | None
    last: int | None


def page_statement(
    queryset: QuerySet[Any],
    columns: tuple[Column, ...],
    *,
    shape: str,
    limit: int,
    backwards: bool = False,
    text: Combinable | None = None,
) -> Statement:
    """Gives the fields of ``Rows``: the first ``limit`` rows of ``queryset`` as ``records`` (an array of
    objects) or ``columns`` (an object of arrays); ``backwards`` turns their order round. ``text`` gives a row
    as an object, where the columns need not be asked for that."""
    if text is not None and shape != "columns":
        columns = (whole_row(text),)
    inner, parameters = select(queryset, columns)
    # Rows come in the order of the query, and only turning it round costs a sort.
    order = "ORDER BY q._position DESC" if backwards else ""
    sql = f"""
        SELECT {_body(columns, shape, order)}, count(*), {_shown("min(q._key)")}, {_shown("max(q._key)")}
        FROM (
            SELECT raw.*, row_number() OVER () AS _position
            FROM ({inner}) AS raw(_key, {select_list(columns)})
        ) q CROSS JOIN (SELECT %s::integer AS most) AS shown"""
    return Statement(sql, (*parameters, limit))


def fetch_one(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> str | None:
    """The one row of ``queryset`` as a JSON object; None where there is none."""
    inner, parameters = select(queryset, columns)
    sql = f"SELECT {json_object(columns)} FROM ({inner}) AS q(_key, {select_list(columns)}) LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row[0] if row else None


def lines_query(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> str:
    """For COPY: the rows, each an object."""
    inner, parameters = select(queryset, columns)
    return for_copy(
        f"SELECT {json_object(columns)} FROM ({inner}) AS q(_key, {select_list(columns)})", parameters
    )


def for_copy(sql: str, parameters: Sequence[Any]) -> str:
    """The query with its parameters written into it: COPY takes none."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify(sql, parameters).decode())


def fetch_lines(query: str, most: int) -> bytes | None:
    """The rows of a query for COPY, each on a line of its own; None where there are more than ``most``.

    Row by row: one text of all of them costs PostgreSQL as much again, and Python three times as much.
    """
    rows = _Rows()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query} LIMIT {most + 1}) TO STDOUT WITH (FORMAT binary)", rows)
    if len(rows) > most + 1:  # the last message ends them, and is too short for a field
        return None
    return b"\n".join([rows[0][BINARY_HEADER + BINARY_FIELD :], *(row[BINARY_FIELD:] for row in rows[1:])])


class _Rows(list[bytes]):
    write = list.append


def select(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> tuple[str, tuple[Any, ...]]:
    """SQL of the key and the columns, in their order."""
    selected = queryset.values_list("pk", *(column.source for column in columns))
    sql, parameters = selected.query.sql_with_params()
    return sql, tuple(parameters)


def whole_row(text: Combinable) -> Column:
    """A row's only column, where it is an object already."""
    return Column("row", text, Type.ROW, "The row as a JSON object")


def _body(columns: tuple[Column, ...], shape: str, order: str) -> str:
    if shape == "records":
        return _array(json_object(columns), order)
    arrays = (f"'\"{column.name}\":' || {_array(json_value(column), order)}" for column in columns)
    return f"""'{{' || {" || ',' || ".join(arrays)} || '}}'"""


def _array(values: str, order: str) -> str:
    return f"'[' || coalesce({_shown(f'string_agg({values}, chr(44) {order})')}, '') || ']'"


def _shown(aggregate: str) -> str:
    return f"{aggregate} FILTER (WHERE q._position <= shown.most)"

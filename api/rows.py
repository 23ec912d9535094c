"""Rows out of PostgreSQL: the database writes JSON itself, from one queryset.

No object is made per row, and no number passes through Python: 72.63 and 1.0000 arrive as they were stated
(docs/decisions/api-rows.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from api.cells import json_object, json_value, select_list
from api.columns import Column
from api.statements import Statement


@dataclass(frozen=True)
class Rows:
    """``text`` is JSON. ``found`` counts what the query gave, which is one more than shown where more follow;
    ``first`` and ``last`` are the keys of the first and last row shown (None where there is none)."""

    text: str
    found: int
    first: int | None
    last: int | None


def page_statement(
    queryset: QuerySet[Any], columns: tuple[Column, ...], *, shape: str, limit: int, backwards: bool = False
) -> Statement:
    """Gives the fields of ``Rows``: the first ``limit`` rows of ``queryset`` as ``records`` (an array of
    objects) or ``columns`` (an object of arrays); ``backwards`` turns their order round."""
    inner, parameters = select(queryset, columns)
    order = f"ORDER BY q._position{' DESC' if backwards else ''}"
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


def select(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> tuple[str, tuple[Any, ...]]:
    """SQL of the key and the columns, in their order."""
    selected = queryset.values_list("pk", *(column.source for column in columns))
    sql, parameters = selected.query.sql_with_params()
    return sql, tuple(parameters)


def _body(columns: tuple[Column, ...], shape: str, order: str) -> str:
    if shape == "records":
        return _array(json_object(columns), order)
    arrays = (f"'\"{column.name}\":' || {_array(json_value(column), order)}" for column in columns)
    return f"""'{{' || {" || ',' || ".join(arrays)} || '}}'"""


def _array(values: str, order: str) -> str:
    return f"'[' || coalesce({_shown(f'string_agg({values}, chr(44) {order})')}, '') || ']'"


def _shown(aggregate: str) -> str:
    return f"{aggregate} FILTER (WHERE q._position <= shown.most)"

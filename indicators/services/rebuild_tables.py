"""The tables of a full rebuild that no reader knows: what is to come into each computed table, and what is to
go out of it.

Where aggregates and standings are empty, as after a first load, what comes is everything, and the table that
takes it is made to become the live one (``swapping``). Otherwise it holds the few rows that differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import polars as pl
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from indicators.models import Contradiction, IndexScore
from indicators.services.binary_rows import Table, copy_rows, microseconds
from indicators.services.columns import copy_in
from indicators.services.computing import TABLES
from indicators.services.swapping import create_twin, indexes, make_index, swap

#: All that is computed.
STAGED: tuple[type[Model], ...] = (*TABLES, IndexScore, Contradiction)


def create_staging(*, may_be_whole: bool) -> None:
    """Empty ones, instead of those that a rebuild left behind."""
    whole = may_be_whole and not any(table._default_manager.exists() for table in TABLES)
    with connection.cursor() as cursor:
        for table in STAGED:
            live, staged = table._meta.db_table, _staging(table)
            cursor.execute(f"DROP TABLE IF EXISTS {staged}, {staged}_gone")
            cursor.execute(f"CREATE UNLOGGED TABLE {staged}_gone (id bigint, indicator_id bigint)")
            if whole and table in TABLES:
                create_twin(live, staged)
                continue
            cursor.execute(f"CREATE UNLOGGED TABLE {staged} (LIKE {live})")
            cursor.execute(
                f"ALTER TABLE {staged} ALTER id DROP NOT NULL, ADD COLUMN IF NOT EXISTS indicator_id bigint"
            )


def is_whole() -> bool:
    """Whether all aggregates and standings are staged, not only those that differ."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence = 'p' FROM pg_class WHERE oid = %s::regclass", [_staging(TABLES[0])]
        )
        return bool(cursor.fetchone()[0])


def indexes_to_make() -> list[str]:
    """The names of those that tables which were staged whole need, what takes longest first."""
    tables = reversed(TABLES) if is_whole() else ()
    return [name for table in tables for name in indexes(table._meta.db_table)]


def make_staged_index(name: str) -> None:
    """One of ``indexes_to_make``. All rows should be staged: keeping an index costs more than making it."""
    for table in TABLES:
        if name in indexes(table._meta.db_table):
            make_index(name, table._meta.db_table, _staging(table))


def stage_columns(model: type[Model], added: Table, gone: Iterable[tuple[int, int]] = ()) -> None:
    """``gone``: ids and indicators of rows that stand and should not."""
    copy_rows(model, added, into=_staging(model), computed_at=microseconds(timezone.now()))
    _stage_gone(model, gone)


def stage_rows(
    model: type[Model], fresh: Sequence[tuple[Model, int]], stale: Iterable[tuple[Model, int]]
) -> None:
    """Rows (each with its indicator) that should stand, and those that stand and should not."""
    columns = [name for name in _columns(model) if name != "indicator_id"]
    rows = [[*(_text(getattr(row, name)) for name in columns), str(indicator)] for row, indicator in fresh]
    schema = dict.fromkeys([*columns, "indicator_id"], pl.String)
    copy_in(_staging(model), pl.DataFrame(rows, schema=schema, orient="row"))
    _stage_gone(model, ((row.pk, indicator) for row, indicator in stale))


def _stage_gone(model: type[Model], gone: Iterable[tuple[int, int]]) -> None:
    schema = {"id": pl.Int64, "indicator_id": pl.Int64}
    copy_in(f"{_staging(model)}_gone", pl.DataFrame(list(gone), schema=schema, orient="row"))


def forget(indicators: Iterable[int]) -> None:
    """Drop what is staged of ``indicators`` (keys; scores of an index are of its published total)."""
    with connection.cursor() as cursor:
        for table in STAGED:
            for name in (_staging(table), f"{_staging(table)}_gone"):
                cursor.execute(f"DELETE FROM {name} WHERE indicator_id = ANY(%s)", [list(indicators)])


def count_differences() -> int:
    """How many rows are wrong, missing or too many."""
    found = 0
    with connection.cursor() as cursor:
        for table in STAGED:
            staged = _staging(table)
            cursor.execute(f"SELECT (SELECT count(*) FROM {staged}), (SELECT count(*) FROM {staged}_gone)")
            found += max(cursor.fetchone())
    return found


def put_in_place() -> None:
    """Differences go into the tables; tables that were staged whole take the place of the empty ones, or
    their rows are written into these where readers or the schema do not let them.

    To be called last in its transaction: readers wait for its end.
    """
    whole = is_whole()
    for table in STAGED:
        if not (whole and table in TABLES):
            _write(table, f"id IN (SELECT id FROM {_staging(table)}_gone)")
    if whole and not swap({table._meta.db_table: _staging(table) for table in TABLES}):
        for table in TABLES:
            _write(table, "true")  # what was published meanwhile is staged too


def drop_staging() -> None:
    with connection.cursor() as cursor:
        for table in STAGED:
            cursor.execute(f"DROP TABLE IF EXISTS {_staging(table)}, {_staging(table)}_gone")


def _write(table: type[Model], stale: str) -> None:
    columns = ", ".join(f'"{column}"' for column in _columns(table))
    live = table._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {live} WHERE {stale}")
        cursor.execute(f"INSERT INTO {live} ({columns}) SELECT {columns} FROM {_staging(table)}")


def _text(value: object) -> str | None:
    if value is None:
        return None
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _columns(table: type[Model]) -> list[str]:
    """All but the id, which is given on the way into the table."""
    return [field.column for field in table._meta.concrete_fields if field.column != "id"]


def _staging(table: type[Model]) -> str:
    return f"{table._meta.db_table}_rebuild"

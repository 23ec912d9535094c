"""Parquet: typed columns for pandas, Polars, DuckDB and R, written without holding the rows in memory."""

from __future__ import annotations

import tempfile
from typing import IO, Any

import polars as pl
from django.db.models import QuerySet

from api.columns import Column, Type
from api.streams import stream_plain

# As they stand in the plain cells that COPY writes.
_READ = {
    Type.DATE: pl.Date,
    Type.INSTANT: pl.Int64,  # microseconds since 1970
    Type.NUMBER: pl.Float64,
    Type.INTEGER: pl.Int64,
    Type.BOOLEAN: pl.Boolean,
}


def write_parquet(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> IO[bytes]:
    """Dates as dates, instants in UTC, numbers as doubles, lists of codes as lists, objects as JSON."""
    parquet = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with tempfile.NamedTemporaryFile(suffix=".csv") as table:
        table.writelines(stream_plain(queryset, columns, whole=whole))
        table.flush()
        schema = {column.name: _READ.get(column.type, pl.String) for column in columns}
        rows = pl.scan_csv(table.name, has_header=False, schema=schema)
        rows.with_columns(*map(_typed, columns)).sink_parquet(parquet, compression="zstd")
    parquet.seek(0)
    return parquet


def _typed(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.type is Type.INSTANT:
        return cell.cast(pl.Datetime("us", "UTC"))
    if column.type is Type.CODES:
        return (
            pl.when(cell == "")
            .then(pl.lit([], pl.List(pl.String)))
            .otherwise(cell.str.split(";"))
            .alias(column.name)
        )
    return cell

"""Parquet: typed columns for pandas, Polars, DuckDB and R, a group of rows after the other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import polars as pl
from django.db.models import QuerySet
from polars.io.plugins import register_io_source

from api.columns import Column, Type
from api.streams import begun, stream_plain

# As they stand in the plain cells that COPY writes.
_READ = {
    Type.DATE: pl.Date,
    Type.INSTANT: pl.Int64,  # microseconds since 1970
    Type.NUMBER: pl.Float64,
    Type.INTEGER: pl.Int64,
    Type.BOOLEAN: pl.Boolean,
}
# What is in memory at once: as much text is read, and as many rows are written, together.
_READ_AT_ONCE = 512 * 1024
_GROUP = 16_384


def write_parquet(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> IO[bytes]:
    """Dates as dates, instants in UTC, numbers as doubles, lists of codes as lists, objects as JSON."""
    # Begun here: Polars asks for the rest in a thread of its own, which has another connection.
    return parquet_of(begun(stream_plain(queryset, columns, whole=whole)), columns)


def parquet_of(chunks: Iterable[bytes], columns: tuple[Column, ...]) -> IO[bytes]:
    """From plain cells as CSV; each chunk holds whole rows."""
    parquet = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    source = register_io_source(
        lambda *_pushed_down: _frames(chunks, columns), schema=_frame(b"", columns).schema
    )
    source.sink_parquet(parquet, compression="zstd", row_group_size=_GROUP)
    parquet.seek(0)
    return parquet


def _frames(chunks: Iterable[bytes], columns: tuple[Column, ...]) -> Iterator[pl.DataFrame]:
    gathered = bytearray()
    for chunk in chunks:
        gathered += chunk
        if len(gathered) >= _READ_AT_ONCE:
            yield _frame(bytes(gathered), columns)
            gathered.clear()
    if gathered:
        yield _frame(bytes(gathered), columns)


def _frame(text: bytes, columns: tuple[Column, ...]) -> pl.DataFrame:
    schema = {column.name: _READ.get(column.type, pl.String) for column in columns}
    rows = pl.read_csv(text, has_header=False, schema=schema) if text else pl.DataFrame(schema=schema)
    return rows.with_columns(*map(_typed, columns))


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

"""Columns in and out of PostgreSQL: COPY into NumPy arrays, and back.

Reading goes by COPY BINARY over columns that are never null and eight bytes wide, so that the answer is one
array of fixed-width records (docs/benchmarks.md has the comparison with row objects).
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import (
    BooleanField,
    CharField,
    Expression,
    FloatField,
    IntegerField,
    Model,
    QuerySet,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from indicators.core.frames import NONE, Facts
from indicators.models import Observation

_INTEGERS = ["indicator", "period", "category", "province", "observation"]
_FLOATS = ["value", "lower", "upper", "numerator", "denominator"]
_SIGNATURE = 11  # bytes; two four-byte words follow: flags and the length of the header's extension


class _Bigint(IntegerField):  # type: ignore[type-arg]
    def db_type(self, connection: Any) -> str:
        return "bigint"


def read_facts(observations: QuerySet[Observation]) -> Facts:
    """``observations`` (already narrowed to usable, preferred rows) as columns."""
    whole: dict[str, Combinable | str] = {
        "category": Coalesce("category_id", Value(NONE)),
        "observation": "id",
    }
    names = {name: whole.get(name, f"{name}_id") for name in _INTEGERS}
    selected: dict[str, Expression] = {f"i_{name}": Cast(source, _Bigint()) for name, source in names.items()}
    missing = Value("NaN", FloatField())
    selected |= {f"f_{name}": Coalesce(Cast(name, FloatField()), missing) for name in _FLOATS}
    records = _copy_out(observations.values(**selected))
    columns: dict[str, Any] = {name: records[f"i_{name}"].astype(np.int64) for name in _INTEGERS}
    columns |= {name: records[f"f_{name}"].astype(np.float64) for name in _FLOATS}
    return Facts(**columns)


def _copy_out(rows: Any) -> NDArray[np.void]:
    """A values queryset of bigint (i_…) and double precision (f_…) columns as big-endian records."""
    names = list(rows.query.values_select) + list(rows.query.annotation_select)
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name in names:
        fields += [(f"length of {name}", ">i4"), (name, ">i8" if name.startswith("i_") else ">f8")]
    sql, parameters = rows.query.sql_with_params()
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer)
    data = buffer.getbuffer()
    extension = int.from_bytes(data[_SIGNATURE + 4 : _SIGNATURE + 8], "big")
    body = data[_SIGNATURE + 8 + extension : -2]  # the last two bytes are the end mark
    return np.frombuffer(body, dtype=np.dtype(fields))


def table_frame(model: type[Model], parts: list[pl.DataFrame]) -> pl.DataFrame:
    """``parts`` (columns named as the table of ``model`` has them; NaN means null) as one, in its types."""
    parts = [part for part in parts if not part.is_empty()]
    if not parts:
        return pl.DataFrame()
    frame = pl.concat(parts, rechunk=False)
    whole = [name for name in frame.columns if not isinstance(_field(model, name), FloatField)]
    return frame.with_columns(pl.selectors.float().fill_nan(None)).with_columns(
        (pl.selectors.by_name(whole) & pl.selectors.float()).cast(pl.Int64)
    )


def copy_in(table: str, frame: pl.DataFrame) -> int:
    """Append ``frame`` to ``table``, whose columns it names: rows written."""
    if frame.is_empty():
        return 0
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False)
    buffer.seek(0)
    listed = ", ".join(f'"{name}"' for name in frame.columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({listed}) FROM STDIN (FORMAT csv)", buffer)
    return frame.height


def copy_out(model: type[Model], columns: list[str], condition: str, parameters: list[Any]) -> pl.DataFrame:
    """The rows of ``model`` that meet an SQL ``condition``, with their ids; truth values as 0 and 1."""
    kinds = {name: _field(model, name) for name in ["id", *columns]}
    listed = ", ".join(
        f'"{name}"::int' if isinstance(field, BooleanField) else f'"{name}"' for name, field in kinds.items()
    )
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        sql = f"SELECT {listed} FROM {model._meta.db_table} WHERE {condition}"  # names of our own tables only
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", buffer)
    return pl.read_csv(
        buffer.getvalue(),
        has_header=False,
        schema={name: _type(field) for name, field in kinds.items()},
        raise_if_empty=False,
    )


def _type(field: Any) -> type[pl.DataType]:
    if isinstance(field, FloatField):
        return pl.Float64
    return pl.String if isinstance(field, CharField) else pl.Int64


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)

"""Columns in and out of PostgreSQL: COPY into NumPy arrays, and back.

Reading goes by COPY BINARY over columns that are never null and eight bytes wide, so that the answer is one
array of fixed-width records (docs/benchmarks.md has the comparison with row objects).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import (
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

from indicators.core.arrays import paired
from indicators.core.frames import NONE, Facts
from indicators.models import Observation

_INTEGERS = ["indicator", "period", "category", "province", "observation"]
_FLOATS = ["value", "lower", "upper", "numerator", "denominator"]
_SIGNATURE = 11  # bytes; two four-byte words follow: flags and the length of the header's extension


class _Bigint(IntegerField):  # type: ignore[type-arg]
    def db_type(self, connection: Any) -> str:
        return "bigint"


def read_facts(observations: QuerySet[Observation]) -> Facts:
    """The preferred rows among ``observations`` (already narrowed to usable ones) as columns."""
    return _preferred(Facts(**read_columns(observations.order_by(), _INTEGERS, _FLOATS)))


def read_usable_facts(indicators: list[int], *, simulated: bool) -> Facts:
    """The same of the usable facts of ``indicators`` (keys) as they stand."""
    sql, parameters, kinds = _usable(simulated)
    records = _copy_binary(f"{sql} AND indicator_id = ANY(%s)", [*parameters, indicators], kinds)
    return _preferred(Facts(**_split(records, _INTEGERS, _FLOATS)))


@cache
def _usable(simulated: bool) -> tuple[str, list[Any], dict[str, Any]]:
    """Putting the statement together takes longer than reading a few hundred facts: once is enough."""
    stated = Observation.objects.current().filter(simulated=simulated).usable()
    return _statement(stated.order_by(), _INTEGERS, _FLOATS)


def _preferred(facts: Facts) -> Facts:
    """One row a fact. Few have several sources: sorting all of them by preference in the database costs
    several times more than reading them."""
    key = paired(facts.province, facts.indicator, facts.period, facts.category)
    order = np.argsort(key, kind="stable")
    same = np.diff(key[order]) == 0
    if same.any():
        several = order[np.append(same, False) | np.append(False, same)]
        stated = Observation.objects.filter(pk__in=facts.observation[several].tolist())
        others = np.setdiff1d(
            facts.observation[several], list(stated.preferred().values_list("pk", flat=True))
        )
        order = order[~np.isin(facts.observation[order], others)]
    return Facts(**{name: getattr(facts, name)[order] for name in Facts.__dataclass_fields__})


def read_columns(
    observations: QuerySet[Observation], keys: list[str], numbers: list[str]
) -> dict[str, NDArray[Any]]:
    """``keys`` (what the rows refer to, and ``observation`` for the rows' own; 0 where there is none) and
    ``numbers`` (NaN where missing) of ``observations``."""
    return _split(_copy_binary(*_statement(observations, keys, numbers)), keys, numbers)


def _statement(
    observations: QuerySet[Observation], keys: list[str], numbers: list[str]
) -> tuple[str, list[Any], dict[str, Any]]:
    """SQL, its parameters, and the columns that it gives: bigint (i_…) and double precision (f_…)."""
    whole: dict[str, Combinable | str] = {
        "category": Coalesce("category_id", Value(NONE)),
        "observation": "id",
    }
    names = {name: whole.get(name, f"{name}_id") for name in keys}
    selected: dict[str, Expression] = {f"i_{name}": Cast(source, _Bigint()) for name, source in names.items()}
    missing = Value("NaN", FloatField())
    selected |= {f"f_{name}": Coalesce(Cast(name, FloatField()), missing) for name in numbers}
    query = observations.values(**selected).query
    found = [*query.values_select, *query.annotation_select]
    sql, parameters = query.sql_with_params()
    return sql, list(parameters), {name: FloatField() if name.startswith("f_") else None for name in found}


def _split(records: NDArray[np.void], keys: list[str], numbers: list[str]) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {name: records[f"i_{name}"].astype(np.int64) for name in keys}
    return columns | {name: records[f"f_{name}"].astype(np.float64) for name in numbers}


def _copy_binary(sql: str, parameters: Any, kinds: Mapping[str, Any]) -> NDArray[np.void]:
    """A query of columns that are never null, bigint but for the ``FloatField`` ones, as big-endian
    records."""
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name, field in kinds.items():
        fields += [(f"length of {name}", ">i4"), (name, ">f8" if isinstance(field, FloatField) else ">i8")]
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer)
    data = buffer.getbuffer()
    extension = int.from_bytes(data[_SIGNATURE + 4 : _SIGNATURE + 8], "big")
    body = data[_SIGNATURE + 8 + extension : -2]  # the last two bytes are the end mark
    return np.frombuffer(body, dtype=np.dtype(fields))


def table_frame(model: type[Model], frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` (columns named as the table of ``model`` has them; NaN means null) in the types of the
    table."""
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


def copy_out(
    model: type[Model], columns: list[str], words: dict[str, list[str]], condition: str, parameters: list[Any]
) -> pl.DataFrame:
    """The rows of ``model`` that meet an SQL ``condition``, with their ids, as numbers alone: missing is
    NaN or 0, truth is 0 and 1, and a text is its place in ``words`` (from 1; 0 for any other)."""
    kinds = {name: _field(model, name) for name in ["id", *columns]}
    listed = ", ".join(_as_number(name, field, words) for name, field in kinds.items())
    sql = f"SELECT {listed} FROM {model._meta.db_table} WHERE {condition}"  # names of our own tables only
    records = _copy_binary(sql, [*(words[name] for name in kinds if name in words), *parameters], kinds)
    return pl.DataFrame({name: records[name].astype(records[name].dtype.newbyteorder("=")) for name in kinds})


def _as_number(name: str, field: Any, words: dict[str, list[str]]) -> str:
    if isinstance(field, FloatField):
        return f"coalesce(\"{name}\", 'NaN')"
    if name in words:
        return f'coalesce(array_position(%s::text[], "{name}"::text), 0)::bigint'
    return f'coalesce("{name}"::int, 0)::bigint'


def as_numbers(frame: pl.DataFrame, like: pl.DataFrame, words: dict[str, list[str]]) -> pl.DataFrame:
    """The rows of ``frame`` in the form of ``copy_out``, for the columns that ``like`` has besides its
    ids."""
    places = {
        name: pl.col(name).replace_strict({w: n for n, w in enumerate(known, start=1)}, default=0)
        for name, known in words.items()
        if name in like.columns
    }
    missing = {
        name: pl.col(name).fill_null(float("nan") if kind.is_float() else 0)
        for name, kind in like.schema.items()
        if name in frame.columns and name not in places
    }
    return frame.select(
        (missing | places)[name].cast(kind).alias(name) for name, kind in like.schema.items() if name != "id"
    )


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)

"""Columns in and out of PostgreSQL: COPY into NumPy arrays, and back.

Reading goes by COPY BINARY over columns that are never null and eight bytes wide, so that the answer is one
array of fixed-width records (docs/benchmarks.md has the comparison with row objects).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import (
    Case,
    Expression,
    F,
    FloatField,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from numpy.typing import NDArray

from indicators.core.arrays import paired
from indicators.core.frames import NONE, Facts
from indicators.models import Observation
from indicators.services.stating import stated_count

_KEYS = ["indicator", "period", "category", "province", "spoken"]
_FLOATS = ["value", "lower", "upper", "numerator", "denominator"]
_IN_WORDS = ~Q(numerator_as_stated="") & Q(numerator_as_stated__regex="[^0-9., ]")
_IN_WORDS |= ~Q(denominator_as_stated="") & Q(denominator_as_stated__regex="[^0-9., ]")
_SIGNATURE = 11  # bytes; two four-byte words follow: flags and the length of the header's extension


class _Bigint(IntegerField):  # type: ignore[type-arg]
    def db_type(self, connection: Any) -> str:
        return "bigint"


def read_facts(observations: QuerySet[Observation]) -> Facts:
    """The preferred rows among ``observations`` (already narrowed to usable ones) as columns."""
    return _facts(read_columns(observations.order_by(), _KEYS, _FLOATS))


def read_usable_facts(indicators: list[int], *, simulated: bool) -> Facts:
    """The same of the usable facts of ``indicators`` (keys) as they stand."""
    sql, parameters, types = _usable(simulated)
    records = copy_records(f"{sql} AND indicator_id = ANY(%s)", [*parameters, indicators], types)
    return _facts(_split(records, _KEYS, _FLOATS))


@cache
def _usable(simulated: bool) -> tuple[str, list[Any], dict[str, str]]:
    """Putting the statement together takes longer than reading a few hundred facts: once is enough."""
    stated = Observation.objects.current().filter(simulated=simulated).usable()
    return _statement(stated.order_by(), _KEYS, _FLOATS)


def _facts(columns: dict[str, NDArray[Any]]) -> Facts:
    spoken = columns.pop("spoken")
    facts = Facts(**columns, observation=np.abs(spoken))
    return _preferred(_with_counts(facts, np.flatnonzero(spoken < 0)) if (spoken < 0).any() else facts)


def _with_counts(facts: Facts, rows: NDArray[np.int64]) -> Facts:
    """``facts`` with how far the counts of some rows are left open by their words."""
    keys = facts.observation[rows].tolist()
    told = Observation.objects.in_bulk(keys)
    counts = facts.bounds_of_counts()
    for row, key in zip(rows.tolist(), keys, strict=True):
        one = told[key]
        texts = (one.numerator, one.numerator_as_stated), (one.denominator, one.denominator_as_stated)
        for place, (count, words) in enumerate(texts):
            if count is not None:
                around = stated_count(count, words).plausible
                ends = (around.lower, around.upper)
                counts[row, 2 * place : 2 * place + 2] = [float(end) for end in ends if end is not None]
    return replace(facts, counts=counts)


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
    return facts.taken(order)


def read_columns(
    observations: QuerySet[Observation], keys: list[str], numbers: list[str]
) -> dict[str, NDArray[Any]]:
    """``keys`` (what the rows refer to, 0 where there is none; ``observation`` is the rows' own, and
    ``spoken`` the same, negative where counts are stated in words) and ``numbers`` (NaN where missing) of
    ``observations``."""
    return _split(copy_records(*_statement(observations, keys, numbers)), keys, numbers)


def _statement(
    observations: QuerySet[Observation], keys: list[str], numbers: list[str]
) -> tuple[str, list[Any], dict[str, str]]:
    """SQL, its parameters, and the columns that it gives: bigint (i_…) and double precision (f_…)."""
    whole: dict[str, Combinable | str] = {
        "category": Coalesce("category_id", Value(NONE)),
        "observation": "id",
        "spoken": Case(When(_IN_WORDS, then=-F("id")), default=F("id"), output_field=_Bigint()),
    }
    names = {name: whole.get(name, f"{name}_id") for name in keys}
    selected: dict[str, Expression] = {f"i_{name}": Cast(source, _Bigint()) for name, source in names.items()}
    missing = Value("NaN", FloatField())
    selected |= {f"f_{name}": Coalesce(Cast(name, FloatField()), missing) for name in numbers}
    query = observations.values(**selected).query
    found = [*query.values_select, *query.annotation_select]
    sql, parameters = query.sql_with_params()
    return sql, list(parameters), {name: ">f8" if name.startswith("f_") else ">i8" for name in found}


def _split(records: NDArray[Any], keys: list[str], numbers: list[str]) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {name: records[f"i_{name}"].astype(np.int64) for name in keys}
    return columns | {name: records[f"f_{name}"].astype(np.float64) for name in numbers}


def copy_records(sql: str, parameters: Any, types: Mapping[str, str]) -> NDArray[Any]:
    """A query of columns that are never null and of these fixed-width ``types``, as big-endian records."""
    fields: list[tuple[str, str]] = [("columns", ">i2")]
    for name, kind in types.items():
        fields += [(f"length of {name}", ">i4"), (name, kind)]
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


def _field(model: type[Model], column: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.column == column)

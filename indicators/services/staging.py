"""Facts as columns in a table of their own for the length of one transaction, compared with what is current.

Numbers go in as text and are compared by their digits: 1.0 and 1.00 say different things about precision.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import polars as pl
from django.db import connection

from indicators.core.stated_columns import unit_exponents
from indicators.models import Confidence, Indicator, Qualifier, Status

KEYS = ("province", "indicator", "period", "category", "source")
NUMBERS = ("value", "numerator", "denominator")
#: Columns that a frame of facts may leave out, and what they then say.
TEXTS = {
    "place": "",
    "qualifier": Qualifier.EXACT.value,
    "as_stated": "",
    "numerator_as_stated": "",
    "denominator_as_stated": "",
    "status": Status.FINAL.value,
    "missing_reason": "",
    "confidence": Confidence.READ.value,
    "note_vi": "",
    "note_en": "",
}
RANKS = ("stated_rank", "stated_rank_of")
FACT_SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(KEYS, pl.Int64),
    **dict.fromkeys(NUMBERS, pl.String),
    **dict.fromkeys(TEXTS, pl.String),
    **dict.fromkeys(RANKS, pl.Int32),
    "derived": pl.Boolean,
}
CONTENT = (*NUMBERS, *TEXTS, *RANKS, "derived")

_CHUNK = 50_000
_LARGE = 5_000  # rows from which the planner has to be told what it joins

_CREATE = f"""
DROP TABLE IF EXISTS pg_temp.staged_fact, pg_temp.fresh_fact;
CREATE TEMPORARY TABLE staged_fact (
    line integer NOT NULL,
    {", ".join(f"{key}_id bigint" for key in KEYS)},
    {", ".join(f"{name} numeric" for name in NUMBERS)},
    unit numeric,
    {", ".join(f"{name} text NOT NULL DEFAULT '{default}'" for name, default in TEXTS.items())},
    {", ".join(f"{name} smallint" for name in RANKS)},
    derived boolean NOT NULL DEFAULT false
) ON COMMIT DROP;
"""
_DIFFERS = " OR ".join(
    [
        *(
            f"o.{name} IS DISTINCT FROM s.{name} OR scale(o.{name}) IS DISTINCT FROM scale(s.{name})"
            for name in NUMBERS
        ),
        *(f"o.{name} <> s.{name}" for name in (*TEXTS, "derived")),
        *(f"o.{name} IS DISTINCT FROM s.{name}" for name in RANKS),
    ]
)
#: ``o`` is the current row of the same source for the same fact. The first four keys are never null and join;
#: the category may be.
MATCH_CURRENT = """
    indicators_observation o ON o.superseded_at IS NULL
        AND o.province_id = s.province_id AND o.indicator_id = s.indicator_id AND o.period_id = s.period_id
        AND o.source_id = s.source_id AND o.category_id IS NOT DISTINCT FROM s.category_id
"""
_COMPARE = f"""
CREATE TEMPORARY TABLE fresh_fact ON COMMIT DROP AS
SELECT s.line, o.id AS supersedes_id FROM staged_fact s LEFT JOIN {MATCH_CURRENT}
WHERE o.id IS NULL OR {_DIFFERS};
SELECT count(*), count(supersedes_id) FROM fresh_fact;
"""

_DIFFERENCE_SCHEMA: dict[str, type[pl.DataType]] = {
    "line": pl.Int64,
    "changed": pl.Boolean,
    "old_value": pl.String,
    "old_qualifier": pl.String,
    "old_as_stated": pl.String,
    "old_missing_reason": pl.String,
}
_DIFFERENCES = """
COPY (
    SELECT f.line, CASE WHEN o.id IS NULL THEN 'false' ELSE 'true' END,
        o.value, o.qualifier, o.as_stated, o.missing_reason
    FROM fresh_fact f LEFT JOIN indicators_observation o ON o.id = f.supersedes_id ORDER BY f.line
) TO STDOUT (FORMAT csv)
"""


def stage(facts: Iterable[pl.DataFrame], progress: Callable[[int], None] | None = None) -> int:
    """Copy frames of facts (``FACT_SCHEMA``; only keys and value must be there) into ``staged_fact``; returns
    the number of rows, which ``line`` counts from 0. ``progress`` is told how many are in. The table goes
    with the transaction or the next call.

    Raises ValueError for two facts with one key or a missing key, UnreadableNumber for an impossible value.
    """
    measures = pl.DataFrame(
        list(Indicator.objects.values_list("id", "measure")),
        schema={"indicator": pl.Int64, "measure": pl.String},
        orient="row",
    )
    staged, keys = 0, []
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        for frame in facts:
            for chunk in frame.iter_slices(_CHUNK):
                checked = _with_units(_in_schema(chunk), measures).with_row_index("line", offset=staged)
                keys.append(checked.select(KEYS))
                _copy(cursor, checked)
                staged += chunk.height
                if progress:
                    progress(staged)
        _refuse_doubles(keys)
        if staged >= _LARGE:
            cursor.execute("ANALYZE staged_fact")
    return staged


def compare() -> tuple[int, int]:
    """Find the staged facts that are new or that their source now states otherwise (``fresh_fact``: line and
    the row that it supersedes); returns how many are new and how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE)
        fresh, changed = cursor.fetchone()
        if fresh >= _LARGE:
            cursor.execute("ANALYZE fresh_fact")
    return fresh - changed, changed


def differences() -> pl.DataFrame:
    """The fresh facts by ``line``, and what the row that each would supersede says: ``changed`` false and
    the rest null where there is none. Numbers are text."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(_DIFFERENCES, buffer)
    buffer.seek(0)
    return pl.read_csv(buffer, has_header=False, schema=_DIFFERENCE_SCHEMA, raise_if_empty=False)


def _in_schema(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of the right types; null where a text or flag has a default is that default."""
    unknown = set(frame.columns) - set(FACT_SCHEMA)
    if unknown:
        raise ValueError(f"A fact has no {', '.join(sorted(unknown))}.")
    named = {name: dtype for name, dtype in FACT_SCHEMA.items() if name in frame.columns}
    frame = frame.select(pl.col(name).cast(dtype) for name, dtype in named.items())
    defaults = {name: value for name, value in {**TEXTS, "derived": False}.items() if name in frame.columns}
    return frame.with_columns(
        *(pl.col(name).fill_null(value) for name, value in defaults.items()),
        *(pl.lit(None, FACT_SCHEMA[name]).alias(name) for name in KEYS if name not in frame.columns),
    )


def _with_units(frame: pl.DataFrame, measures: pl.DataFrame) -> pl.DataFrame:
    """``unit``: what the last significant digit of the value is worth, as text; null without a value."""
    read = frame.select(
        "indicator",
        "value",
        *(pl.col(n) if n in frame.columns else pl.lit(TEXTS[n]).alias(n) for n in ("qualifier", "as_stated")),
    ).join(measures, on="indicator", how="left", maintain_order="left")
    exponents = unit_exponents(read)
    return frame.with_columns(pl.format("1e{}", exponents.alias("unit")))


def _refuse_doubles(keys: list[pl.DataFrame]) -> None:
    if not keys:
        return
    together = pl.concat(keys)
    if together.select(pl.col(key) for key in KEYS if key != "category").null_count().sum_horizontal()[0]:
        raise ValueError("A fact needs its province, indicator, period and source.")
    if together.n_unique() != together.height:
        raise ValueError("Two facts speak of the same province, indicator, period, category and source.")


def _copy(cursor: Any, frame: pl.DataFrame) -> None:
    columns = [f"{name}_id" if name in KEYS else name for name in frame.columns]
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False)
    buffer.seek(0)
    cursor.copy_expert(f"COPY staged_fact ({', '.join(columns)}) FROM STDIN (FORMAT csv)", buffer)

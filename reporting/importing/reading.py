"""A table as facts: each column resolved, each row either a fact or refused with every reason found.

Work goes by the column. What is looked up is looked up once for each different word and joined back, so that
378,000 rows cost little more than the thousands of names in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from indicators.core.periods import Period as CorePeriod
from indicators.core.stated import Measure, Qualifier, StatedNumberError, parse_stated
from indicators.core.stated_columns import read_texts
from indicators.models import Indicator
from provinces.vietnamese import search_key
from reporting.importing import resolving
from reporting.importing.headings import RECOGNISED, assign
from reporting.importing.number_formats import MOST_DECIMALS
from reporting.importing.resolving import Names, Problem
from reporting.importing.tables import Table

_PROBLEMS = {"row": pl.Int64, "field": pl.String, "code": pl.String, "params": pl.String}
_LONGEST = {"value": 200, "numerator": 100, "denominator": 100, "place": 300, "note": 10_000}
_COUNTS = ("numerator", "denominator")


@dataclass(frozen=True)
class ReadTable:
    """``words``: the rows as written, a column for every field and ``row``. ``facts``: those that are read,
    in the columns of ``staging.FACT_SCHEMA`` and ``row``; a period that has no row yet has a negative number
    there, which ``new_periods`` explains. ``problems``: row, field, code and params (JSON) of the others.
    """

    words: pl.DataFrame
    facts: pl.DataFrame
    problems: pl.DataFrame
    new_periods: dict[int, CorePeriod]
    ignored: list[str]
    sheet: str


@dataclass
class _Rows:
    """The table while it is read: words as columns, keys added one after the other, problems collected."""

    frame: pl.DataFrame
    problems: list[pl.DataFrame] = field(default_factory=list)

    def refuse(self, rows: pl.DataFrame, name: str, code: str, **params: str) -> None:
        """``rows`` need a column ``row``; ``text``, where they have it, becomes a parameter."""
        if rows.is_empty():
            return
        given = pl.lit(json.dumps(params, ensure_ascii=False))
        if "text" in rows.columns:
            given = pl.struct("text", *(pl.lit(v).alias(k) for k, v in params.items())).struct.json_encode()
        told = rows.select("row", field=pl.lit(name), code=pl.lit(code), params=given)
        self.problems.append(told.cast(_PROBLEMS))  # type: ignore[arg-type]

    def refuse_words(self, hit: pl.DataFrame, words: list[str], refused: list[tuple[Any, ...]]) -> None:
        """Refuse those rows of ``hit`` whose ``words`` are in ``refused``: (*words, field, code, params)."""
        if not refused:
            return
        schema = {word: hit.schema[word] for word in words} | dict.fromkeys(
            ("field", "code", "params"), pl.String
        )
        named = pl.DataFrame(refused, schema=schema, orient="row")
        joined = hit.select("row", *words).join(named, on=words, how="inner", nulls_equal=True)
        self.problems.append(joined.select(list(_PROBLEMS)).cast(_PROBLEMS))  # type: ignore[arg-type]

    def look_up(
        self,
        words: list[str],
        name: str,
        find: Callable[..., Any],
        result: Callable[[Any], tuple[Any, ...]],
        schema: Mapping[str, Any],
    ) -> None:
        """Join what ``find`` says of each different combination of ``words``; where it is a Problem, refuse.
        Rows that lack the last of them are passed over."""
        distinct = (
            self.frame.select(words).filter(pl.col(words[-1]).is_not_null()).unique(maintain_order=True)
        )
        found, refused = [], []
        for row in distinct.iter_rows():
            answer = find(*row)
            if isinstance(answer, Problem):
                params = json.dumps(answer.params, ensure_ascii=False)
                refused.append((*row, answer.field, answer.code, params))
            else:
                found.append((*row, *result(answer)))
        keys = {word: self.frame.schema[word] for word in words}
        answers = pl.DataFrame(found, schema={**keys, **schema}, orient="row")
        self.refuse_words(self.frame, words, refused)
        # Only the words take part in the join: joining the whole table would copy it each time.
        joined = self.frame.select(words).join(
            answers, on=words, how="left", nulls_equal=True, maintain_order="left"
        )
        self.frame = self.frame.hstack(joined.select(list(schema)))


def read_table(
    table: Table,
    *,
    today: date,
    chosen: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
) -> ReadTable:
    """Read every row of ``table``. ``chosen`` and ``constants`` are those of ``headings.assign``; a source is
    needed as a column or as a constant (its code). Raises FileRefused for columns that are not understood.
    """
    constants = {name: value for name, value in (constants or {}).items() if value}
    positions, ignored = assign(table.headings, chosen or {}, constants)
    words = _words(table, positions, constants)
    rows = _Rows(words)
    _refuse_odd(rows, table, positions)
    new_periods = _resolve(rows, Names(), today)
    _read_words(rows)
    if positions.get("value") in table.zeros:
        rows.frame = _with_zeros(rows.frame, table.zeros[positions["value"]])
        words = words.with_columns(rows.frame["value"])
    _read_numbers(rows)
    _check_together(rows)
    _refuse_doubles(rows)
    problems = pl.concat([pl.DataFrame(schema=_PROBLEMS), *rows.problems])
    facts = _facts(rows.frame)
    if not problems.is_empty():
        facts = facts.join(problems.select("row").unique(), on="row", how="anti", maintain_order="left")
    return ReadTable(words, facts, problems, new_periods, ignored, table.sheet)


def _words(table: Table, positions: Mapping[str, int], constants: Mapping[str, str]) -> pl.DataFrame:
    given = {name: pl.lit(value) for name, value in constants.items()}
    columns = {name: pl.col(str(place)) for name, place in positions.items()}
    absent = {name: pl.lit(None, pl.String) for name in RECOGNISED if name not in {*given, *columns}}
    return table.cells.select("row", **columns, **given, **absent)


def _refuse_odd(rows: _Rows, table: Table, positions: Mapping[str, int]) -> None:
    """Dates in place of numbers or periods, errors, truth values: a spreadsheet's guesses."""
    fields = {place: name for name, place in positions.items() if name not in ("note", "place")}
    for (row, place), kind in table.odd.items():
        if place in fields:
            hit = rows.frame.select("row", text=pl.col(fields[place])).filter(pl.col("row") == row)
            rows.refuse(hit, fields[place], f"{kind}_cell")


def _resolve(rows: _Rows, names: Names, today: date) -> dict[int, CorePeriod]:
    new: dict[CorePeriod, int] = {}

    def period_key(period: CorePeriod) -> tuple[Any, ...]:
        known = names.periods.get((period.start, period.end))
        key = known if known is not None else new.setdefault(period, -len(new) - 1)
        return key, period.start, period.end

    dates = {"period_id": pl.Int64, "start": pl.Date, "end": pl.Date}
    rows.look_up(["period"], "period", lambda t: resolving.period(t, today), period_key, dates)
    rows.look_up(
        ["start", "end", "province"],
        "province",
        lambda s, e, t: names.province(t, CorePeriod(s, e) if s else None),
        lambda p: (p.pk,),
        {"province_id": pl.Int64},
    )
    indicators: dict[int, Indicator] = {}

    def indicator_key(indicator: Indicator) -> tuple[Any, ...]:
        indicators[indicator.pk] = indicator
        return indicator.pk, indicator.measure

    keys = {"indicator_id": pl.Int64, "measure": pl.String}
    rows.look_up(["indicator"], "indicator", names.indicator, indicator_key, keys)
    rows.look_up(
        ["indicator_id", "category"],
        "category",
        lambda i, t: names.category(t, indicators[i]) if i in indicators else None,
        lambda c: (c.pk if c else None,),
        {"category_id": pl.Int64},
    )
    rows.look_up(["source"], "source", names.source, lambda s: (s.pk,), {"source_id": pl.Int64})
    for name in ("province", "indicator", "period", "source"):
        rows.refuse(rows.frame.filter(pl.col(name).is_null()).select("row"), name, "empty_cell")
    return {key: period for period, key in new.items()}


def _read_words(rows: _Rows) -> None:
    """Qualifier, status and reason as codes, in columns of their own."""
    for name, known in (
        ("qualifier", resolving.QUALIFIERS),
        ("status", resolving.STATUSES),
        ("missing_reason", resolving.MISSING_REASONS),
    ):

        def find(text: str, name: str = name, known: dict[str, str] = known) -> str | Problem:
            code = known.get(search_key(text))
            listed = ", ".join(dict.fromkeys(known.values()))
            return code or Problem(name, "unknown_word", {"text": text, "candidates": listed})

        rows.look_up([name], name, find, lambda code: (code,), {f"{name}_code": pl.String})


def _with_zeros(frame: pl.DataFrame, zeros: pl.DataFrame) -> pl.DataFrame:
    """Values with the zeros that their cells show, but for counts (``workbook.with_zeros`` by the column)."""
    number = pl.col("value").str.strip_suffix("%")
    mark = pl.when(number.str.contains(",", literal=True)).then(pl.lit("")).otherwise(pl.lit(","))
    added = pl.lit("0" * MOST_DECIMALS).str.slice(0, pl.col("zeros"))
    sign = pl.when(pl.col("value").str.ends_with("%")).then(pl.lit("%")).otherwise(pl.lit(""))
    said = pl.col("zeros").is_not_null() & (pl.col("measure") != Measure.COUNT.value)
    joined = frame.join(zeros, on="row", how="left", maintain_order="left")
    padded = pl.when(said).then(number + mark + added + sign).otherwise(pl.col("value"))
    return joined.with_columns(padded.alias("value")).drop("zeros")


def _read_numbers(rows: _Rows) -> None:
    frame = rows.frame
    measures = frame["measure"].fill_null(Measure.SCORE.value)
    read = read_texts(frame["value"], measures, frame["qualifier_code"])
    frame = frame.with_columns(
        value_number=read["value"], qualifier_read=read["qualifier"], estimated=read["estimated"]
    )
    counted = pl.repeat(Measure.COUNT.value, frame.height, eager=True)
    for name in _COUNTS:
        counts = read_texts(frame[name], counted)
        frame = frame.with_columns(counts["value"].alias(f"{name}_number"))
    rows.frame = frame
    understood = pl.col("measure").is_not_null()
    _refuse_unread(rows, "value", understood, ["value", "measure", "qualifier_code"])
    for name in _COUNTS:
        _refuse_unread(rows, name, pl.lit(True), [name])
    for name, longest in _LONGEST.items():
        too_long = rows.frame.filter(pl.col(name).str.len_chars() > longest).select("row")
        rows.refuse(too_long, name, "too_long_cell", maximum=str(longest))


def _refuse_unread(rows: _Rows, name: str, where: pl.Expr, words: list[str]) -> None:
    unread = rows.frame.filter(pl.col(name).is_not_null() & pl.col(f"{name}_number").is_null() & where)
    refused = []
    for text, *known in unread.select(words).unique(maintain_order=True).iter_rows():
        measure, qualifier = known or (Measure.COUNT, None)
        try:
            parse_stated(text, Measure(measure), Qualifier(qualifier) if qualifier else None)
        except StatedNumberError as error:
            params = json.dumps(error.params, ensure_ascii=False)
            refused.append((text, *known, name, error.code, params))
    rows.refuse_words(unread, words, refused)


def _check_together(rows: _Rows) -> None:
    """What the database would refuse, said before it does."""
    frame, value = rows.frame, pl.col("value")
    bare = value.is_null() & pl.col("missing_reason").is_null()
    rows.refuse(frame.filter(bare).select("row"), "value", "no_value_no_reason")
    both = value.is_not_null() & pl.col("missing_reason").is_not_null()
    rows.refuse(frame.filter(both).select("row", text=value), "missing_reason", "value_and_reason")
    zero = pl.col("denominator_number").str.contains(r"^0+$")
    rows.refuse(frame.filter(zero).select("row"), "denominator", "zero_denominator")


def _refuse_doubles(rows: _Rows) -> None:
    keys = ["province_id", "indicator_id", "period_id", "category_id", "source_id"]
    named = rows.frame.select("row", *keys)  # without the words: filtering copies what it keeps
    whole = named.filter(pl.all_horizontal(pl.col(k).is_not_null() for k in keys if k != "category_id"))
    twice = whole.filter(pl.struct(keys).is_duplicated())
    if twice.is_empty():
        return
    first = pl.col("row").min().over(keys)
    other = pl.when(pl.col("row") == first).then(pl.col("row").max().over(keys)).otherwise(first)
    rows.refuse(twice.select("row", text=other.cast(pl.String)), "province", "stated_twice")


def _facts(frame: pl.DataFrame) -> pl.DataFrame:
    status = pl.coalesce(
        "status_code", pl.when(pl.col("estimated")).then(pl.lit("estimated")), pl.lit("final")
    )
    return frame.select(
        "row",
        *(
            pl.col(f"{key}_id").alias(key)
            for key in ("province", "indicator", "period", "category", "source")
        ),
        value=pl.col("value_number"),
        qualifier=pl.col("qualifier_read").fill_null("exact"),
        as_stated=pl.col("value").fill_null(""),
        numerator=pl.col("numerator_number"),
        numerator_as_stated=pl.col("numerator").fill_null(""),
        denominator=pl.col("denominator_number"),
        denominator_as_stated=pl.col("denominator").fill_null(""),
        status=status,
        missing_reason=pl.col("missing_reason_code").fill_null(""),
        note_vi=pl.col("note").fill_null(""),
        place=pl.col("place").fill_null(""),
    )

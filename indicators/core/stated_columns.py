"""Stated numbers by the column: the reading and the unit rule of ``stated.py`` for many rows at once.

Numbers written in digits are read by expressions over whole columns; what has words in it is read once for
each different text by the scalar rule. Both give the same (tests/core/test_stated_columns.py).
"""

from __future__ import annotations

import re
from decimal import Decimal

import polars as pl

from indicators.core.numerals import MAXIMUM_DIGITS
from indicators.core.stated import (
    Measure,
    Qualifier,
    StatedNumberError,
    UnreadableNumber,
    from_value,
    parse_stated,
)

_GROUPS = r"^[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+)$"
_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"
_EXACT = Qualifier.EXACT.value
_READING = {
    "value": pl.String,
    "qualifier": pl.String,
    "exponent": pl.Int32,
    "estimated": pl.Boolean,
}


def read_texts(texts: pl.Series, measures: pl.Series, qualifiers: pl.Series | None = None) -> pl.DataFrame:
    """What ``parse_stated`` makes of every text, row by row: value (plain digits), qualifier, exponent of its
    unit (-2: hundredths), estimated. A row is all null where the text is missing or not read; the scalar
    rule says why. ``qualifiers`` (null where nothing is known) is what another column claims.
    """
    given = pl.Series([None] * len(texts), dtype=pl.String) if qualifiers is None else qualifiers
    frame = pl.DataFrame({"text": texts, "measure": measures, "given": given})
    frame = frame.with_columns(_in_digits().alias("digits"))
    read = frame.with_columns(
        value=_without_leading_zeros(pl.col("digits")),
        qualifier=pl.when(pl.col("digits").is_not_null()).then(pl.col("given").fill_null(_EXACT)),
        estimated=pl.when(pl.col("digits").is_not_null()).then(False),
    ).with_columns(exponent=_exponent())
    in_words = frame.filter(pl.col("text").is_not_null() & pl.col("digits").is_null())
    if in_words.is_empty():
        return read.select(list(_READING))
    words = _read_in_words(in_words.select("text", "measure", "given").unique())
    joined = read.join(
        words,
        on=["text", "measure", "given"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
        suffix=" in words",
    )
    return joined.select(pl.coalesce(name, f"{name} in words").alias(name) for name in _READING)


def _in_digits() -> pl.Expr:
    """The number of ``text`` with a point before its decimals, where it is plain digits with one reading."""
    text, measure = pl.col("text").str.strip_chars(" "), pl.col("measure")
    percent = measure == Measure.PERCENT.value
    bare = pl.when(percent).then(text.str.replace(r" ?%$", "")).otherwise(text)
    whole = bare.str.contains(r"^[0-9]+$")
    count = pl.when(whole | bare.str.contains(_GROUPS)).then(bare.str.replace_all(r"[. ]", ""))
    one_reading = bare.str.contains(r"^[0-9]+[.,][0-9]+$") & ~bare.str.contains(
        r"^[1-9][0-9]{0,2}\.[0-9]{3}$"
    )
    other = pl.when(whole | one_reading).then(bare.str.replace(",", ".", literal=True))
    digits = pl.when(measure == Measure.COUNT.value).then(count).otherwise(other)
    return pl.when(digits.str.replace(".", "", literal=True).str.len_bytes() <= MAXIMUM_DIGITS).then(digits)


def _without_leading_zeros(digits: pl.Expr) -> pl.Expr:
    return digits.str.replace(r"^0+([0-9])", "$1")


def _exponent() -> pl.Expr:
    """The power of ten of the last significant digit of ``value`` (docs/decisions/stated-numbers.md)."""
    value = pl.col("value")
    whole = value.str.strip_prefix("-").str.replace(r"\.0*$", "")
    zeros = (whole.str.len_bytes() - whole.str.strip_chars_end("0").str.len_bytes()).cast(pl.Int32)
    zeros = pl.when(whole.str.contains(r"^0*$")).then(0).otherwise(zeros)
    rounded = pl.when(pl.col("qualifier") == _EXACT).then(0).otherwise(zeros)
    exponent = pl.when(pl.col("measure") == Measure.COUNT.value).then(rounded).otherwise(-_decimals(value))
    return pl.when(value.is_not_null()).then(exponent).cast(pl.Int32)


def _read_in_words(texts: pl.DataFrame) -> pl.DataFrame:
    rows: list[tuple[object, ...]] = []
    for text, measure, given in texts.iter_rows():
        try:
            read = parse_stated(text, Measure(measure), Qualifier(given) if given else None)
        except StatedNumberError:
            rows.append((text, measure, given, None, None, None, None))
        else:
            number = (f"{read.value:f}", read.qualifier.value, read.unit.adjusted(), read.estimated)
            rows.append((text, measure, given, *number))
    schema = {"text": pl.String, "measure": pl.String, "given": pl.String} | _READING
    return pl.DataFrame(rows, schema=schema, orient="row")


def unit_exponents(frame: pl.DataFrame) -> pl.Series:
    """The exponent of the unit of each row of ``value`` (plain digits, null where missing), ``qualifier``,
    ``as_stated`` and ``measure``: as the text states it, or by the digits of the value where the text says
    something else or less. (A table of four decimals prints 0.6, and it was entered as 0.6000: whoever did
    so knew how exact it is.) Raises UnreadableNumber for a value that is no number of its measure.
    """
    _refuse_impossible(frame)
    exponents = frame.select(_exponent()).to_series()
    with_text = frame.with_row_index("row").filter(
        pl.col("value").is_not_null() & (pl.col("as_stated") != "")
    )
    if with_text.is_empty():
        return exponents
    read = read_texts(with_text["as_stated"], with_text["measure"])
    both = with_text.select("row", "value", "qualifier").hstack(read.select(pl.all().name.prefix("read ")))
    same = both.filter(
        (_canonical(pl.col("value")) == _canonical(pl.col("read value")))
        & (pl.col("qualifier") == pl.col("read qualifier"))
        & (_decimals(pl.col("value")) <= _decimals(pl.col("read value")))
    )
    return exponents.scatter(same["row"], same["read exponent"])


def _refuse_impossible(frame: pl.DataFrame) -> None:
    value, counted = pl.col("value"), pl.col("measure") == Measure.COUNT.value
    whole = value.str.replace(r"\.0*$", "")
    digits = pl.when(counted).then(whole).otherwise(value).str.replace_all(r"[-.]", "")
    wrong = (
        ~value.str.contains(_PLAIN)
        | (digits.str.len_bytes() > MAXIMUM_DIGITS)
        | (counted & (whole.str.contains(".", literal=True) | value.str.contains(r"^-.*[1-9]")))
    )
    for row in frame.filter(wrong).head(1).iter_rows(named=True):
        if not re.fullmatch(_PLAIN, row["value"]):
            raise UnreadableNumber("no_number", text=row["value"])
        from_value(Decimal(row["value"]), Qualifier(row["qualifier"]), Measure(row["measure"]))


def _canonical(value: pl.Expr) -> pl.Expr:
    """One text for one number: 72.630 and 72.63 are the same."""
    plain = value.str.replace(r"^(-?)0+([0-9])", "$1$2")
    plain = plain.str.replace(r"^(-?[0-9]+)(?:\.0*|(\.[0-9]*?)0*)$", "$1$2")
    return plain.str.replace(r"^-0$", "0")


def _decimals(value: pl.Expr) -> pl.Expr:
    point = value.str.find(".", literal=True)
    return (value.str.len_bytes() - point - 1).fill_null(0).cast(pl.Int32)

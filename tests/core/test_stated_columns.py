"""The unit rule over columns says what the scalar rule says, for every text and every number."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.core.stated import Measure, Qualifier, StatedNumberError, parse_stated
from indicators.core.stated_columns import read_texts, unit_exponents
from indicators.services.stating import stated_value

MEASURES = st.sampled_from(list(Measure))
QUALIFIERS = st.sampled_from(list(Qualifier))
WRITTEN = [
    *(
        "72,63",
        "1.253",
        "1 253",
        "1.253.000",
        "1,253",
        "92.5",
        "0,05",
        "007",
        "80%",
        "80 %",
        "12,50%",
        "500.000",
    ),
    *("trên 92%", "gần 500.000", "3,2 triệu", "3,20 triệu", "ước đạt 24%", "từ 80% trở lên", "không có", ""),
    *(" 12 ", "-3,5", "-4", "0", "0,0", "1.2.3", "12,5,6", "1\u00a0253", "1234567890123456789", "１２"),
]
TEXTS = st.one_of(
    st.sampled_from(WRITTEN),
    st.from_regex(r"[0-9]{1,6}([., ][0-9]{1,3}){0,2} ?%?", fullmatch=True),
    st.from_regex(r"[0-9]{15,20}", fullmatch=True),
    st.text(alphabet="0123456789., %-gần", max_size=12),
)
NUMBERS = st.one_of(
    st.decimals(-1000, 10_000_000, allow_nan=False, places=0),
    st.decimals(-1000, 10_000_000, allow_nan=False, places=3),
    st.sampled_from([Decimal("0"), Decimal("0.00"), Decimal("500000"), Decimal("12.00"), Decimal("1e18")]),
)


def scalar(text, measure, qualifier):
    try:
        read = parse_stated(text, measure, qualifier)
    except StatedNumberError:
        return None
    return read.value, read.qualifier, read.unit, read.estimated


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXTS, MEASURES, st.none() | QUALIFIERS), min_size=1, max_size=6))
@example([(text, measure, None) for text in WRITTEN for measure in Measure])
@example([(text, measure, Qualifier.NEARLY) for text in WRITTEN for measure in Measure])
def test_texts_are_read_as_the_scalar_rule_reads_them(rows):
    texts, measures, qualifiers = (
        pl.Series(list(column), dtype=pl.String) for column in zip(*rows, strict=True)
    )
    for row, read in zip(rows, read_texts(texts, measures, qualifiers).iter_rows(), strict=True):
        value, qualifier, exponent, estimated = read
        expected = scalar(*row)
        if expected is None:
            assert read == (None, None, None, None), row
        else:
            found = Decimal(value), qualifier, Decimal(1).scaleb(exponent), estimated
            assert found == expected and str(found[0]) == f"{expected[0]:f}", row


FACTS = st.one_of(
    st.tuples(NUMBERS, QUALIFIERS, TEXTS, MEASURES),
    st.tuples(TEXTS, MEASURES)
    .map(lambda row: (scalar(*row, None), *row))
    .filter(lambda row: row[0] is not None)
    .map(lambda row: (row[0][0], row[0][1], row[1], row[2])),
)


@settings(max_examples=200, deadline=None)
@given(FACTS)
@example((Decimal("3200000"), Qualifier.MORE_THAN, "hơn 3,2 triệu", Measure.COUNT))
@example((Decimal("3200000"), Qualifier.EXACT, "hơn 3,2 triệu", Measure.COUNT))
@example((Decimal("0.6000"), Qualifier.EXACT, "0,6", Measure.SCORE))
@example((Decimal("0.6"), Qualifier.EXACT, "0,60", Measure.SCORE))
def test_units_are_those_of_the_scalar_rule(fact):
    value, qualifier, text, measure = fact
    frame = pl.DataFrame(
        {
            "value": [f"{value:f}", None],
            "qualifier": [qualifier.value] * 2,
            "as_stated": [text] * 2,
            "measure": [measure.value] * 2,
        }
    )
    try:
        expected = stated_value(value, text, qualifier, measure).unit
    except StatedNumberError as refusal:
        with pytest.raises(type(refusal)) as caught:
            unit_exponents(frame)
        assert caught.value.code == refusal.code
    else:
        exponent, missing = unit_exponents(frame)
        assert Decimal(1).scaleb(exponent) == expected
        assert missing is None


def test_a_column_without_a_number_is_no_error():
    empty = pl.DataFrame(
        schema={"value": pl.String, "qualifier": pl.String, "as_stated": pl.String, "measure": pl.String}
    )
    assert unit_exponents(empty).to_list() == []
    assert read_texts(pl.Series([None], dtype=pl.String), pl.Series(["count"])).row(0) == (None,) * 4

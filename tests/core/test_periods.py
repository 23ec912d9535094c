"""Periods: codes and dates round trip, the two calendars, neighbours, and what may be compared."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.calendar_rules import Calendar
from indicators.core.periods import ALLOWED_CODES, Kind, Period, UnknownPeriod, parse_period, quarter_between

DATES = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@st.composite
def periods(draw):
    start, end = sorted((draw(DATES), draw(DATES)))
    return Period(start, end)


@st.composite
def named_codes(draw):
    year = draw(st.integers(2, 9998))
    part = draw(
        st.one_of(
            st.just(""),
            st.integers(1, 12).map(lambda m: f"-{m:02}"),
            st.integers(1, 4).map(lambda q: f"-Q{q}"),
            st.integers(1, 2).map(lambda h: f"-H{h}"),
            st.sampled_from([2, 4, 5, 7, 8, 9, 10, 11]).map(lambda m: f"-YTD-{m:02}"),
        )
    )
    return f"{year:04}{part}{draw(st.sampled_from(['', '-ND09']))}"


@given(periods())
def test_any_two_dates_come_back_from_their_code(period):
    assert parse_period(period.code) == period


@given(st.dates(), st.dates())
def test_dates_at_the_ends_of_time_have_codes_and_labels_too(one, other):
    period = Period(min(one, other), max(one, other))
    assert parse_period(period.code) == period
    assert period.label("vi") and period.label("en")
    assert period.previous() is None or period.previous().end < period.end


@given(named_codes())
def test_a_named_code_is_the_code_of_its_period(code):
    assert parse_period(code).code == code


@given(named_codes())
def test_previous_and_year_before_are_comparable_and_earlier(code):
    period = parse_period(code)
    for earlier in (period.previous(), period.year_before()):
        if earlier is not None:
            assert earlier.comparable_with(period)
            assert earlier.end < period.end
    if period.year_before() is not None:
        assert period.year_before().year == period.year - 1


@given(st.integers(1995, 2050), st.sampled_from(["", "-ND09"]))
def test_months_fill_a_year_without_gap_or_overlap(year, decree):
    year_period = parse_period(f"{year}{decree}")
    day = year_period.start
    for month in range(1, 13):
        period = parse_period(f"{year}-{month:02}{decree}")
        assert period.start == day
        assert (period.kind, period.year) == (Kind.MONTH, year)
        day = period.end + timedelta(days=1)
    assert day == year_period.end + timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "start", "end", "kind", "calendar"),
    [
        ("2021-07", (2021, 7, 1), (2021, 7, 31), "month", "calendar"),
        ("2024-02", (2024, 2, 1), (2024, 2, 29), "month", "calendar"),
        ("2100-02", (2100, 2, 1), (2100, 2, 28), "month", "calendar"),
        ("2022-Q1", (2022, 1, 1), (2022, 3, 31), "quarter", "calendar"),
        ("2021-H1", (2021, 1, 1), (2021, 6, 30), "half_year", "calendar"),
        ("2021-H2", (2021, 7, 1), (2021, 12, 31), "half_year", "calendar"),
        ("2019", (2019, 1, 1), (2019, 12, 31), "year", "calendar"),
        ("2024-YTD-09", (2024, 1, 1), (2024, 9, 30), "year_to_date", "calendar"),
        ("2024-YTD-02", (2024, 1, 1), (2024, 2, 29), "year_to_date", "calendar"),
        ("2019-01-01..2019-04-04", (2019, 1, 1), (2019, 4, 4), "range", "calendar"),
        ("2017-01-01..2021-12-31", (2017, 1, 1), (2021, 12, 31), "range", "calendar"),
        ("2020-06-01", (2020, 6, 1), (2020, 6, 1), "day", "calendar"),
        ("2021-01-ND09", (2020, 12, 15), (2021, 1, 14), "month", "decree09"),
        ("2024-03-ND09", (2024, 2, 15), (2024, 3, 14), "month", "decree09"),
        ("2021-Q4-ND09", (2021, 9, 15), (2021, 12, 14), "quarter", "decree09"),
        ("2021-H1-ND09", (2020, 12, 15), (2021, 6, 14), "half_year", "decree09"),
        ("2021-H2-ND09", (2021, 6, 15), (2021, 12, 14), "half_year", "decree09"),
        ("2021-YTD-09-ND09", (2020, 12, 15), (2021, 9, 14), "year_to_date", "decree09"),
        ("2021-ND09", (2020, 12, 15), (2021, 12, 14), "year", "decree09"),
    ],
)
def test_codes_name_these_dates(code, start, end, kind, calendar):
    period = Period(date(*start), date(*end))
    assert parse_period(code) == period
    assert (period.code, period.kind, period.calendar) == (code, kind, calendar)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("2024-YTD-01", "2024-01"),
        ("2024-YTD-03", "2024-Q1"),
        ("2024-YTD-06", "2024-H1"),
        ("2024-YTD-12", "2024"),
        ("2024-YTD-06-ND09", "2024-H1-ND09"),
        ("2024-01-01..2024-03-31", "2024-Q1"),
        ("2020-06-01..2020-06-01", "2020-06-01"),
    ],
)
def test_one_period_has_one_code(written, canonical):
    assert parse_period(written).code == canonical


@pytest.mark.parametrize(
    "code",
    [
        *("", "2021-13", "2021-00", "2021-Q5", "2021-Q0", "2021-H3", "21-07", "2021-7", "2021-02-29", "0000"),
        *("2021-YTD-13", "2021-ND10", "2021-q1", " 2021", "2021\n", "2021-01-02..2021-01-01", "0001-ND09"),
        *("2021-01-01..", "..2021-01-01", "2021-01-01..2021", "٢٠٢١", "2021-01-01-ND09", "0000-01-01"),
    ],
)
def test_what_is_no_code_is_refused_with_what_is_allowed(code):
    with pytest.raises(UnknownPeriod) as refusal:
        parse_period(code)
    assert refusal.value.code == code
    assert refusal.value.allowed == ALLOWED_CODES


@given(st.text(max_size=30))
def test_any_text_is_a_period_or_unknown(text):
    try:
        period = parse_period(text)
    except UnknownPeriod:
        return
    assert parse_period(period.code) == period


def test_allowed_codes_are_allowed():
    assert [parse_period(code).code for code in ALLOWED_CODES] == list(ALLOWED_CODES)


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2021, 1, 2), date(2021, 1, 1))


@pytest.mark.parametrize(
    ("code", "previous", "year_before"),
    [
        ("2021-01", "2020-12", "2020-01"),
        ("2022-Q1", "2021-Q4", "2021-Q1"),
        ("2021-H1", "2020-H2", "2020-H1"),
        ("2021", "2020", "2020"),
        ("2024-YTD-09", "2023-YTD-09", "2023-YTD-09"),
        ("2021-Q1-ND09", "2020-Q4-ND09", "2020-Q1-ND09"),
        ("2025-02", "2025-01", "2024-02"),
    ],
)
def test_neighbours(code, previous, year_before):
    period = parse_period(code)
    assert period.previous() == parse_period(previous)
    assert period.year_before() == parse_period(year_before)


@pytest.mark.parametrize("code", ["2020-06-01", "2019-01-01..2019-04-04", "2017-01-01..2021-12-31", "0001"])
def test_no_neighbours(code):
    assert parse_period(code).previous() is None
    assert parse_period(code).year_before() is None


@pytest.mark.parametrize(
    ("one", "other", "comparable"),
    [
        ("2021-02", "2021-03", True),
        ("2022-Q1", "2021-Q3", True),
        ("2022-Q1", "2022-H1", False),
        ("2022-Q1", "2022-Q1-ND09", False),
        ("2024-YTD-09", "2023-YTD-09", True),
        ("2024-YTD-09", "2024-YTD-10", False),
        ("2020-06-01", "2021-06-15", True),
        ("2020-06-01", "2020-06", False),
        ("2019-01-01..2019-04-04", "2018-01-01..2018-04-04", True),
        ("2019-01-01..2019-04-04", "2019-01-01..2019-04-05", False),
        ("2017-01-01..2021-12-31", "2012-01-01..2016-12-31", True),
        ("2017-01-01..2021-12-31", "2018-01-01..2021-12-31", False),
    ],
)
def test_only_equal_lengths_are_comparable(one, other, comparable):
    assert parse_period(one).comparable_with(parse_period(other)) is comparable
    assert parse_period(other).comparable_with(parse_period(one)) is comparable


@pytest.mark.parametrize(
    ("cumulative", "earlier", "quarter"),
    [
        ("2024-H1", "2024-Q1", "2024-Q2"),
        ("2024-YTD-09", "2024-H1", "2024-Q3"),
        ("2024", "2024-YTD-09", "2024-Q4"),
        ("2024-YTD-09-ND09", "2024-H1-ND09", "2024-Q3-ND09"),
    ],
)
def test_a_quarter_is_what_a_cumulative_period_adds(cumulative, earlier, quarter):
    derived = quarter_between(parse_period(cumulative), parse_period(earlier))
    assert derived == parse_period(quarter)
    assert derived.year_to_date() == parse_period(cumulative)


@pytest.mark.parametrize(
    ("cumulative", "earlier"),
    [
        ("2024", "2024-H1"),
        ("2024-YTD-09", "2023-H1"),
        ("2024-H1", "2024-YTD-09"),
        ("2024-YTD-09", "2024-H1-ND09"),
        ("2024-YTD-08", "2024-YTD-05"),
        ("2024-H1", "2024-H1"),
    ],
)
def test_other_differences_are_no_quarter(cumulative, earlier):
    with pytest.raises(ValueError, match="not a quarter"):
        quarter_between(parse_period(cumulative), parse_period(earlier))


@pytest.mark.parametrize(
    ("code", "vietnamese", "english"),
    [
        ("2022-Q1", "Quý I/2022", "Q1 2022"),
        ("2021-Q4", "Quý IV/2021", "Q4 2021"),
        ("2021-07", "Tháng 7/2021", "July 2021"),
        ("2021-H1", "6 tháng đầu năm 2021", "First half of 2021"),
        ("2021-H2", "6 tháng cuối năm 2021", "Second half of 2021"),
        ("2024-YTD-09", "9 tháng đầu năm 2024", "First 9 months of 2024"),
        ("2019", "Năm 2019", "2019"),
        ("2020-06-01", "Ngày 01/06/2020", "1 June 2020"),
        ("2019-01-01..2019-04-04", "01/01/2019–04/04/2019", "1 January 2019 – 4 April 2019"),
        ("2017-01-01..2021-12-31", "2017–2021", "2017–2021"),
        ("2021-H1-ND09", "6 tháng đầu năm 2021 (chốt ngày 14)", "First half of 2021 (closing on the 14th)"),
    ],
)
def test_labels(code, vietnamese, english):
    assert parse_period(code).label("vi") == vietnamese
    assert parse_period(code).label("en") == english


def test_periods_are_ordered_and_can_be_keys():
    codes = ["2022-Q2", "2021", "2022-Q1", "2021-Q1"]
    assert [p.code for p in sorted(map(parse_period, codes))] == ["2021-Q1", "2021", "2022-Q1", "2022-Q2"]
    assert parse_period("2024-YTD-03") in {parse_period("2024-Q1")}
    assert parse_period("2021-Q1-ND09").calendar is Calendar.DECREE09

"""Stated numbers: the reading of Vietnamese texts, the unit rule, and the intervals that follow from it."""

import unicodedata
from decimal import Decimal as D

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.core.stated import (
    AmbiguousNumber,
    Interval,
    Measure,
    Qualifier,
    StatedNumberError,
    UnreadableNumber,
    from_value,
    parse_stated,
    share,
)

PERCENT, COUNT, SCORE = Measure.PERCENT, Measure.COUNT, Measure.SCORE
BOUNDS = Interval(D(0), D(100))


def closed(lower, upper):
    return Interval(D(lower), D(upper))


def open_above(lower, upper):
    return Interval(D(lower), D(upper), upper_open=True)


def open_below(lower, upper):
    return Interval(D(lower), D(upper), lower_open=True)


@pytest.mark.parametrize(
    ("text", "measure", "value", "qualifier", "unit", "plausible"),
    [
        ("72,63", PERCENT, "72.63", "exact", "0.01", closed("72.625", "72.635")),
        ("4,86 %", PERCENT, "4.86", "exact", "0.01", closed("4.855", "4.865")),
        ("92.5", PERCENT, "92.5", "exact", "0.1", closed("92.45", "92.55")),
        ("60%", PERCENT, "60", "exact", "1", closed("59.5", "60.5")),
        ("100%", PERCENT, "100", "exact", "1", closed("99.5", "100.5")),
        ("trên 92%", PERCENT, "92", "more_than", "1", open_above(92, 93)),
        ("Hơn 60%", PERCENT, "60", "more_than", "1", open_above(60, 61)),
        (">80", PERCENT, "80", "more_than", "1", open_above(80, 81)),
        ("dưới 50%", PERCENT, "50", "less_than", "1", open_below(49, 50)),
        ("chưa đầy 5,5%", PERCENT, "5.5", "less_than", "0.1", open_below("5.4", "5.5")),
        ("từ 80% trở lên", PERCENT, "80", "at_least", "1", open_above(80, 81)),
        ("80% trở lên", PERCENT, "80", "at_least", "1", open_above(80, 81)),
        ("không dưới 30", PERCENT, "30", "at_least", "1", open_above(30, 31)),
        ("tối thiểu 80 %", PERCENT, "80", "at_least", "1", open_above(80, 81)),
        ("ít nhất 80%", PERCENT, "80", "at_least", "1", open_above(80, 81)),
        ("≥ 80%", PERCENT, "80", "at_least", "1", open_above(80, 81)),
        ("không quá 5%", PERCENT, "5", "at_most", "1", open_below(4, 5)),
        ("tối đa 5%", PERCENT, "5", "at_most", "1", open_below(4, 5)),
        ("5% trở xuống", PERCENT, "5", "at_most", "1", open_below(4, 5)),
        ("gần 98%", PERCENT, "98", "nearly", "1", open_below(97, 98)),
        ("khoảng 17%", PERCENT, "17", "about", "1", closed(16, 18)),
        ("xấp xỉ 17,0%", PERCENT, "17.0", "about", "0.1", closed("16.9", "17.1")),
        ("đạt trên dưới 17 phần trăm", PERCENT, "17", "about", "1", closed(16, 18)),
        ("-2,5%", PERCENT, "-2.5", "exact", "0.1", closed("-2.55", "-2.45")),
        ("1.253", COUNT, "1253", "exact", "1", closed(1253, 1253)),
        ("1 253", COUNT, "1253", "exact", "1", closed(1253, 1253)),
        ("1\u00a0253", COUNT, "1253", "exact", "1", closed(1253, 1253)),
        ("1\u202f253", COUNT, "1253", "exact", "1", closed(1253, 1253)),
        ("8.868 hồ sơ", COUNT, "8868", "exact", "1", closed(8868, 8868)),
        ("175.439", COUNT, "175439", "exact", "1", closed(175439, 175439)),
        ("500.000", COUNT, "500000", "exact", "1", closed(500000, 500000)),
        ("12.345.678", COUNT, "12345678", "exact", "1", closed(12345678, 12345678)),
        ("1,253,000", COUNT, "1253000", "exact", "1", closed(1253000, 1253000)),
        ("04", COUNT, "4", "exact", "1", closed(4, 4)),
        ("0", COUNT, "0", "exact", "1", closed(0, 0)),
        ("gần 500.000", COUNT, "500000", "nearly", "100000", open_below(400000, 500000)),
        ("gần 570.000", COUNT, "570000", "nearly", "10000", open_below(560000, 570000)),
        ("trên 150.000 văn bản", COUNT, "150000", "more_than", "10000", open_above(150000, 160000)),
        ("hơn 1.971 lượt", COUNT, "1971", "more_than", "1", open_above(1971, 1972)),
        ("khoảng 0", COUNT, "0", "about", "1", closed(0, 1)),
        ("3,2 triệu", COUNT, "3200000", "exact", "100000", closed(3150000, 3250000)),
        ("3,20 triệu", COUNT, "3200000", "exact", "10000", closed(3195000, 3205000)),
        ("3.2 triệu", COUNT, "3200000", "exact", "100000", closed(3150000, 3250000)),
        ("hơn 4,3 triệu", COUNT, "4300000", "more_than", "100000", open_above(4300000, 4400000)),
        ("1,5 tỷ", COUNT, "1500000000", "exact", "100000000", closed(1450000000, 1550000000)),
        ("1,5 tỉ đồng", COUNT, "1500000000", "exact", "100000000", closed(1450000000, 1550000000)),
        ("gần 500 nghìn", COUNT, "500000", "nearly", "100000", open_below(400000, 500000)),
        ("gần 570 ngàn người", COUNT, "570000", "nearly", "10000", open_below(560000, 570000)),
        ("1,253 nghìn", COUNT, "1253", "exact", "1", closed(1253, 1253)),
        ("0.5617", SCORE, "0.5617", "exact", "0.0001", closed("0.56165", "0.56175")),
        ("0,563", SCORE, "0.563", "exact", "0.001", closed("0.5625", "0.5635")),
        ("1.0000", SCORE, "1.0000", "exact", "0.0001", closed("0.99995", "1.00005")),
        ("87,5 điểm", SCORE, "87.5", "exact", "0.1", closed("87.45", "87.55")),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_reads(text, measure, value, qualifier, unit, plausible, form):
    stated = parse_stated(unicodedata.normalize(form, text), measure)
    assert (str(stated.value), stated.qualifier, str(stated.unit)) == (value, qualifier, unit)
    assert stated.plausible == plausible
    assert not stated.estimated


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [("ước đạt 24%", "exact"), ("ước khoảng 24%", "about"), ("dự kiến trên 24%", "more_than")],
)
def test_an_estimate_is_a_status_and_no_qualifier(text, qualifier):
    stated = parse_stated(text, PERCENT)
    assert (stated.value, stated.qualifier, stated.estimated) == (24, qualifier, True)


@pytest.mark.parametrize(
    ("text", "measure", "error", "code"),
    [
        ("1.253", PERCENT, AmbiguousNumber, "grouping_or_decimal"),
        ("1.253", SCORE, AmbiguousNumber, "grouping_or_decimal"),
        ("1,253", COUNT, AmbiguousNumber, "grouping_or_decimal"),
        ("1.253 triệu", COUNT, AmbiguousNumber, "grouping_or_decimal"),
        ("trên 80% trở lên", PERCENT, AmbiguousNumber, "conflicting_qualifiers"),
        ("1.25", COUNT, UnreadableNumber, "fraction_in_count"),
        ("12,5", COUNT, UnreadableNumber, "fraction_in_count"),
        ("1,2534567 triệu", COUNT, UnreadableNumber, "fraction_in_count"),
        ("0.253", COUNT, UnreadableNumber, "fraction_in_count"),
        ("", COUNT, UnreadableNumber, "empty"),
        ("\u00a0\u200b", COUNT, UnreadableNumber, "empty"),
        ("không có", COUNT, UnreadableNumber, "no_number"),
        ("-", PERCENT, UnreadableNumber, "no_number"),
        ("٣", COUNT, UnreadableNumber, "no_number"),
        ("8/9", COUNT, UnreadableNumber, "several_numbers"),
        ("1e5", COUNT, UnreadableNumber, "several_numbers"),
        ("10-20%", PERCENT, UnreadableNumber, "range"),
        ("từ 10% đến 20%", PERCENT, UnreadableNumber, "range"),
        ("từ 80%", PERCENT, UnreadableNumber, "unknown_words"),
        ("vượt 23,72%", PERCENT, UnreadableNumber, "unknown_words"),
        ("mức độ 3", COUNT, UnreadableNumber, "unknown_words"),
        ("không đạt 80%", PERCENT, UnreadableNumber, "unknown_words"),
        ("(50)", COUNT, UnreadableNumber, "unknown_words"),
        ("1 25", COUNT, UnreadableNumber, "bad_grouping"),
        ("1 253 4", COUNT, UnreadableNumber, "bad_grouping"),
        ("1.25.300", COUNT, UnreadableNumber, "bad_grouping"),
        ("1.253,5,6", PERCENT, UnreadableNumber, "bad_grouping"),
        ("24%", COUNT, UnreadableNumber, "percent_sign"),
        ("3 triệu", PERCENT, UnreadableNumber, "multiplier"),
        ("-5", COUNT, UnreadableNumber, "negative_count"),
        ("9" * 19, COUNT, UnreadableNumber, "too_many_digits"),
        ("9" * 18 + " nghìn tỷ", COUNT, UnreadableNumber, "too_many_digits"),
        ("1" * 201, COUNT, UnreadableNumber, "too_long"),
    ],
)
def test_refuses_rather_than_misreads(text, measure, error, code):
    with pytest.raises(error) as refusal:
        parse_stated(text, measure)
    assert refusal.value.code == code
    assert "text" in refusal.value.params


def test_an_ambiguous_grouping_tells_both_readings():
    with pytest.raises(AmbiguousNumber) as refusal:
        parse_stated("trên 1.253%", PERCENT)
    assert refusal.value.params["grouped"] == "1253"
    assert refusal.value.params["decimal"] == "1.253"


WORDS = [
    "trên",
    "gần",
    "từ",
    "trở lên",
    "khoảng",
    "ước đạt",
    "%",
    "triệu",
    "1.253",
    "92",
    "72,63",
    "-",
    "đến",
    ",",
    " ",
]


@given(
    st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)),
    st.sampled_from(Measure),
)
@example("9" * 18 + ",5 nghìn tỷ", COUNT)
def test_any_text_is_read_or_refused_in_our_words(text, measure):
    try:
        stated = parse_stated(text, measure)
    except StatedNumberError as refusal:
        assert refusal.code
        return
    assert stated.plausible.contains(stated.value)
    assert stated.text == text


@given(st.integers(0, 10**12), st.sampled_from([".", " ", "\u00a0", "\u202f"]))
def test_grouped_counts_come_back(number, separator):
    text = f"{number:,}".replace(",", separator)
    assert parse_stated(text, COUNT).value == number


@given(st.decimals(0, 100, places=2), st.sampled_from([PERCENT, SCORE]))
def test_decimal_commas_come_back(number, measure):
    stated = parse_stated(f"{number:f}".replace(".", ","), measure)
    assert stated.value == number
    made = from_value(number, Qualifier.EXACT, measure)
    assert (stated.unit, stated.plausible) == (made.unit, made.plausible)


@given(
    st.one_of(st.decimals(), st.integers(0, 10**9).map(D)),
    st.sampled_from(Qualifier),
    st.sampled_from(Measure),
)
def test_from_value_gives_an_interval_around_the_value_inside_the_hard_one(value, qualifier, measure):
    try:
        stated = from_value(value, qualifier, measure)
    except UnreadableNumber:
        return
    plausible, hard = stated.plausible, stated.hard(Interval(None, None))
    assert plausible.contains(stated.value)
    assert plausible.intersection(hard) == plausible


@given(st.integers(0, 10**9), st.sampled_from(Qualifier))
def test_text_and_value_agree_on_counts(number, qualifier):
    read = parse_stated(f"{number:,}".replace(",", "."), COUNT, qualifier)
    made = from_value(D(number), qualifier, COUNT)
    assert (read.value, read.unit, read.plausible) == (made.value, made.unit, made.plausible)


def test_from_value_keeps_zeros_of_scores_and_drops_them_from_counts():
    assert str(from_value(D("1.0000"), Qualifier.EXACT, SCORE).unit) == "0.0001"
    assert str(from_value(D("12.00"), Qualifier.EXACT, COUNT).value) == "12"
    assert str(from_value(D("8E+1"), Qualifier.EXACT, PERCENT).unit) == "1"
    for value, code in (("NaN", "not_finite"), ("1.5", "fraction_in_count"), ("-1", "negative_count")):
        with pytest.raises(UnreadableNumber) as refusal:
            from_value(D(value), Qualifier.EXACT, COUNT)
        assert refusal.value.code == code


def test_a_qualifier_from_elsewhere_completes_or_contradicts_the_text():
    assert parse_stated("500.000", COUNT, Qualifier.NEARLY).unit == 100000
    assert parse_stated("gần 500.000", COUNT, Qualifier.NEARLY).unit == 100000
    with pytest.raises(AmbiguousNumber):
        parse_stated("gần 500.000", COUNT, Qualifier.MORE_THAN)


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("trên 92%", closed(92, 100)),
        ("từ 80% trở lên", closed(80, 100)),
        ("dưới 50%", closed(0, 50)),
        ("không quá 5%", closed(0, 5)),
        ("100%", closed("99.5", 100)),
        ("khoảng 17%", closed(16, 18)),
        ("trên 120%", Interval(D(120), None)),
    ],
)
def test_hard_bounds_end_at_the_scale(text, hard):
    assert parse_stated(text, PERCENT).hard(BOUNDS) == hard


@pytest.mark.parametrize(
    ("text", "forgiving"),
    [
        ("trên 70%", open_above(70, 80)),
        ("dưới 50%", open_below(40, 50)),
        ("gần 100%", open_below(90, 100)),
        ("khoảng 20%", closed(10, 30)),
        ("trên 92%", open_above(92, 93)),
        ("trên 70,0%", open_above("70", "70.1")),
        ("70%", closed("69.5", "70.5")),
        ("trên 0%", open_above(0, 1)),
    ],
)
def test_round_percentages_with_words_are_not_held_to_their_last_digit(text, forgiving):
    assert parse_stated(text, PERCENT).forgiving == forgiving


def test_a_share_of_stated_counts_is_an_interval():
    whole = parse_stated("hơn 4,3 triệu", COUNT).plausible
    part = parse_stated("trên 3,2 triệu", COUNT).plausible
    computed = share(part, whole)
    assert (round(computed.lower, 1), round(computed.upper, 1)) == (D("72.7"), D("76.7"))
    assert computed.lower_open and computed.upper_open
    assert computed.overlaps(parse_stated("75,7%", PERCENT).plausible)


def test_a_share_that_contradicts_does_not_overlap():
    computed = share(parse_stated("13.483", COUNT).plausible, parse_stated("175.439", COUNT).plausible)
    stated = parse_stated("7%", PERCENT).plausible
    assert stated == closed("6.5", "7.5")
    assert not computed.overlaps(stated)
    assert computed.distance(stated) > D("0.18")

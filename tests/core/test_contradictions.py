"""Contradictions: both sides of every bound, no false alarm on anything that can be true, sentences."""

from decimal import ROUND_HALF_UP
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.core.contradiction_sentences import describe
from indicators.core.contradictions import (
    JUMP_THRESHOLD,
    Rule,
    excess_against_target,
    jump_against_series,
    outside_bounds,
    parts_against_whole,
    percentage_against_counts,
    published_rank_against_computed,
    target_text_against_figure,
    year_to_date_against_quarters,
    year_to_date_falls,
)
from indicators.core.notation import written_bounds
from indicators.core.ranking import Direction
from indicators.core.stated import Interval, Measure, Qualifier, from_value, parse_stated


def percent(text):
    return parse_stated(text, Measure.PERCENT)


def count(text):
    return parse_stated(text, Measure.COUNT)


def score(text):
    return parse_stated(text, Measure.SCORE)


# A percentage and its counts


@pytest.mark.parametrize(
    ("stated", "numerator", "denominator", "contradicted"),
    [
        ("7%", "13.483", "175.439", True),
        ("48%", "83.681", "175.439", False),
        ("45%", "78.275", "175.439", False),
        ("75,7%", "trên 3,2 triệu", "hơn 4,3 triệu", False),
        ("4,86 %", "3.215", "66.098", False),
        ("98,7%", "302.877", "310.840", True),
        # exact 7 % is [6,5; 7,5], both ends in
        ("7%", "75", "1.000", False),
        ("7%", "65", "1.000", False),
        ("7%", "7.501", "100.000", True),
        ("7%", "6.499", "100.000", True),
        # more than 7 % is [7, 8): 7 is in, 8 is not
        ("trên 7%", "70", "1.000", False),
        ("trên 7%", "6.999", "100.000", True),
        ("trên 7%", "7.999", "100.000", False),
        ("trên 7%", "80", "1.000", True),
        # under 55 % is (54, 55]; under 50 %, a round number, (40, 50]
        ("dưới 55%", "55", "100", False),
        ("dưới 55%", "54", "100", True),
        ("dưới 55%", "551", "1.000", True),
        ("dưới 50%", "41", "100", False),
        ("dưới 50%", "40", "100", True),
        ("dưới 50%", "501", "1.000", True),
        ("trên 70%", "24.558", "34.530", False),
        ("trên 70%", "80", "100", True),
        # the share of over 3,2 million in exactly 4.000.000 is [80, 82.5): 82.5 itself is not reached
        ("82,5%", "trên 3,2 triệu", "4.000.000", False),
        ("82,55%", "trên 3,2 triệu", "4.000.000", True),
        ("trên 82%", "trên 3,2 triệu", "4.000.000", False),
        ("dưới 81%", "trên 3,2 triệu", "4.000.000", False),
        ("dưới 79%", "trên 3,2 triệu", "4.000.000", True),
        ("khoảng 17%", "18", "100", False),
        ("khoảng 17%", "181", "1.000", True),
        ("50%", "5", "0", False),
    ],
)
def test_percentages_against_counts(stated, numerator, denominator, contradicted):
    found = percentage_against_counts(percent(stated), count(numerator), count(denominator))
    assert (found is not None) is contradicted
    if found:
        assert found.rule is Rule.PERCENTAGE_AGAINST_COUNTS
        assert not found.stated.overlaps(found.computed)


def test_an_open_end_that_only_touches_is_a_contradiction():
    """Over 8,2 million of 10.000.000 is [82, 83): "83 % and more" fits nothing of it, 82 % does."""
    part, whole = count("trên 8,2 triệu"), count("10.000.000")
    assert percentage_against_counts(percent("từ 83% trở lên"), part, whole) is not None
    assert percentage_against_counts(percent("82%"), part, whole) is None


@st.composite
def stated_counts(draw):
    """A true count and something that a report may truthfully say of it."""
    truth = draw(st.integers(1, 10**7))
    digits = draw(st.integers(0, 5))
    step = 10**digits
    qualifier = draw(st.sampled_from([Qualifier.MORE_THAN, Qualifier.NEARLY, Qualifier.ABOUT]))
    low = truth // step * step
    if digits == 0 or low == 0:
        return truth, from_value(D(truth), Qualifier.EXACT, Measure.COUNT)
    value = -(-truth // step * step) if qualifier is Qualifier.NEARLY else low
    return truth, from_value(D(value), qualifier, Measure.COUNT)


@st.composite
def stated_percentages(draw, truth):
    """Something that a report may truthfully say of the percentage `truth`."""
    places = draw(st.integers(0, 3))
    exact = D(truth.numerator) / D(truth.denominator)
    unit = D(1).scaleb(-places)
    floor = D(truth.numerator * 10**places // truth.denominator).scaleb(-places)
    ceiling = D(-(-truth.numerator * 10**places // truth.denominator)).scaleb(-places)
    qualifier = draw(st.sampled_from([Qualifier.EXACT, Qualifier.MORE_THAN, Qualifier.LESS_THAN]))
    said = {
        Qualifier.EXACT: exact.quantize(unit, ROUND_HALF_UP),
        Qualifier.MORE_THAN: floor,
        Qualifier.LESS_THAN: ceiling,
    }[qualifier]
    return from_value(said, qualifier, Measure.PERCENT)


@given(stated_counts(), stated_counts(), st.data())
def test_what_is_true_is_never_contradicted(one, other, data):
    (top, numerator), (bottom, denominator) = one, other
    stated = data.draw(stated_percentages(Fraction(100 * top, bottom)))
    assert percentage_against_counts(stated, numerator, denominator) is None


@given(st.lists(stated_counts(), min_size=1, max_size=5), st.data())
def test_a_true_sum_is_never_contradicted(parts, data):
    truth = sum(part[0] for part in parts)
    whole = from_value(D(truth), Qualifier.EXACT, Measure.COUNT)
    assert parts_against_whole(whole, [part[1] for part in parts]) is None
    assert year_to_date_against_quarters(whole, [part[1] for part in parts]) is None
    some = data.draw(st.lists(st.sampled_from(parts), unique_by=id, max_size=len(parts)))
    if len({id(part) for part in parts}) == len(parts):
        assert parts_against_whole(whole, [part[1] for part in some], complete=False) is None


# Parts and their whole


@pytest.mark.parametrize(
    ("whole", "parts", "contradicted"),
    [
        ("1.602", ["1.253", "254", "95"], False),
        ("1.603", ["1.253", "254", "95"], True),
        ("1.839", ["1.051", "790"], True),
        ("trên 1.600", ["1.253", "254", "95"], False),
        ("trên 1.700", ["1.253", "254", "95"], True),
        ("gần 1.602", ["1.253", "254", "95"], False),
        ("gần 1.603", ["1.253", "254", "95"], True),
    ],
)
def test_parts_against_their_whole(whole, parts, contradicted):
    found = parts_against_whole(count(whole), [count(part) for part in parts])
    assert (found is not None) is contradicted


def test_parts_that_are_not_all_may_only_not_exceed_the_whole():
    parts = [count("3.215"), count("62.883")]
    assert parts_against_whole(count("74.278"), parts) is not None
    assert parts_against_whole(count("74.278"), parts, complete=False) is None
    assert parts_against_whole(count("66.098"), parts, complete=False) is None
    found = parts_against_whole(count("66.097"), parts, complete=False)
    assert found.rule is Rule.PARTS_EXCEED_WHOLE


def test_rounded_components_add_up_within_their_rounding():
    parts = [score(text) for text in ("13,2", "18,4", "7,7", "7,6", "17,6", "15,6")]
    assert parts_against_whole(score("80,1"), parts) is None
    assert parts_against_whole(score("80,5"), parts) is not None
    assert parts_against_whole(score("80,5"), parts, tolerance=D("0.06")) is None


# Cumulative figures


def test_a_year_to_date_against_its_quarters():
    quarters = [count("100"), count("150")]
    assert year_to_date_against_quarters(count("250"), quarters) is None
    assert year_to_date_against_quarters(count("251"), quarters).rule is Rule.YEAR_TO_DATE_AGAINST_QUARTERS


@pytest.mark.parametrize(
    ("cumulative", "earlier", "contradicted"),
    [
        ("150", "100", False),
        ("100", "100", False),
        ("99", "100", True),
        ("trên 90", "99", False),
        ("trên 90", "100", True),
        ("gần 100", "100", False),
    ],
)
def test_a_cumulative_count_does_not_fall(cumulative, earlier, contradicted):
    found = year_to_date_falls(count(cumulative), count(earlier))
    assert (found is not None) is contradicted
    if found:
        assert found.arithmetic["difference"].upper <= 0


# Bounds of the definition


@pytest.mark.parametrize(
    ("text", "contradicted"),
    [
        ("100%", False),
        ("100,0%", False),
        ("100,1%", True),
        ("101%", True),
        ("0%", False),
        ("-0,5%", True),
        ("-1%", True),
    ],
)
def test_bounds(text, contradicted):
    assert (outside_bounds(percent(text), Interval(D(0), D(100))) is not None) is contradicted


def test_bounds_may_be_open_on_one_side():
    assert outside_bounds(count("5"), Interval(D(0), None)) is None
    assert outside_bounds(score("18,1"), Interval(D(0), D(18))) is not None
    assert outside_bounds(score("18"), Interval(D(0), D(18))) is None


# Jumps


STEADY = [D(x) for x in ("95", "94.2", "96", "95.5", "95", "94.9")]


def test_a_slipped_decimal_is_a_jump():
    found = jump_against_series(percent("9,5%"), STEADY)
    assert found.rule is Rule.JUMP_AGAINST_SERIES
    assert found.arithmetic["score"] > JUMP_THRESHOLD


def test_jump_on_both_sides_of_the_threshold():
    """MADs of 0.3 are below the floor of 1 %: 7 × 0.95 around the median 95 and around 94.9 − 0.5, the
    usual next figure. What lies outside both begins at 87.75."""
    assert jump_against_series(percent("87,7"), STEADY) is None
    assert jump_against_series(percent("87,6"), STEADY) is not None


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("9,5%", ["95", "94", "96", "95", "95"]),  # five points say nothing
        ("99,5", ["100", "100", "100", "100", "100", "100"]),  # a constant series is no scale
        ("92", ["20", "32", "44", "56", "68", "80"]),  # a trend goes on
        ("95", ["95", "94", "96", "95", "9.5", "95", "94", "9.5"]),  # the way back from an outlier
        ("trên 80", ["95", "80", "90", "85", "88", "92"]),
    ],
)
def test_no_jump(text, earlier):
    assert jump_against_series(percent(text), [D(x) for x in earlier]) is None


@given(st.lists(st.decimals(0, 100, places=2), min_size=6, max_size=12), st.data())
def test_a_figure_within_its_past_is_never_a_jump(earlier, data):
    value = data.draw(st.sampled_from(earlier))
    middle = sorted(earlier)[len(earlier) // 2]
    near = from_value((value + middle) / 2 if value == middle else middle, Qualifier.EXACT, Measure.SCORE)
    assert jump_against_series(near, earlier) is None


# Targets


@pytest.mark.parametrize(
    ("figure", "target", "said_met", "direction", "contradicted"),
    [
        ("80%", "từ 80% trở lên", True, "higher", False),
        ("79,4%", "từ 80% trở lên", True, "higher", True),
        ("79,96%", "từ 80% trở lên", True, "higher", True),
        ("dưới 80%", "từ 80% trở lên", True, "higher", False),
        ("dưới 79%", "từ 80% trở lên", True, "higher", True),
        ("80%", "từ 80% trở lên", False, "higher", False),
        ("trên 80%", "từ 80% trở lên", False, "higher", True),
        ("50,00%", "trên 50%", True, "higher", False),
        ("dưới 50%", "trên 50%", True, "higher", True),
        ("trên 50%", "trên 50%", False, "higher", False),
        ("trên 70%", "75%", True, "higher", False),
        ("trên 71%", "75%", True, "higher", True),
        ("51%", "trên 50%", False, "higher", True),
        ("11,11%", "10%", True, "higher", False),
        ("9%", "10%", True, "higher", True),
        ("11%", "10%", True, "lower", True),
        ("9%", "10%", True, "lower", False),
        ("9%", "10%", True, "none", False),
        ("6%", "không quá 5%", True, "none", True),
        ("gần 5%", "không quá 5%", False, "none", True),
    ],
)
def test_what_a_text_says_of_a_target(figure, target, said_met, direction, contradicted):
    found = target_text_against_figure(
        percent(figure), percent(target), said_met=said_met, direction=Direction(direction)
    )
    assert (found is not None) is contradicted


@pytest.mark.parametrize(
    ("excess", "figure", "target", "contradicted"),
    [
        ("23,72%", "53,72%", "30%", False),
        ("10,94%", "70,94%", "60%", False),
        ("0,27%", "90,27%", "90%", False),
        ("0,29%", "90,27%", "90%", True),
    ],
)
def test_by_how_much_a_target_is_exceeded(excess, figure, target, contradicted):
    assert (
        excess_against_target(percent(excess), percent(figure), percent(target)) is not None
    ) is contradicted


# Published ranks


@pytest.mark.parametrize(("published", "contradicted"), [(3, True), (4, False), (7, False), (8, True)])
def test_published_ranks(published, contradicted):
    assert (published_rank_against_computed(published, 4, 7) is not None) is contradicted


# Sentences


@pytest.mark.parametrize(
    ("found", "vietnamese", "english"),
    [
        (
            percentage_against_counts(percent("7%"), count("13.483"), count("175.439")),
            "13.483 / 175.439 = 7,69 %, nằm ngoài [6,5; 7,5] của con số đã nêu 7 %",
            "13,483 / 175,439 = 7.69%, outside [6.5; 7.5] of the stated 7%",
        ),
        (
            percentage_against_counts(percent("79%"), count("trên 3,2 triệu"), count("hơn 4,3 triệu")),
            "trên 3.200.000 / trên 4.300.000 = (72,73; 76,74) %, "
            "nằm ngoài [78,5; 79,5] của con số đã nêu 79 %",
            "over 3,200,000 / over 4,300,000 = (72.73; 76.74)%, outside [78.5; 79.5] of the stated 79%",
        ),
        (
            percentage_against_counts(percent("7%"), count("75.001"), count("1.000.000")),
            "75.001 / 1.000.000 = 7,5001 %, nằm ngoài [6,5; 7,5] của con số đã nêu 7 %",
            "75,001 / 1,000,000 = 7.5001%, outside [6.5; 7.5] of the stated 7%",
        ),
        (
            parts_against_whole(count("1.839"), [count("1.051"), count("790")]),
            "1.051 + 790 = 1.841, khác con số đã nêu 1.839",
            "1,051 + 790 = 1,841, not the stated 1,839",
        ),
        (
            parts_against_whole(count("66.097"), [count("3.215"), count("62.883")], complete=False),
            "3.215 + 62.883 = 66.098, lớn hơn tổng đã nêu 66.097",
            "3,215 + 62,883 = 66,098, more than the stated whole 66,097",
        ),
        (
            year_to_date_against_quarters(count("251"), [count("100"), count("150")]),
            "cộng các kỳ: 100 + 150 = 250, khác con số đã nêu 251",
            "the periods add up to 100 + 150 = 250, not the stated 251",
        ),
        (
            year_to_date_falls(count("99"), count("100")),
            "lũy kế 99 nhỏ hơn lũy kế kỳ trước trong năm 100: phần tăng thêm là −1",
            "the cumulative 99 is below the earlier 100 of the same year: it adds −1",
        ),
        (
            outside_bounds(percent("trên 120%"), Interval(D(0), D(100))),
            "trên 120 % nằm ngoài giới hạn 0–100 % của chỉ tiêu",
            "over 120% lies outside the bounds 0–100% of the indicator",
        ),
        (
            jump_against_series(percent("9,5%"), STEADY),
            "9,5 % cách trung vị 95 % của 6 kỳ trước 89,9 lần độ lệch thường thấy",
            "9.5% is 89.9 usual deviations off the median 95% of 6 earlier periods",
        ),
        (
            target_text_against_figure(
                percent("79%"), percent("từ 80% trở lên"), said_met=True, direction=Direction.HIGHER
            ),
            "nêu là đạt mục tiêu ít nhất 80 %, nhưng số liệu là 79 %",
            "said to meet the target at least 80%, but the figure is 79%",
        ),
        (
            target_text_against_figure(
                percent("82%"), percent("80%"), said_met=False, direction=Direction.HIGHER
            ),
            "nêu là chưa đạt mục tiêu 80 %, nhưng số liệu là 82 %",
            "said to miss the target 80%, but the figure is 82%",
        ),
        (
            excess_against_target(percent("24,72%"), percent("53,72%"), percent("30%")),
            "53,72 % − 30 % = [23,715; 23,725] %, nằm ngoài [24,715; 24,725] của con số đã nêu 24,72 %",
            "53.72% − 30% = [23.715; 23.725]%, outside [24.715; 24.725] of the stated 24.72%",
        ),
        (
            published_rank_against_computed(3, 4, 7),
            "hạng công bố là 3, hạng tính được là 4–7",
            "the published rank is 3, the computed one 4–7",
        ),
        (
            published_rank_against_computed(3, 4, 4),
            "hạng công bố là 3, hạng tính được là 4",
            "the published rank is 3, the computed one 4",
        ),
    ],
)
def test_sentences_show_the_arithmetic(found, vietnamese, english):
    assert describe(found, "vi") == vietnamese
    assert describe(found, "en") == english


@pytest.mark.parametrize(
    ("lower", "upper", "vietnamese", "english"),
    [
        (0, 100, "0–100", "0–100"),
        (0, None, "từ 0 trở lên", "0 or more"),
        (None, 18, "không quá 18", "at most 18"),
    ],
)
def test_bounds_are_told_in_words(lower, upper, vietnamese, english):
    bounds = Interval(*(None if end is None else D(end) for end in (lower, upper)))
    assert (written_bounds(bounds, "vi"), written_bounds(bounds, "en")) == (vietnamese, english)
    with pytest.raises(ValueError, match="no bound"):
        written_bounds(Interval(None, None), "vi")


def test_every_rule_has_a_sentence_in_both_languages():
    from indicators.core.contradiction_sentences import _TEMPLATES

    assert set(_TEMPLATES) == set(Rule)
    assert all(set(sentences) == {"vi", "en"} for sentences in _TEMPLATES.values())

"""What is typed is understood or refused, never misread; counts make the percentage."""

from decimal import Decimal

import pytest

from indicators.core.periods import Period, parse_period
from indicators.core.ranking import Direction
from indicators.core.stated import Measure, Qualifier, StatedValue, parse_stated
from reporting.core.checks import CheckedLine, check_lines
from reporting.core.reading import CellReading, CellRules, CellText, read_cell
from reporting.core.target_words import said_outcome

PERCENT = CellRules(Measure.PERCENT, wants_counts=True)
COUNT = CellRules(Measure.COUNT)


@pytest.mark.parametrize(
    ("text", "rules", "value", "qualifier"),
    [
        ("72,63", PERCENT, "72.63", "exact"),
        ("1.253", COUNT, "1253", "exact"),
        ("1 253", COUNT, "1253", "exact"),
        ("trên 92%", PERCENT, "92", "more_than"),
        ("3,2 triệu", COUNT, "3200000", "exact"),
    ],
)
def test_the_ways_that_a_number_is_written(text: str, rules: CellRules, value: str, qualifier: str) -> None:
    stated = read_cell(CellText(text), rules).stated
    assert stated is not None
    assert (stated.value, stated.qualifier) == (Decimal(value), qualifier)


def test_1_253_is_asked_about_in_a_percentage() -> None:
    reading = read_cell(CellText("1.253"), PERCENT)
    assert reading.stated is None
    (problem,) = reading.problems
    assert problem.ambiguous and problem.code == "grouping_or_decimal"
    assert dict(problem.params) == {"text": "1.253", "grouped": "1253", "decimal": "1.253"}


def test_the_counts_make_the_percentage_and_doubt_stays_doubt() -> None:
    exact = read_cell(CellText(numerator="13.483", denominator="175.439"), PERCENT)
    assert exact.computed and exact.value == Decimal("7.69")
    vague = read_cell(CellText(numerator="gần 500", denominator="1.000"), PERCENT)
    assert vague.stated is not None and vague.stated.qualifier is Qualifier.ABOUT


def test_nothing_is_divided_by_nothing() -> None:
    reading = read_cell(CellText(numerator="0", denominator="0"), PERCENT)
    assert reading.stated is None and reading.problems[0].code == "zero_denominator"


def test_a_reason_for_missing_keeps_the_counts_from_making_a_figure() -> None:
    assert (
        read_cell(CellText(numerator="1", denominator="2", missing_reason="withheld"), PERCENT).value is None
    )


def line(key: str, text: CellText, rules: CellRules, **other: object) -> CheckedLine:
    fields = {"category": "", "dimension": "", "mode": "quarter"} | other
    return CheckedLine(
        key=key,
        indicator=str(fields.pop("indicator", key)),
        cell=text,
        reading=read_cell(text, rules),
        measure=rules.measure,
        wants_counts=rules.wants_counts,
        **fields,
    )


def codes(*lines: CheckedLine) -> list[tuple[object, str, str]]:
    return [(found.key, found.severity.value, found.code) for found in check_lines(lines)]


def test_a_percentage_against_its_own_counts() -> None:
    wrong = CellText("7%", "13.483", "175.439")
    assert codes(line("a", wrong, PERCENT)) == [("a", "error", "percentage_against_counts")]
    assert codes(line("a", CellText("75,7%", "hơn 3,2 triệu", "hơn 4,3 triệu"), PERCENT)) == []


def test_a_percentage_against_counts_on_other_lines() -> None:
    bare = CellRules(Measure.PERCENT)
    rate = line("rate", CellText("50"), bare, numerator_indicator="on-time", denominator_indicator="resolved")
    counts = [line("on-time", CellText("90"), COUNT), line("resolved", CellText("100"), COUNT)]
    assert codes(rate, *counts) == [("rate", "warning", "percentage_against_counts")]


def test_completeness() -> None:
    assert codes(line("a", CellText(), COUNT)) == [("a", "error", "empty")]
    assert codes(line("a", CellText(missing_reason="not_reported"), COUNT)) == []
    assert codes(line("a", CellText("1", missing_reason="withheld"), COUNT)) == [
        ("a", "error", "value_and_reason")
    ]
    assert codes(line("a", CellText("50", numerator="1"), PERCENT)) == [("a", "error", "one_count")]
    assert codes(line("a", CellText("50"), PERCENT)) == [("a", "warning", "counts_missing")]


def part(key: str, text: str, category: str, **other: object) -> CheckedLine:
    fields = {"indicator": "received", "dimension": "channel", "siblings": 2} | other
    return line(key, CellText(text), COUNT, category=category, **fields)


def test_parts_are_held_against_what_contains_them() -> None:
    whole = line("whole", CellText("100"), COUNT, indicator="received")
    assert codes(whole, part("online", "120", "online")) == [("whole", "warning", "parts_exceed_whole")]
    both = part("online", "60", "online"), part("direct", "50", "direct")
    assert codes(whole, *both) == [("whole", "warning", "parts_against_whole")]
    assert codes(whole, part("online", "60", "online"), part("direct", "40", "direct")) == []
    assert codes(whole, part("online", "60", "online"), line("x", CellText("9"), COUNT)) == []


def test_only_disjoint_categories_are_added() -> None:
    """ "At a desk" and "by post" lie within "not online": beside it they would count twice."""
    whole = line("whole", CellText("100"), COUNT, indicator="received")
    halves = part("online", "60", "online"), part("other", "40", "other")
    within = part("desk", "30", "desk", parent="other"), part("post", "10", "post", parent="other")
    assert codes(whole, *halves, *within) == []
    too_many = part("post", "20", "post", parent="other")
    assert codes(whole, *halves, within[0], too_many) == [("other", "warning", "parts_against_whole")]


def figures(**texts: str) -> dict[Period, StatedValue]:
    return {
        parse_period(code.replace("_", "-")[1:]): parse_stated(text, Measure.COUNT)
        for code, text in texts.items()
    }


def in_year(period: str, text: str, **around: str) -> list[tuple[object, str, str]]:
    known = figures(**around)
    return codes(line("a", CellText(text), COUNT, period=parse_period(period), around=known, adds_up=True))


def test_a_cumulative_figure_never_falls_within_its_year() -> None:
    falls = [("a", "warning", "year_to_date_falls")]
    assert in_year("2025-H1", "400", _2025_Q1="500") == falls
    assert in_year("2025-H1", "600", _2025_Q1="500") == []
    assert in_year("2025-YTD-09", "400", _2025_Q1="500") == falls, "the quarter between is missing"
    assert in_year("2025-Q1", "500", _2025_H1="400") == falls, "a later one is there already"
    assert in_year("2025-H1", "400", _2024_H1="500") == []


def test_a_year_to_date_is_the_sum_of_its_quarters() -> None:
    off = [("a", "warning", "year_to_date_against_quarters")]
    assert in_year("2025-H1", "1.000", _2025_Q1="500", _2025_Q2="600") == off
    assert in_year("2025-H1", "1.100", _2025_Q1="500", _2025_Q2="600") == []
    assert in_year("2025-Q2", "700", _2025_Q1="500", _2025_H1="1.100") == off, "typed as the last part"
    assert in_year("2025-Q2", "khoảng 600", _2025_Q1="500", _2025_H1="1.100") == []
    stock = line(
        "a",
        CellText("700"),
        COUNT,
        period=parse_period("2025-Q2"),
        around=figures(_2025_Q1="500", _2025_H1="700"),
    )
    assert codes(stock) == [], "a stock does not add up"


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("Đạt mục tiêu năm 2025.", True),
        ("vượt chỉ tiêu được giao", True),
        ("đã đạt và vượt kế hoạch", True),
        ("Chưa đạt mục tiêu do thiếu kinh phí", False),
        ("không hoàn thành kế hoạch", False),
        ("phấn đấu đạt mục tiêu vào cuối năm", None),
        ("đạt 80% kế hoạch", None),
        ("Sở A đạt mục tiêu, Sở B chưa đạt mục tiêu", None),
        ("", None),
    ],
)
def test_what_a_note_says_of_the_target(note: str, said: bool | None) -> None:
    assert said_outcome(note) is said


def test_a_note_that_contradicts_figure_and_target() -> None:
    target = {"target": parse_stated("từ 80% trở lên", Measure.PERCENT), "direction": Direction.HIGHER}
    bare = CellRules(Measure.PERCENT)
    wrong = line("a", CellText("72,5", note="Đạt mục tiêu"), bare, **target)
    assert codes(wrong) == [("a", "warning", "target_said_met")]
    assert codes(line("a", CellText("85", note="chưa đạt chỉ tiêu"), bare, **target)) == [
        ("a", "warning", "target_said_missed")
    ]
    assert codes(line("a", CellText("85", note="Đạt mục tiêu"), bare, **target)) == []


def test_an_empty_reading_has_no_value() -> None:
    assert CellReading().value is None and not CellReading().estimated

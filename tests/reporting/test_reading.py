"""What is typed is understood or refused, never misread; counts make the percentage."""

from decimal import Decimal

import pytest

from indicators.core.stated import Measure, Qualifier
from reporting.core.checks import CheckedLine, Severity, check_lines
from reporting.core.reading import CellReading, CellRules, CellText, read_cell

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


def test_parts_and_a_cumulative_figure_that_falls_are_warnings() -> None:
    whole = line("whole", CellText("100"), COUNT, indicator="received")
    part = line("part", CellText("120"), COUNT, indicator="received", category="online", dimension="channel")
    assert codes(whole, part) == [("whole", Severity.WARNING, "parts_exceed_whole")]
    earlier = read_cell(CellText("500"), COUNT).stated
    falls = line("ytd", CellText("400"), COUNT, mode="year_to_date", earlier=earlier)
    assert codes(falls) == [("ytd", Severity.WARNING, "year_to_date_falls")]


def test_an_empty_reading_has_no_value() -> None:
    assert CellReading().value is None and not CellReading().estimated

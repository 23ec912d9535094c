"""What becomes of a target: by the interval of the figure, by the day, by what the document itself says."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from indicators.core.periods import Period, parse_period
from indicators.core.verdicts import State, existing, judge, reached


@dataclass(frozen=True)
class Stated:
    value: Decimal | None
    qualifier: str = "exact"
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True)
class Figure:
    period: Period
    stated: Stated


@dataclass(frozen=True)
class Goal:
    due: date = date(2023, 12, 31)
    operator: str = "at_least"
    value: Decimal | None = Decimal(90)
    stated_outcome: str = ""


@dataclass(frozen=True)
class Place:
    valid_from: date | None
    valid_to: date | None


def figures(**values: str) -> list[Figure]:
    """By year, as in y2022="60"."""
    return [Figure(parse_period(year[1:]), Stated(Decimal(value))) for year, value in values.items()]


@pytest.mark.parametrize(
    ("value", "qualifier", "lower", "upper", "operator", "target", "met"),
    [
        ("70.94", "exact", "70.935", "70.945", "at_least", "60", True),
        ("80", "exact", "79.5", "80.5", "at_least", "80", True),
        ("50", "less_than", "49", "50", "at_least", "50", None),
        ("40", "less_than", "39", "40", "at_least", "50", False),
        ("50", "more_than", "50", "51", "more_than", "50", True),
        ("50", "about", "49", "51", "at_least", "50", None),
        ("5", "exact", "5", "5", "at_most", "4", False),
        ("1", "exact", "1", "1", "equal", "1", True),
    ],
)
def test_a_target_is_met_missed_or_open_by_what_the_words_allow(
    value: str, qualifier: str, lower: str, upper: str, operator: str, target: str, met: bool | None
) -> None:
    stated = Stated(Decimal(value), qualifier, lower=Decimal(lower), upper=Decimal(upper))
    assert reached(stated, operator, Decimal(target)) is met


def test_without_a_value_nothing_is_told() -> None:
    assert reached(Stated(None), "at_least", Decimal(1)) is None


FALLING = Goal(operator="at_most", value=Decimal(10))
BEFORE, AFTER = date(2023, 6, 1), date(2024, 6, 1)


@pytest.mark.parametrize(
    ("goal", "found", "today", "state"),
    [
        (Goal(), figures(y2023="90"), AFTER, State.MET),
        (Goal(), figures(y2022="95"), BEFORE, State.MET),  # ahead of its day
        (Goal(), figures(y2023="89"), AFTER, State.MISSED),
        (Goal(), figures(y2022="89"), AFTER, State.NO_FIGURE),  # none of its day
        (Goal(), figures(y2022="89", y2024="95"), AFTER, State.NO_FIGURE),  # a later one does not tell
        (Goal(), figures(y2024="95"), AFTER, State.MET),  # unless there is no other
        (Goal(), figures(y2021="60", y2022="75"), BEFORE, State.ON_TRACK),
        (Goal(), figures(y2021="60", y2022="74"), BEFORE, State.BEHIND),
        (Goal(), figures(y2022="75"), BEFORE, State.BEHIND),  # one figure has no pace
        (FALLING, figures(y2021="30", y2022="20"), BEFORE, State.ON_TRACK),
        (Goal(operator="equal"), figures(y2021="60", y2022="75"), BEFORE, State.BEHIND),
        (Goal(value=None), figures(y2023="90"), AFTER, State.UNTOLD),
        (Goal(), [], AFTER, State.NO_FIGURE),
        (Goal(), [Figure(parse_period("2023"), Stated(None))], AFTER, State.NO_FIGURE),
    ],
)  # fmt: skip
def test_every_outcome(goal: Goal, found: list[Figure], today: date, state: State) -> None:
    outcome = judge(goal, found, today)
    assert outcome.state == outcome.by_figures == state
    assert state.met is {State.MET: True, State.MISSED: False}.get(state)


def test_what_the_document_says_goes_before_the_figures_and_does_not_hide_them() -> None:
    (figure,) = figures(y2023="89")
    outcome = judge(Goal(stated_outcome="met"), [figure], AFTER)
    assert (outcome.state, outcome.by_figures, outcome.figure) == (State.MET, State.MISSED, figure)
    assert judge(Goal(stated_outcome="not_met"), [], AFTER).state is State.MISSED


def test_of_figures_that_end_together_the_longest_is_held_against_it() -> None:
    year, half = parse_period("2023"), parse_period("2023-H2")
    found = [Figure(half, Stated(Decimal(80))), Figure(year, Stated(Decimal(95)))]
    for order in (found, found[::-1]):
        assert judge(Goal(), order, AFTER).figure == found[1]


def test_a_target_for_all_is_for_those_that_exist_on_its_day() -> None:
    ended, lasting = Place(None, date(2025, 6, 30)), Place(None, None)
    begun = Place(date(2025, 7, 1), None)
    assert existing([ended, lasting, begun], date(2025, 6, 30)) == [ended, lasting]
    assert existing([ended, lasting, begun], date(2025, 7, 1)) == [lasting, begun]

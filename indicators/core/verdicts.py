"""Targets against figures: met, on track, behind, missed, or not to be told.

A figure is held against its target by the interval that its words allow; what a document itself says of a
target goes before what follows from figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from indicators.core.periods import Period


class State(StrEnum):
    """``UNTOLD``: no number in the target, or words that allow both. ``NO_FIGURE``: none at all, or only one
    from before a day that is over."""

    MET = "met"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    MISSED = "missed"
    UNTOLD = "untold"
    NO_FIGURE = "no_figure"

    @property
    def met(self) -> bool | None:
        """None while it is open, or cannot be told."""
        return {State.MET: True, State.MISSED: False}.get(self)


class Goal(Protocol):
    """What is to be reached by ``due``. ``value`` is missing where the document names the target only;
    ``stated_outcome`` is met, not_met or empty."""

    @property
    def due(self) -> date: ...
    @property
    def operator(self) -> str: ...
    @property
    def value(self) -> Decimal | None: ...
    @property
    def stated_outcome(self) -> str: ...


class Stated(Protocol):
    """A number with its plausible interval; missing is None."""

    @property
    def value(self) -> Decimal | None: ...
    @property
    def qualifier(self) -> str: ...
    @property
    def lower(self) -> Decimal | None: ...
    @property
    def upper(self) -> Decimal | None: ...


class Figure(Protocol):
    @property
    def period(self) -> Period: ...
    @property
    def stated(self) -> Stated: ...


class Lifetime(Protocol):
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


F = TypeVar("F", bound=Figure)
L = TypeVar("L", bound=Lifetime)


@dataclass(frozen=True)
class Outcome(Generic[F]):
    """``state`` is what holds; ``by_figures`` what the figures alone say. ``figure`` is the one that was held
    against the target, or would be; None where there is none."""

    state: State
    by_figures: State
    figure: F | None = None


def judge(goal: Goal, figures: Sequence[F], today: date) -> Outcome[F]:
    """``figures`` are those of the target's province, indicator and category, one for each period. It is held
    against the newest up to its day (of what ends together the longest), or else a later one."""
    told = [one for one in figures if one.stated.value is not None]
    newest = max(
        told, key=lambda one: (one.period.end <= goal.due, one.period.end, one.period.days), default=None
    )
    found = State.NO_FIGURE if newest is None else _by_figures(goal, told, newest, today)
    outcome = Outcome(found, found, newest)
    if goal.stated_outcome:
        return replace(outcome, state=State.MET if goal.stated_outcome == "met" else State.MISSED)
    return outcome


def existing(provinces: Iterable[L], day: date) -> list[L]:
    """Those that exist on ``day``: whom a target for all is for."""
    return [
        one
        for one in provinces
        if (one.valid_from is None or one.valid_from <= day) and (one.valid_to is None or one.valid_to >= day)
    ]


def _by_figures(goal: Goal, figures: Sequence[F], newest: F, today: date) -> State:
    if goal.value is None:
        return State.UNTOLD
    met_or_open = reached(newest.stated, goal.operator, goal.value)
    if met_or_open is None:
        return State.UNTOLD
    if met_or_open:
        return State.MET
    if newest.period.end >= goal.due:
        return State.MISSED
    if today > goal.due:
        return State.NO_FIGURE
    return State.ON_TRACK if _on_pace(figures, newest, goal) else State.BEHIND


def _on_pace(figures: Sequence[F], newest: F, goal: Goal) -> bool:
    """Whether the straight line from the first comparable figure through the newest reaches the target by its
    day. One figure has no pace; ``equal`` has none either."""
    like = [one for one in figures if one.period.comparable_with(newest.period)]
    first = min(like, key=lambda one: one.period.end)
    elapsed = (newest.period.end - first.period.end).days
    if not elapsed or goal.value is None or first.stated.value is None or newest.stated.value is None:
        return False
    pace = (newest.stated.value - first.stated.value) / elapsed
    expected = newest.stated.value + pace * (goal.due - newest.period.end).days
    match goal.operator:
        case "at_least":
            return expected >= goal.value
        case "more_than":
            return expected > goal.value
        case "at_most":
            return expected <= goal.value
        case _:
            return False


def reached(stated: Stated, operator: str, target: Decimal) -> bool | None:
    """By the plausible interval; None where it lies on both sides of the target, or nothing is stated."""
    lower = stated.value if stated.qualifier == "exact" or stated.lower is None else stated.lower
    upper = stated.value if stated.qualifier == "exact" or stated.upper is None else stated.upper
    if lower is None or upper is None:
        return None
    match operator:
        case "at_least":
            surely, surely_not = lower >= target, upper < target
        case "more_than":
            surely, surely_not = lower > target or _above(stated, target), upper <= target
        case "at_most":
            surely, surely_not = upper <= target, lower > target
        case _:
            surely, surely_not = lower == upper == target, not lower <= target <= upper
    return True if surely else False if surely_not else None


def _above(stated: Stated, target: Decimal) -> bool:
    """ "over 50" is more than 50, though its interval begins there."""
    return stated.qualifier == "more_than" and stated.value is not None and stated.value >= target

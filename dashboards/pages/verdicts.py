"""Targets against figures: met, on track, missed, or not to be told, by the interval that the words of the
figure allow, with the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.addresses import observation_card
from dashboards.queries.province import Figure
from dashboards.questions import period_name
from dashboards.rows import Goal, IndicatorRow, Stated


class State(StrEnum):
    """``UNTOLD``: no number in the target, or words that allow both."""

    MET = "met"
    ON_TRACK = "on_track"
    BEHIND = "behind"
    MISSED = "missed"
    UNTOLD = "untold"
    NO_FIGURE = "no_figure"


@dataclass(frozen=True)
class Outcome:
    """``figure`` is the one that was held against the target; ``words`` say why the state is what it is."""

    state: State
    words: str
    figure: Figure | None = None
    arithmetic: str = ""


@dataclass(frozen=True)
class Verdict:
    """``met`` is None where it cannot be told. ``basis`` and source say who set the target."""

    state: State
    words: str
    target: str
    basis: str
    source_code: str
    source_title: str
    place: str
    arithmetic: str
    figure: Figure | None

    @property
    def met(self) -> bool | None:
        return {State.MET: True, State.MISSED: False}.get(self.state)

    @property
    def card(self) -> str:
        return observation_card(self.figure.stated.observation) if self.figure else ""

    @property
    def look(self) -> str:
        return {State.MET: "good", State.MISSED: "bad", State.BEHIND: "warn"}.get(self.state, "")


@dataclass(frozen=True)
class TargetLine:
    """One target of a province: which indicator, and whether it was met."""

    code: str
    name: str
    category: str
    province: str
    province_name: str
    verdict: Verdict


def target_lines(
    goals: Sequence[Goal],
    figures: Sequence[Figure],
    indicators: Mapping[str, IndicatorRow],
    today: date,
    language: f.Language,
) -> list[TargetLine]:
    """Every target, also of indicators without a figure: the source may tell the outcome alone. ``figures``
    are those of one province."""
    return [
        target_line(
            goal,
            [one for one in figures if one.indicator == goal.indicator],
            indicators[goal.indicator],
            today,
            language,
        )
        for goal in goals
    ]


def target_line(
    goal: Goal, figures: Sequence[Figure], indicator: IndicatorRow, today: date, language: f.Language
) -> TargetLine:
    outcome = judge(indicator, figures, goal, today, language)
    verdict = Verdict(
        state=outcome.state,
        words=outcome.words,
        target=target_words(indicator, goal, language),
        basis=goal.basis,
        source_code=goal.source_code,
        source_title=goal.source_title,
        place=goal.place,
        arithmetic=outcome.arithmetic,
        figure=outcome.figure,
    )
    return TargetLine(
        goal.indicator, indicator.name, goal.category, goal.province, goal.province_name, verdict
    )


def judge(
    indicator: IndicatorRow, figures: Sequence[Figure], goal: Goal, today: date, language: f.Language
) -> Outcome:
    """What the report itself says goes before what we can tell."""
    own = [one for one in figures if one.stated.value is not None and one.category == goal.category]
    newest = max(own, key=lambda one: (one.period.end <= goal.due, one.period.end), default=None)
    shown = _arithmetic(indicator, newest, goal, language) if newest else ""
    if goal.stated_outcome:
        met = goal.stated_outcome == "met"
        words = _("met, says the report") if met else _("not met, says the report")
        return Outcome(State.MET if met else State.MISSED, words, newest, shown)
    if newest is None:
        return Outcome(State.NO_FIGURE, _("no figure to tell by"))
    if goal.value is None:
        return Outcome(State.UNTOLD, _("the target names no number"), newest)
    met_or_open = reached(newest.stated, goal.operator, goal.value)
    if met_or_open is None:
        return Outcome(State.UNTOLD, _("open: the words of the figure allow both"), newest, shown)
    if met_or_open:
        return Outcome(State.MET, _("met"), newest, shown)
    if newest.period.end >= goal.due:
        return Outcome(State.MISSED, _("not met"), newest, shown)
    if today > goal.due:
        return Outcome(State.NO_FIGURE, _("not yet, by the newest figure before the day"), newest, shown)
    if on_pace(own, newest, goal):
        return Outcome(State.ON_TRACK, _("on track: at its pace so far it is reached in time"), newest, shown)
    return Outcome(State.BEHIND, _("not yet, and not at its pace so far"), newest, shown)


def on_pace(figures: Sequence[Figure], newest: Figure, goal: Goal) -> bool:
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


def _arithmetic(indicator: IndicatorRow, figure: Figure, goal: Goal, language: f.Language) -> str:
    """ "90,27 % against 90 %: 0,27 points more (year 2021)". Empty where the target names no number."""
    value = figure.stated.value
    if goal.value is None or value is None:
        return ""
    digits = max(f.written_decimals(value), f.written_decimals(goal.value))
    gap = f.change(abs(value - goal.value), indicator.measure, language, digits).lstrip("+±")
    words = {
        "value": f.stated(value, figure.stated.qualifier, indicator.measure, language, unit=_unit(indicator)),
        "target": f.quantity(goal.value, indicator.measure, language, unit=_unit(indicator)),
        "gap": gap,
        "period": period_name(figure.period, language),
    }
    if value == goal.value:
        return _("%(value)s against %(target)s: equal (%(period)s)") % words
    if value > goal.value:
        return _("%(value)s against %(target)s: %(gap)s more (%(period)s)") % words
    return _("%(value)s against %(target)s: %(gap)s less (%(period)s)") % words


def _unit(indicator: IndicatorRow) -> str:
    return indicator.unit if indicator.measure == "count" else ""


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


def target_words(indicator: IndicatorRow, goal: Goal, language: f.Language) -> str:
    day = f.day(goal.due, language)
    if goal.value is None:
        return _("target by %(day)s, named without a number") % {"day": day}
    value = f.quantity(goal.value, indicator.measure, language, unit=indicator.unit)
    words = {"value": value, "day": day}
    match goal.operator:
        case "at_least":
            return _("target: at least %(value)s by %(day)s") % words
        case "at_most":
            return _("target: at most %(value)s by %(day)s") % words
        case "more_than":
            return _("target: more than %(value)s by %(day)s") % words
        case _:
            return _("target: %(value)s by %(day)s") % words

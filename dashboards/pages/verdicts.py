"""Targets and what became of them (``indicators.core.verdicts``) in words, with the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.addresses import observation_card
from dashboards.queries.province import Figure
from dashboards.questions import in_period
from dashboards.rows import Goal, IndicatorRow
from indicators.core.verdicts import Outcome, State, judge


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
    def source_short(self) -> str:
        return shorten(self.source_title, 60, placeholder="…")

    @property
    def met(self) -> bool | None:
        return self.state.met

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
    are those of one province; one in doubt tells nothing."""
    usable = [one for one in figures if one.stated.confidence != "ambiguous"]
    return [
        target_line(
            goal,
            [one for one in usable if one.indicator == goal.indicator],
            indicators[goal.indicator],
            today,
            language,
        )
        for goal in goals
    ]


def target_line(
    goal: Goal, figures: Sequence[Figure], indicator: IndicatorRow, today: date, language: f.Language
) -> TargetLine:
    outcome = judge(goal, [one for one in figures if one.category == goal.category], today)
    verdict = Verdict(
        state=outcome.state,
        words=_words(outcome, goal),
        target=target_words(indicator, goal, language),
        basis=goal.basis,
        source_code=goal.source_code,
        source_title=goal.source_title,
        place=goal.place,
        arithmetic=_arithmetic(indicator, outcome.figure, goal, language) if outcome.figure else "",
        figure=outcome.figure,
    )
    return TargetLine(
        goal.indicator, indicator.name, goal.category, goal.province, goal.province_name, verdict
    )


def _words(outcome: Outcome[Figure], goal: Goal) -> str:
    """Why the state is what it is: what the report itself says goes before what we can tell."""
    if goal.stated_outcome:
        return _("met, says the report") if outcome.state.met else _("not met, says the report")
    match outcome.state:
        case State.NO_FIGURE if outcome.figure is None:
            return _("no figure to tell by")
        case State.NO_FIGURE:
            return _("not yet, by the newest figure before the day")
        case State.UNTOLD if goal.value is None:
            return _("the target names no number")
        case State.UNTOLD:
            return _("open: the words of the figure allow both")
        case State.MET:
            return _("met")
        case State.MISSED:
            return _("not met")
        case State.ON_TRACK:
            return _("on track: at its pace so far it is reached in time")
        case State.BEHIND:
            return _("not yet, and not at its pace so far")


def _arithmetic(indicator: IndicatorRow, figure: Figure, goal: Goal, language: f.Language) -> str:
    """ "90,27 % against 90 %: 0,27 points more (year 2021)"; the figure alone where the target names no
    number."""
    value, period = figure.stated.value, in_period(figure.period, language)
    if value is None:
        return f"{f.MISSING} ({period})"
    said = f.stated(value, figure.stated.qualifier, indicator.measure, language, unit=_unit(indicator))
    if goal.value is None:
        return f"{said} ({period})"
    digits = max(f.written_decimals(value), f.written_decimals(goal.value))
    gap = f.change(abs(value - goal.value), indicator.measure, language, digits).lstrip("+±")
    words = {
        "value": said,
        "target": f.quantity(goal.value, indicator.measure, language, unit=_unit(indicator)),
        "gap": gap,
        "period": period,
    }
    if value == goal.value:
        return _("%(value)s against %(target)s: equal (%(period)s)") % words
    if value > goal.value:
        return _("%(value)s against %(target)s: %(gap)s more (%(period)s)") % words
    return _("%(value)s against %(target)s: %(gap)s less (%(period)s)") % words


def _unit(indicator: IndicatorRow) -> str:
    return indicator.unit if indicator.measure == "count" else ""


def target_words(indicator: IndicatorRow, goal: Goal, language: f.Language) -> str:
    day = f.day(goal.due, language)
    if goal.value is None:
        return _("by %(day)s, named without a number") % {"day": day}
    value = f.quantity(goal.value, indicator.measure, language, unit=indicator.unit)
    words = {"value": value, "day": day}
    match goal.operator:
        case "at_least":
            return _("at least %(value)s by %(day)s") % words
        case "at_most":
            return _("at most %(value)s by %(day)s") % words
        case "more_than":
            return _("more than %(value)s by %(day)s") % words
        case _:
            return _("%(value)s by %(day)s") % words

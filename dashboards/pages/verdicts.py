"""Targets against figures: met, not met, or open, by the interval that the words of the figure allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.queries.province import Figure
from dashboards.rows import Goal, IndicatorRow, Stated


@dataclass(frozen=True)
class Verdict:
    """``met`` is None where it cannot be told. ``basis`` and source say who set the target."""

    met: bool | None
    words: str
    target: str
    basis: str
    source_code: str
    source_title: str


def verdicts_of(
    indicator: IndicatorRow, figures: Sequence[Figure], goals: Sequence[Goal], language: f.Language
) -> tuple[Verdict, ...]:
    own = [goal for goal in goals if goal.indicator == indicator.code]
    return tuple(_verdict(indicator, figures, goal, language) for goal in own)


@dataclass(frozen=True)
class TargetLine:
    """One target of a province: which indicator, and whether it was met."""

    code: str
    name: str
    category: str
    verdict: Verdict


def target_lines(
    goals: Sequence[Goal],
    figures: Sequence[Figure],
    indicators: Mapping[str, IndicatorRow],
    language: f.Language,
) -> list[TargetLine]:
    """Every target, also of indicators without a figure: the source may tell the outcome alone."""
    return [
        TargetLine(
            goal.indicator,
            indicators[goal.indicator].name,
            goal.category,
            _verdict(
                indicators[goal.indicator],
                [one for one in figures if one.indicator == goal.indicator],
                goal,
                language,
            ),
        )
        for goal in goals
    ]


def _verdict(indicator: IndicatorRow, figures: Sequence[Figure], goal: Goal, language: f.Language) -> Verdict:
    met, words = _outcome(figures, goal)
    return Verdict(
        met=met,
        words=words,
        target=target_words(indicator, goal, language),
        basis=goal.basis,
        source_code=goal.source_code,
        source_title=goal.source_title,
    )


def _outcome(figures: Sequence[Figure], goal: Goal) -> tuple[bool | None, str]:
    """What the report itself says goes before what we can tell."""
    if goal.stated_outcome:
        met = goal.stated_outcome == "met"
        return met, _("met, says the report") if met else _("not met, says the report")
    own = [one for one in figures if one.stated.value is not None and one.category == goal.category]
    if goal.value is None or not own:
        return None, _("no figure to tell by")
    newest = max(own, key=lambda one: (one.period.end <= goal.due, one.period.end))
    met_or_open = reached(newest.stated, goal.operator, goal.value)
    if met_or_open is None:
        return None, _("open: the words of the figure allow both")
    if not met_or_open and newest.period.end < goal.due:
        return None, _("not yet, by the newest figure before the day")
    return met_or_open, _("met") if met_or_open else _("not met")


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

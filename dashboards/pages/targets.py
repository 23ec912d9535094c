"""The page of targets: what is met, on track, missed or cannot be told, by province and by indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards.pages.verdicts import TargetLine, target_line
from dashboards.queries import targets as queries
from dashboards.questions import BadQuestion, Parameters, one
from dashboards.rows import Choice, Goal, IndicatorRow, ProvinceRow
from indicators.core.verdicts import State, existing

VIEW, STATE = "xem", "ket-qua"
_MOST_MISSED = 5
BY_PROVINCE, BY_INDICATOR = "tinh", "chi-tieu"


@dataclass(frozen=True)
class Group:
    """The targets of one province or one indicator, with how many of them are in each state."""

    key: str
    name: str
    counts: str
    lines: tuple[TargetLine, ...]


def targets_page(
    parameters: Parameters, indicators: Mapping[str, IndicatorRow], today: date, language: f.Language
) -> dict[str, Any]:
    """BadQuestion for a view or an outcome that does not exist."""
    view = _choice(parameters, VIEW, views()) or BY_PROVINCE
    state = _choice(parameters, STATE, states())
    provinces = queries.provinces()
    lines = _lines(indicators, provinces, today, language)
    shown = [line for line in lines if state in ("", line.verdict.state)]
    return {
        "sentence": _sentence(lines),
        "groups": _groups(shown, view, provinces, indicators),
        "by_province": view == BY_PROVINCE,
        "views": _links(views(), view, lambda value: _query(value, state)),
        "states": [
            {"label": _("all"), "count": len(lines), "address": _query(view, ""), "current": not state},
            *(
                {
                    "label": label,
                    "count": sum(line.verdict.state == value for line in lines),
                    "address": _query(view, value),
                    "current": value == state,
                }
                for value, label in states().items()
            ),
        ],
    }


def missed_targets(
    indicators: Mapping[str, IndicatorRow], today: date, language: f.Language
) -> dict[str, Any]:
    """How the targets stand, and those that were missed. Three queries."""
    lines = _lines(indicators, queries.provinces(), today, language)
    return {
        "sentence": _sentence(lines),
        "missed": [line for line in lines if line.verdict.state == State.MISSED][:_MOST_MISSED],
    }


def _lines(
    indicators: Mapping[str, IndicatorRow],
    provinces: Sequence[ProvinceRow],
    today: date,
    language: f.Language,
) -> list[TargetLine]:
    goals = _for_each(queries.every(), provinces)
    figures = queries.figures(goal.indicator for goal in goals)
    return [
        target_line(
            goal,
            figures.get((goal.province, goal.indicator), []),
            indicators[goal.indicator],
            today,
            language,
        )
        for goal in goals
    ]


def views() -> dict[str, str]:
    return {BY_PROVINCE: _("by province"), BY_INDICATOR: _("by indicator")}


def states() -> dict[str, str]:
    return {
        State.MET: _("met"),
        State.ON_TRACK: _("on track"),
        State.BEHIND: _("behind"),
        State.MISSED: _("not met"),
        State.NO_FIGURE: _("no figure for the day"),
        State.UNTOLD: _("cannot be told"),
    }


def _choice(parameters: Parameters, name: str, allowed: Mapping[str, str]) -> str:
    value = one(parameters, name)
    if value and value not in allowed:
        raise BadQuestion(name, value, (Choice(code, label) for code, label in allowed.items()), status=400)
    return value


def _query(view: str, state: str) -> str:
    return f"?{VIEW}={view}" + (f"&{STATE}={state}" if state else "")


def _links(labels: Mapping[str, str], current: str, address: Any) -> list[dict[str, object]]:
    return [
        {"label": label, "address": address(value), "current": value == current}
        for value, label in labels.items()
    ]


def _for_each(goals: Sequence[Goal], provinces: Sequence[ProvinceRow]) -> list[Goal]:
    """A target for all is one for each province that exists on its day."""
    found = []
    for goal in goals:
        if goal.province:
            found.append(goal)
            continue
        found += [
            replace(goal, province=row.slug, province_name=row.name) for row in existing(provinces, goal.due)
        ]
    return found


def _groups(
    lines: Sequence[TargetLine],
    view: str,
    provinces: Sequence[ProvinceRow],
    indicators: Mapping[str, IndicatorRow],
) -> list[Group]:
    """Provinces in the Vietnamese alphabet, indicators in the order of the catalogue."""
    by_province = view == BY_PROVINCE
    order = [row.slug for row in provinces] if by_province else list(indicators)
    place = {code: at for at, code in enumerate(order)}

    def key(line: TargetLine) -> str:
        return line.province if by_province else line.code

    listed = []
    for code, group in groupby(sorted(lines, key=lambda line: place[key(line)]), key=key):
        own = tuple(group)
        name = own[0].province_name if by_province else own[0].name
        listed.append(Group(code, name, _counts(own), own))
    return listed


def _counts(lines: Sequence[TargetLine]) -> str:
    counted = [
        (label, sum(line.verdict.state == state for line in lines)) for state, label in states().items()
    ]
    return " · ".join(f"{count} {label}" for label, count in counted if count)


def _sentence(lines: Sequence[TargetLine]) -> str:
    if not lines:
        return _("No target is loaded.")
    provinces = len({line.province for line in lines})
    whole = ngettext(
        "%(count)s target of %(provinces)s provinces",
        "%(count)s targets of %(provinces)s provinces",
        len(lines),
    ) % {"count": len(lines), "provinces": provinces}
    return f"{whole}: {_counts(lines)}."

"""Facts spread into dense arrays key × period × province, restated to one geography where they can be.

A key is one indicator × category. One cube holds periods of one comparison class, so that whatever stands
in it may be compared along every axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indicators.core.arrays import numbered, paired
from indicators.core.frames import (
    NONE,
    Booleans,
    Calendar,
    Definition,
    Facts,
    Floats,
    Frame,
    Integers,
    Layout,
)
from indicators.core.restatement import Bounded, Concordance, Content, Reason, concordance, restate

_NUMBERS = ("value", "lower", "upper", "numerator", "denominator")
_BOUNDS = ("numerator_lower", "numerator_upper", "denominator_lower", "denominator_upper")


@dataclass(frozen=True)
class Cube:
    """Keys (K,), periods (T,) in the order of time, numbers (K, T, P) with NaN where missing.

    ``derived`` (K, T, P) are quarters out of year-to-date figures, ``restated`` those that come from
    predecessors; one may be both.
    ``reason`` (K, T, P) is a ``Reason``; ``covered`` the share of predecessors with a figure. ``asked`` (K,
    T): the geography answers for this slice.
    """

    indicator: Integers
    category: Integers
    period: Integers
    end: Integers
    observation: Integers
    value: Floats
    lower: Floats
    upper: Floats
    numerator: Floats
    denominator: Floats
    derived: Booleans
    restated: Booleans
    reason: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
    covered: Floats
    asked: Booleans


@dataclass(frozen=True)
class Across:
    """Quarters of successors as facts, (N,): without a value where ``reason`` says so. ``covered`` is the
    share of the predecessors that reported."""

    facts: Facts
    reason: Integers
    covered: Floats


def spread(
    facts: Facts,
    derived: Booleans,
    across: Across | None,
    frame: Frame,
    layout: Layout,
    periods: Integers | None = None,
) -> list[Cube]:
    """One cube for each comparison class of periods that has facts in this geography or its predecessors;
    with ``periods`` only for the classes that one of these is of. ``derived`` marks facts that were, and all
    of those ``across`` a merger were too."""
    if across is not None:
        facts, derived = facts.joined(across.facts), np.append(derived, across.reason == Reason.STATED)
    old = np.array(sorted({edge[0] for edge in layout.edges}), dtype=np.int64)
    known = np.unique(np.concatenate([layout.provinces, old]))
    calendar = frame.calendar
    class_of = np.zeros(int(calendar.period.max(initial=0)) + 1, dtype=np.int64)
    class_of[calendar.period] = calendar.comparison
    classes = class_of[facts.period]
    if len(facts):
        is_known = np.zeros(max(int(facts.province.max()), int(known.max(initial=0))) + 1, dtype=np.bool_)
        is_known[known] = True
        classes = np.where(is_known[facts.province], classes, -1)
    asked = calendar.comparison if periods is None else calendar.comparison[np.isin(calendar.period, periods)]
    return [
        _cube(facts, derived, across, np.flatnonzero(classes == number), known, frame, layout)
        for number in np.intersect1d(classes[classes >= 0], asked).tolist()
    ]


def _cube(
    facts: Facts,
    derived: Booleans,
    across: Across | None,
    rows: Integers,
    known: Integers,
    frame: Frame,
    layout: Layout,
) -> Cube:
    codes, key = numbered(paired(facts.indicator[rows], facts.category[rows]))
    one = np.zeros(len(codes), dtype=np.int64)
    one[key] = rows  # any fact of the key
    used, place = numbered(facts.period[rows])
    periods, ends, time = _in_time(used, frame.calendar)
    shape = (len(codes), len(periods), len(known))
    where = np.ravel_multi_index((key, time[place], np.searchsorted(known, facts.province[rows])), shape)
    numbers = {}
    columns = {name: getattr(facts, name) for name in _NUMBERS}
    if facts.counts is not None:
        columns |= dict(zip(_BOUNDS, facts.counts.T, strict=True))
    for name, column in columns.items():
        numbers[name] = np.full(shape, np.nan)
        numbers[name].put(where, column[rows])
    observation = np.full(shape, NONE, dtype=np.int64)
    observation.put(where, facts.observation[rows])
    was_derived = np.zeros(shape, dtype=np.bool_)
    was_derived.put(where, derived[rows])
    own = np.searchsorted(known, layout.provinces)
    definitions = [frame.definitions[indicator] for indicator in facts.indicator[one].tolist()]
    reported = ~np.isnan(numbers["value"][..., own])
    numbers, restated, reason, covered = _restated(numbers, own, known, definitions, layout)
    derived_here = np.where(restated, _inherited(was_derived, known, layout), was_derived[..., own])
    if across is not None:
        later = np.flatnonzero(rows >= len(facts) - len(across.facts))
        mine = rows[later] - (len(facts) - len(across.facts))
        row, column, old = np.unravel_index(where[later], shape)
        at = row, column, np.argsort(own)[np.searchsorted(np.sort(own), old)]
        restated[at] = derived_here[at]
        reason[at], covered[at] = across.reason[mine], across.covered[mine]
    known_of = (reported | (covered > 0))[..., layout.exclusive].any(axis=-1)
    return Cube(
        indicator=facts.indicator[one],
        category=facts.category[one],
        period=periods,
        end=ends,
        observation=np.where(restated, NONE, observation[..., own]),
        derived=derived_here,
        restated=restated,
        reason=reason,
        covered=covered,
        asked=np.isin(periods, layout.in_force)[None, :] | known_of,
        **numbers,
    )


def _end_at_scale(found: dict[str, Floats], definitions: list[Definition], merged: Booleans) -> None:
    """Intervals of what was worked out end where the scale of its definition does, yet hold the figure."""
    least = np.array([definition.least for definition in definitions])[:, None, None]
    greatest = np.array([definition.greatest for definition in definitions])[:, None, None]
    lower = np.minimum(np.maximum(found["lower"], least), found["value"])
    upper = np.maximum(np.minimum(found["upper"], greatest), found["value"])
    found["lower"], found["upper"] = (
        np.where(merged, lower, found["lower"]),
        np.where(merged, upper, found["upper"]),
    )


def _inherited(derived: Booleans, known: Integers, layout: Layout) -> Booleans:
    """Whether a predecessor's figure was derived, for each of the layout's provinces."""
    result = np.zeros((*derived.shape[:-1], len(layout.provinces)), dtype=np.bool_)
    for predecessor, successor in layout.edges if derived.any() else ():
        result[..., layout.provinces == successor] |= derived[..., [np.searchsorted(known, predecessor)]]
    return result


def _in_time(periods: Integers, calendar: Calendar) -> tuple[Integers, Integers, Integers]:
    """Periods in the order of their last days, with those days, and the place of each in that order."""
    ends = calendar.end[np.searchsorted(calendar.period, periods)]
    order = np.argsort(ends, kind="stable")
    return periods[order], ends[order], np.argsort(order)


def _restated(
    numbers: dict[str, Floats], own: Integers, known: Integers, definitions: list[Definition], layout: Layout
) -> tuple[dict[str, Floats], Booleans, np.ndarray[tuple[int, ...], np.dtype[np.int8]], Floats]:
    """The layout's provinces only: as they stated it themselves, otherwise out of their predecessors."""
    result = {name: numbers[name][..., own] for name in _NUMBERS}
    stated = ~np.isnan(result["value"])
    restated = np.zeros(stated.shape, dtype=np.bool_)
    reason = np.zeros(stated.shape, dtype=np.int8)
    covered = np.full(stated.shape, np.nan)
    if not layout.edges:
        return result, restated, reason, covered
    predecessors = np.array(sorted({edge[0] for edge in layout.edges}), dtype=np.int64)
    between = concordance(predecessors.tolist(), layout.provinces.tolist(), layout.edges)
    old = np.searchsorted(known, predecessors)
    weights = np.array([layout.weights.get(key, 1.0) for key in predecessors.tolist()])
    for content in {definition.content for definition in definitions}:
        rows = np.flatnonzero([definition.content is content for definition in definitions])
        found = _of_predecessors(
            {n: a[rows][..., old] for n, a in numbers.items()}, content, between, weights
        )
        if content is Content.RATIO and _BOUNDS[0] in numbers:
            _end_at_scale(found, [definitions[row] for row in rows.tolist()], between.numbers > 1)
        fill = ~stated[rows] & ~np.isnan(found["value"])
        for name in _NUMBERS:
            result[name][rows] = np.where(fill, found[name], result[name][rows])
        restated[rows] = fill
        missing = ~stated[rows] & ~fill & (found["covered"] > 0)
        reason[rows] = np.where(missing, found["reason"], Reason.STATED).astype(np.int8)
        covered[rows] = np.where(fill | missing, found["covered"], np.nan)
    return result, restated, reason, covered


def _of_predecessors(
    numbers: dict[str, Floats], content: Content, between: Concordance, weights: Floats
) -> dict[str, Floats]:
    tops, bottoms = Bounded.exact(numbers["numerator"]), Bounded.exact(numbers["denominator"])
    if _BOUNDS[0] in numbers:
        ends = [numbers[name] for name in _BOUNDS]
        tops, bottoms = Bounded(tops.value, *ends[:2]), Bounded(bottoms.value, *ends[2:])
    found = restate(
        content,
        Bounded(numbers["value"], numbers["lower"], numbers["upper"]),
        between,
        numerators=tops,
        denominators=bottoms,
        weights=weights,
    )
    assert found.numerators is not None and found.denominators is not None
    return {
        "value": found.figures.value,
        "lower": found.figures.lower,
        "upper": found.figures.upper,
        "numerator": found.numerators.value,
        "denominator": found.denominators.value,
        "reason": found.reason.astype(np.float64),
        "covered": found.covered,
    }

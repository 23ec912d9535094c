"""The second implementation of the engine: slow, obvious, one province at a time, in plain Python.

Written from design and docstrings, not from the engine. None = missing. A slice is (indicator, category,
period); a figure of a geography is what it says of one province in one slice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

from indicators.core.frames import NONE
from indicators.core.restatement import Content, Reason
from tests.core import slow

NUMBERS = ("value", "lower", "upper", "numerator", "denominator")


@dataclass(frozen=True)
class Figure:
    """``value`` None: not restatable, of which ``covered`` is known all the same."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    observation: int | None = None
    derived: bool = False
    restated: bool = False
    covered: float | None = None
    why: Reason = Reason.STATED
    tops: tuple[float, float] | None = None
    bottoms: tuple[float, float] | None = None

    def bounds(self):
        lower = self.value if self.lower is None else self.lower
        upper = self.value if self.upper is None else self.upper
        return lower, upper


class SlowEngine:
    """``aggregates`` and ``standings``: dicts by (group, indicator, category, period[, province])."""

    def __init__(self, facts, frame, layout):
        self.frame, self.layout = frame, layout
        calendar = frame.calendar
        periods = calendar.period.tolist()
        self.end = dict(zip(periods, calendar.end.tolist(), strict=True))
        self.group_of_periods = dict(zip(periods, calendar.comparison.tolist(), strict=True))
        self.previous = dict(zip(periods, calendar.previous.tolist(), strict=True))
        self.year_before = dict(zip(periods, calendar.year_before.tolist(), strict=True))
        self.stated = stated_figures(facts)
        self.reported = self.stated | self.derived_quarters()
        self.provinces = layout.provinces.tolist()
        self.slices = sorted({key[:3] for key in self.reported} | self.slices_across_mergers())
        self.figures = {}
        for one in self.slices:
            for province in self.provinces:
                figure = self.figure(one, province)
                if figure is not None:
                    self.figures[*one, province] = figure
        self.aggregates, self.standings = {}, {}
        for one in self.slices:
            if self.answers_for(one):
                for group in layout.groups:
                    self.compare(one, group)

    # What is reported

    def derived_quarters(self):
        found = {}
        for quarter, whole, earlier in self.frame.calendar.quarters:
            for (indicator, category, period, province), figure in self.stated.items():
                before = self.stated.get((indicator, category, earlier, province))
                place = (indicator, category, quarter, province)
                if period != whole or before is None or place in self.stated:
                    continue
                if not self.frame.definitions[indicator].accumulates:
                    continue
                if self.breaks_between(indicator, earlier, whole):
                    continue
                rest = self.difference(indicator, figure, before)
                if rest is not None:
                    found[place] = rest
        return found

    def across_merger(self, one, province):
        """What a successor says from the start of the year, less what its predecessors said before."""
        indicator, category, period = one
        members = self.members(province)
        for quarter, whole, earlier in self.frame.calendar.quarters:
            cumulative = self.stated.get((indicator, category, whole, province))
            if quarter != period or cumulative is None or self.derivable(indicator, earlier, whole) is False:
                continue
            if any((indicator, category, key, province) in self.reported for key in (quarter, earlier)):
                continue
            if any((indicator, category, quarter, member) in self.reported for member in members):
                continue
            before = self.of_members((indicator, category, earlier), province)
            if before is None or before.value is None:
                return before
            rest = self.difference(indicator, cumulative, before)
            if rest is not None:
                return replace(rest, restated=True, covered=before.covered)
        return None

    def slices_across_mergers(self):
        quarters = self.frame.calendar.quarters
        return {
            (key[0], key[1], quarter)
            for key in self.stated
            for quarter, whole, _ in quarters
            if key[2] == whole
        }

    def derivable(self, indicator, earlier, whole):
        definition = self.frame.definitions[indicator]
        broken = self.breaks_between(indicator, earlier, whole)
        return bool(definition.accumulates and definition.content is not Content.OTHER and not broken)

    def difference(self, indicator, whole, earlier):
        """A negative one is kept; a share of nothing is none."""
        top = minus(whole.numerator, earlier.numerator)
        bottom = minus(whole.denominator, earlier.denominator)
        tops, bottoms = apart(whole.tops, earlier.tops), apart(whole.bottoms, earlier.bottoms)
        if bottom is not None and bottom <= 0:
            bottom = bottoms = None
        content = self.frame.definitions[indicator].content
        if content is Content.COUNT:
            (low, high), (earlier_low, earlier_high) = whole.bounds(), earlier.bounds()
            value = whole.value - earlier.value
            low, high = low - earlier_high, high - earlier_low
            return Figure(value, low, high, top, bottom, derived=True, tops=tops, bottoms=bottoms)
        if content is Content.RATIO and top is not None and bottom is not None:
            value = 100 * top / bottom
            low, high = self.share(indicator, value, tops, bottoms)
            return Figure(value, low, high, top, bottom, derived=True, tops=tops, bottoms=bottoms)
        return None

    def share(self, indicator, value, tops, bottoms):
        """The least and the greatest quotient, within the scale of the definition, yet with the value."""
        quotients = [100 * t / b for t in tops for b in bottoms if b > 0]
        if bottoms[0] <= 0:
            quotients += [-math.inf] * (tops[0] < 0) + [math.inf] * (tops[1] > 0)
        definition = self.frame.definitions[indicator]
        low, high = max(min(quotients), definition.least), min(max(quotients), definition.greatest)
        return min(low, value), max(high, value)

    # What the geography says

    def figure(self, one, province):
        own = self.reported.get((*one, province))
        if own is not None:
            return own
        across = self.across_merger(one, province)
        return self.of_members(one, province) if across is None else across

    def members(self, province):
        return sorted({a for a, b in self.layout.edges if b == province and a not in self.provinces})

    def of_members(self, one, province):
        edges, members = self.layout.edges, self.members(province)
        weight = {a: self.layout.weights.get(a, 1) for a in members}
        there = [a for a in members if (*one, a) in self.reported]
        if not there:
            return None
        covered = sum(weight[a] for a in there) / sum(weight.values())
        if any(b != province and b in self.provinces for a, b in edges if a in members):
            return Figure(None, covered=covered, why=Reason.DIVIDED)
        if len(there) < len(members):
            other = self.frame.definitions[one[0]].content is Content.OTHER
            why = Reason.NOT_RESTATABLE if other and len(members) > 1 else Reason.PREDECESSOR_MISSING
            return Figure(None, covered=covered, why=why)
        return self.sum_of([self.reported[*one, a] for a in members], one[0], covered)

    def sum_of(self, parts, indicator, covered):
        derived = any(part.derived for part in parts)
        if len(parts) == 1:
            return replace(parts[0], observation=None, restated=True, covered=covered)
        top, bottom = total([p.numerator for p in parts]), total([p.denominator for p in parts])
        tops, bottoms = together([p.tops for p in parts]), together([p.bottoms for p in parts])
        content = self.frame.definitions[indicator].content
        if content is Content.COUNT:
            value = total([p.value for p in parts])
            lower, upper = (sum(p.bounds()[side] for p in parts) for side in (0, 1))
        elif content is Content.RATIO and top is not None and bottom:
            value = 100 * top / bottom
            lower, upper = self.share(indicator, value, tops, bottoms)
        else:
            other = content is Content.OTHER
            return Figure(
                None, covered=covered, why=Reason.NOT_RESTATABLE if other else Reason.COUNTS_MISSING
            )
        origin = {"derived": derived, "restated": True, "covered": covered}
        return Figure(value, lower, upper, top, bottom, **origin, tops=tops, bottoms=bottoms)

    def answers_for(self, one):
        """In force when the period ended, or one of the provinces that only it has is known of."""
        if one[2] in self.layout.in_force.tolist():
            return True
        only_here = [p for p, only in zip(self.provinces, self.layout.exclusive, strict=True) if only]
        return any((*one, province) in self.figures for province in only_here)

    # What is said of a slice within a group

    def compare(self, one, group):
        if group.periods is not None and one[2] not in group.periods.tolist():
            return
        members = [p for p, within in zip(self.provinces, group.members, strict=True) if within]
        figures = [self.figures.get((*one, province)) for province in members]
        present = [figure is not None and figure.value is not None for figure in figures]
        if any(present):
            shown = [f if there else None for f, there in zip(figures, present, strict=True)]
            self.aggregates[group.code, *one] = self.aggregate(one, shown)
            self.stand(one, group.code, members, shown)
        if group.code == "nation":
            for province, figure in zip(members, figures, strict=True):
                if figure is not None and figure.value is None:
                    row = dict.fromkeys(STANDING) | {"covered_share": figure.covered}
                    row |= {"reason": figure.why, "restated": False, "derived": False}
                    self.standings[group.code, *one, province] = row

    def aggregate(self, one, figures):
        values = [figure.value for figure in figures if figure is not None]
        threshold = self.frame.definitions[one[0]].coverage_threshold
        coverage = len(values) / len(figures)
        columns = [[getattr(f, name) if f else None for f in figures] for name in NUMBERS]
        return {
            "reporting": len(values),
            "expected": len(figures),
            "coverage": coverage,
            "complete": coverage >= threshold,
            "sum": sum(values),
            "ratio_of_sums": slow.ratio_of_sums(columns[0], columns[3], columns[4]),
            "mean": slow.mean(values),
            "median": slow.type_7(values, 0.5),
            "q1": slow.type_7(values, 0.25),
            "q3": slow.type_7(values, 0.75),
            "minimum": min(values),
            "maximum": max(values),
            "standard_deviation": slow.deviation(values),
        }

    def stand(self, one, code, members, figures):
        direction = str(self.frame.definitions[one[0]].direction)
        values = [figure.value if figure else None for figure in figures]
        ranks = slow.ranks(values, direction)
        spans = slow.rank_bounds([(f.value, *f.bounds()) if f else None for f in figures], direction)
        percentiles = slow.percentiles(values, direction)
        median = slow.type_7(slow.present(values), 0.5)
        best = (min if direction == "lower" else max)(slow.present(values))
        for place, (province, figure) in enumerate(zip(members, figures, strict=True)):
            if figure is None:
                continue
            rank_from, rank_to = spans[place] or (None, None)
            self.standings[code, *one, province] = {
                **{name: getattr(figure, name) for name in NUMBERS},
                "observation_id": figure.observation,
                "restated": figure.restated,
                "derived": figure.derived,
                "reason": Reason.STATED,
                "covered_share": figure.covered,
                "rank": ranks[place],
                "rank_from": rank_from,
                "rank_to": rank_to,
                "percentile": percentiles[place],
                "quartile": quartile(percentiles[place]),
                "difference_to_median": figure.value - median,
                "difference_to_best": None if direction == "none" else figure.value - best,
                **self.over_time(one, province, direction),
            }

    # What is said of a figure against others of its series

    @cache  # noqa: B019 (an engine lives as long as one example)
    def over_time(self, one, province, direction):
        return {
            "change_previous": self.change(one, province, self.previous),
            "change_year": self.change(one, province, self.year_before),
            "distance_to_target": self.distance(one, province, direction),
            "trend": self.trend(one, province),
        }

    def breaks_between(self, indicator, earlier, later):
        breaks = self.frame.definitions[indicator].breaks
        return [day for day in breaks if self.end[earlier] < day <= self.end[later]]

    def in_series(self, one, province):
        """The value, or that of the definition before it whose series goes on in this one."""
        indicator, category, period = one
        while indicator in self.frame.definitions:
            figure = self.figures.get((indicator, category, period, province))
            if figure is not None and figure.value is not None:
                return figure.value
            indicator = self.frame.definitions[indicator].continues
        return None

    def change(self, one, province, neighbour):
        indicator, category, period = one
        other = neighbour[period]
        if other == NONE or self.breaks_between(indicator, other, period):
            return None
        before = self.in_series((indicator, category, other), province)
        return None if before is None else self.figures[*one, province].value - before

    def trend(self, one, province):
        indicator, category, period = one
        series = [
            self.in_series((indicator, category, other), province)
            for other in sorted(self.end, key=self.end.get)
            if self.group_of_periods[other] == self.group_of_periods[period]
            and self.end[other] <= self.end[period]
            and not self.breaks_between(indicator, other, period)
        ]
        return slow.trend(series)

    def distance(self, one, province, direction):
        indicator, category, period = one
        goals = [g for g in self.frame.goals if (g.indicator, g.category) == (indicator, category)]
        chosen = [g for g in goals if g.province == province] or [g for g in goals if g.province == NONE]
        chosen.sort(key=lambda goal: goal.due)
        if not chosen or direction == "none":
            return None
        coming = [goal for goal in chosen if goal.due >= self.end[period]]
        missing = (coming or chosen[-1:])[0].value - self.figures[*one, province].value
        return missing if direction == "higher" else -missing


STANDING = (
    *NUMBERS,
    *("observation_id", "restated", "derived", "reason", "covered_share"),
    *("rank", "rank_from", "rank_to", "percentile", "quartile", "difference_to_median"),
    *("difference_to_best", "change_previous", "change_year", "distance_to_target", "trend"),
)


def stated_figures(facts):
    figures = {}
    for row in range(len(facts)):
        one = facts.indicator[row], facts.category[row], facts.period[row], facts.province[row]
        numbers = [exact(getattr(facts, name)[row]) for name in NUMBERS]
        tops = bottoms = None
        if facts.counts is not None:
            ends = [exact(end) for end in facts.counts[row]]
            tops, bottoms = ends[:2], ends[2:]
        figures[tuple(map(int, one))] = Figure(
            *numbers,
            observation=int(facts.observation[row]),
            tops=None if numbers[3] is None else tuple(tops or numbers[3:4] * 2),
            bottoms=None if numbers[4] is None else tuple(bottoms or numbers[4:5] * 2),
        )
    return figures


def exact(number):
    return None if math.isnan(number) else float(number)


def minus(one, other):
    return None if one is None or other is None else one - other


def apart(one, other):
    """The difference of two intervals."""
    return None if one is None or other is None else (one[0] - other[1], one[1] - other[0])


def together(parts):
    """The sum of intervals."""
    return None if None in parts else tuple(sum(part[side] for part in parts) for side in (0, 1))


def total(parts):
    return None if None in parts else sum(parts)


def quartile(percentile):
    if percentile is None:
        return None
    return 1 if percentile >= 75 else 2 if percentile >= 50 else 3 if percentile >= 25 else 4

"""The sieve loses nothing: whatever the exact rules find among all figures, it names as a suspect."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from indicators.core import contradictions as rules
from indicators.core import suspects
from indicators.core.frames import NONE, Definition, Frame
from indicators.core.periods import parse_period
from indicators.core.ranking import Direction
from indicators.core.restatement import Content
from indicators.core.stated import Measure, Qualifier, from_value, parse_stated
from tests.core.test_engine import EXAMPLES, quick
from tests.core.worlds import SIZES, Size, as_facts, make_calendar, make_world

TEXTS = ("{}", "{}", "{}", "hơn {}", "gần {}", "khoảng {}", "ít nhất {}")
PARTS = ("-Q1", "-Q2", "-Q3", "-Q4", "-H1", "-YTD-09", "", "-01", "-02", "-03")


class Reports:
    """Counts as stated, by (indicator, province, period); indicator 1 accumulates, 2 does not."""

    def __init__(self, seed, years):
        dice = random.Random(seed)
        codes = [f"{year}{part}" for year, part in product(range(2021 - years, 2021), PARTS)]
        codes = [code for code in codes if dice.random() < 0.9] or ["2020"]
        keys = dice.sample(range(1, 3 * len(codes) + 1), len(codes))
        self.periods = dict(sorted(zip(keys, map(parse_period, codes), strict=True)))
        ends = sorted(period.end.toordinal() for period in self.periods.values())
        breaks = tuple(sorted(dice.sample(ends, dice.choice([0, 0, 1]))))
        self.frame = Frame(
            make_calendar(self.periods),
            {
                key: Definition(Direction.NONE, Content.COUNT, accumulates=key == 1, breaks=breaks)
                for key in (1, 2)
            },
        )
        self.stated = {}
        size = dice.choice([1, 1000, 400_000])
        for indicator, province, (key, period) in product((1, 2), (1,), self.periods.items()):
            if dice.random() < 0.92:
                slip = dice.choice([1] * 12 + [0, 2, 30])
                value = int(
                    size * (period.months if indicator == 1 else 3) * dice.choice([1, 1, 1, 1.1]) * slip
                )
                text = dice.choice(TEXTS).format(value)
                self.stated[indicator, province, key] = parse_stated(text, Measure.COUNT)

    def facts(self):
        rows = []
        for number, ((indicator, province, period), stated) in enumerate(self.stated.items()):
            plausible = stated.plausible
            assert plausible.lower is not None and plausible.upper is not None
            numbers = [float(x) for x in (stated.value, plausible.lower, plausible.upper)]
            numbers = dict(zip(("value", "lower", "upper"), numbers, strict=True))
            keys = {"indicator": indicator, "province": province, "period": period, "category": NONE}
            rows.append(
                {"observation": number + 1, **keys, **numbers, "numerator": np.nan, "denominator": np.nan}
            )
        return as_facts(rows)

    def found(self):
        """What the exact rules find, each figure held against all others of its province."""
        number = {place: n + 1 for n, place in enumerate(self.stated)}
        for (indicator, province, key), stated in self.stated.items():
            whole = self.periods[key]
            mine = {
                self.periods[k]: (number[i, p, k], figure)
                for (i, p, k), figure in self.stated.items()
                if (i, p) == (indicator, province) and not self.broken(self.periods[k], whole)
            }
            me = mine[whole][0]
            if indicator == 1:
                for period, (other, figure) in mine.items():
                    earlier = period.start == whole.start and period.end < whole.end
                    if earlier and rules.year_to_date_falls(stated, figure):
                        yield "falls", (me, other)
                for parts in self.parts_of(whole, mine):
                    if rules.year_to_date_against_quarters(stated, [mine[part][1] for part in parts]):
                        yield "sum", (me, *(mine[part][0] for part in parts))
            before = sorted(p for p in mine if p.comparable_with(whole) and p.end < whole.end)
            if rules.jump_against_series(stated, [mine[period][1].value for period in before]):
                yield "jump", (me, *(mine[period][0] for period in before))

    def parts_of(self, whole, known):
        for length in (3, 1):
            if not whole.code.endswith(("H1", "09", str(whole.year), "Q1")) or length == whole.months:
                continue
            within = [
                p for p in known if p.months == length and whole.start <= p.start and p.end <= whole.end
            ]
            if len(within) * length == whole.months and not self.broken(min(within), max(within)):
                yield sorted(within)

    def broken(self, earlier, later):
        days = self.frame.definitions[1].breaks
        return any(earlier.end.toordinal() < day <= later.end.toordinal() for day in days)


@settings(quick, max_examples=max(1, EXAMPLES // 3))
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_the_sieve_lets_every_contradiction_through(seed: int, years: int) -> None:
    reports = Reports(seed, years)
    facts, frame = reports.facts(), reports.frame
    everything = frame.calendar.period
    named = {
        "falls": set(suspects.falling(facts, frame)),
        "sum": set(suspects.sums_off(facts, frame)),
        "jump": set(suspects.jumps(facts, frame, everything)),
    }
    for rule, figures in reports.found():
        event(rule)
        assert figures in named[rule], (rule, figures)


def test_the_reports_contradict_themselves_in_every_way() -> None:
    seen = Counter(rule for seed in range(8) for rule, _ in Reports(seed, 4).found())
    assert min(seen[rule] for rule in ("falls", "sum", "jump")) >= 5, seen


def test_a_year_is_held_against_its_quarters_although_nobody_reports_by_halves() -> None:
    """A year of 50 after quarters of 20 each, with neither half-year nor nine months."""
    periods = dict(
        enumerate(map(parse_period, ("2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4", "2020")), start=1)
    )
    frame = Frame(make_calendar(periods), {1: Definition(Direction.NONE, Content.COUNT, accumulates=True)})
    exact = [from_value(Decimal(n), Qualifier.EXACT, Measure.COUNT) for n in (20, 20, 20, 20, 50)]
    rows = [
        {"indicator": 1, "province": 1, "category": NONE, "period": key, "observation": key}
        | dict.fromkeys(("value", "lower", "upper"), float(stated.value))
        | {"numerator": np.nan, "denominator": np.nan}
        for key, stated in zip(periods, exact, strict=True)
    ]
    assert list(suspects.sums_off(as_facts(rows), frame)) == [(5, 1, 2, 3, 4)]


def falling_slowly(world, content, ends):
    """(whole, earlier …) by observation keys: a successor's predecessors together, as many as reported."""
    facts, frame, found = world.facts, world.frame, set()
    span = {key: (period.start, period.end) for key, period in world.periods.items()}
    rows = [
        row for row in range(len(facts)) if frame.definitions[int(facts.indicator[row])].content is content
    ]
    rows = [row for row in rows if frame.definitions[int(facts.indicator[row])].accumulates]
    least, most = ends
    for whole in rows:
        for earlier in {int(facts.period[row]) for row in rows}:
            start, end = span[earlier]
            later_start, later_end = span[int(facts.period[whole])]
            broken = frame.definitions[int(facts.indicator[whole])].is_broken(
                end.toordinal(), later_end.toordinal()
            )
            if start != later_start or end >= later_end or broken:
                continue
            alike = [
                row
                for row in rows
                if (facts.indicator[row], facts.category[row], facts.period[row])
                == (facts.indicator[whole], facts.category[whole], earlier)
            ]
            for province in [{int(facts.province[whole])}, *predecessors(world, int(facts.province[whole]))]:
                before = [row for row in alike if int(facts.province[row]) in province]
                if before and most[whole] < sum(least[row] for row in before):
                    found.add(tuple(facts.observation[[whole, *sorted(before)]].tolist()))
    return found


def predecessors(world, province):
    for layout in world.layouts:
        of = {old for old, new in layout.edges if new == province}
        yield {old for old in of if sum(edge[0] == old for edge in layout.edges) == 1}


@quick
@given(SIZES)
def test_no_count_that_falls_is_lost_also_across_a_merger(size: Size) -> None:
    world = make_world(size)
    frame = replace(world.frame, layouts=world.layouts)
    tops, bottoms = world.facts.numerators(), world.facts.denominators()
    for sieve, content, ends in (
        (suspects.falling, Content.COUNT, (world.facts.lower, world.facts.upper)),
        (suspects.falling_numerators, Content.RATIO, (tops.lower, tops.upper)),
        (suspects.falling_denominators, Content.RATIO, (bottoms.lower, bottoms.upper)),
    ):
        expected = falling_slowly(world, content, ends)
        place = {int(key): row for row, key in enumerate(world.facts.observation)}
        named = {(whole, *sorted(rest, key=place.__getitem__)) for whole, *rest in sieve(world.facts, frame)}
        assert expected <= named
        if any(len(one) > 2 for one in expected):
            event(f"{sieve.__name__} across a merger")

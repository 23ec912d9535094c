"""The sieve loses nothing: whatever the exact rules find among all figures, it names as a suspect."""

from __future__ import annotations

import random
from collections import Counter
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
from tests.core.worlds import as_facts, make_calendar

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

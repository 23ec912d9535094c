"""Random worlds for the engine: provinces before and after a merger, periods, definitions, facts.

Hypothesis draws how large a world is and the seed of everything else, so that what fails shrinks to a small
one. Numbers are multiples of a quarter: floating point adds them exactly.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from hypothesis import strategies as st

from indicators.core.frames import NONE, Calendar, Definition, Facts, Frame, Goal, Group, Layout
from indicators.core.periods import Kind, parse_period, quarter_between, tilings
from indicators.core.ranking import Direction
from indicators.core.restatement import Content

MERGER = date(2021, 7, 1)
OLD, NEW = 1, 2
NUMBERS = ("value", "lower", "upper", "numerator", "denominator")


@dataclass(frozen=True)
class Size:
    seed: int
    indicators: int = 3
    years: int = 4
    continuing: int = 3
    merged: int = 2
    gaps: float = 0.2


SIZES = st.builds(
    Size,
    seed=st.integers(0, 2**32 - 1),
    indicators=st.integers(1, 4),
    years=st.integers(1, 6),
    continuing=st.integers(0, 4),
    merged=st.integers(0, 3),
    gaps=st.sampled_from([0.0, 0.1, 0.4]),
)


@dataclass
class World:
    frame: Frame
    facts: Facts
    layouts: list[Layout]
    periods: dict[int, object] = field(default_factory=dict)  # key → core period


def make_world(size: Size) -> World:
    dice = random.Random(size.seed)
    provinces = dice.sample(range(1, 60), size.continuing + 4 * size.merged)
    continuing, rest = provinces[: size.continuing], provinces[size.continuing :]
    new = rest[: size.merged]
    members = {key: rest[size.merged + 3 * n :][: dice.choice([1, 2, 2, 3])] for n, key in enumerate(new)}
    edges = [(old, key) for key, olds in members.items() for old in olds]
    if len(new) > 1 and dice.random() < 0.2:
        edges.append((members[new[0]][0], new[1]))  # divided between two
    periods = make_periods(dice, size.years)
    frame = make_frame(dice, size.indicators, periods, [*continuing, *new])
    old = sorted({old for old, _ in edges})
    weights = {key: float(dice.randrange(1, 9)) for key in old} if dice.random() < 0.7 else {}
    layouts = [
        make_layout(dice, OLD, [*continuing, *old], old, periods, [], {}),
        make_layout(dice, NEW, [*continuing, *new], new, periods, edges, weights),
    ]
    rows = make_rows(dice, frame, periods, [*continuing, *old, *new], old, new, size.gaps)
    return World(frame, as_facts(rows), [lay for lay in layouts if len(lay.provinces)], periods)


def make_periods(dice, years):
    """Key → period: of each year some, in no order of keys."""
    parts = ["-Q1", "-Q2", "-Q3", "-Q4", "-H1", "-YTD-09", ""]
    often = [part for part in parts if dice.random() < 0.85] or [""]
    last = dice.choice([2020, 2021, 2022])
    codes = [f"{year}{part}" for year in range(last - years + 1, last + 1) for part in often]
    if dice.random() < 0.3:
        codes += [f"{code}-ND09" for code in codes if code.endswith(("H1", "Q1"))]
    codes = [code for code in codes if dice.random() < 0.95] or ["2021"]
    keys = dice.sample(range(1, 4 * len(codes) + 1), len(codes))
    return dict(sorted(zip(keys, map(parse_period, codes), strict=True)))


def make_calendar(periods):
    key_of = {period: key for key, period in periods.items()}
    classes = {}
    quarters = []
    for whole in periods.values():
        for earlier in [period for period in periods.values() if period.start == whole.start]:
            try:
                quarter = quarter_between(whole, earlier)
            except ValueError:
                continue
            if quarter in key_of:
                quarters.append((key_of[quarter], key_of[whole], key_of[earlier]))
    return Calendar(
        period=np.array(list(periods), dtype=np.int64),
        comparison=np.array(
            [classes.setdefault(p.comparison_class, len(classes)) for p in periods.values()], dtype=np.int64
        ),
        start=np.array([period.start.toordinal() for period in periods.values()], dtype=np.int64),
        end=np.array([period.end.toordinal() for period in periods.values()], dtype=np.int64),
        previous=np.array([key_of.get(p.previous(), NONE) for p in periods.values()], dtype=np.int64),
        year_before=np.array([key_of.get(p.year_before(), NONE) for p in periods.values()], dtype=np.int64),
        quarters=quarters,
        sums=[tuple(key_of[part] for part in parts) for parts in tilings(periods.values())],
    )


def make_frame(dice, indicators, periods, provinces):
    ends = sorted(period.end.toordinal() for period in periods.values())
    keys = dice.sample(range(1, 20), indicators)
    definitions = {}
    for place, key in enumerate(keys):
        definitions[key] = Definition(
            direction=dice.choice(list(Direction)),
            content=(content := dice.choice(list(Content))),
            coverage_threshold=dice.choice([0.5, 0.6, 0.75, 0.8, 1.0]),
            accumulates=dice.random() < 0.6,
            continues=dice.choice(keys[:place]) if place and dice.random() < 0.6 else NONE,
            breaks=tuple(sorted(dice.sample(ends, min(len(ends), dice.choice([0, 0, 1, 2]))))),
            greatest=dice.choice([100.0, np.inf]) if content is Content.RATIO else np.inf,
        )
    goals = {}
    for _ in range(dice.randrange(8)):
        indicator, category = dice.choice(keys), dice.choice([NONE, 1])
        province = dice.choice([NONE, *provinces])
        due = dice.choice(ends) + dice.choice([-1, 0, 1])
        goals[indicator, category, province, due] = dice.randrange(40) / 4
    return Frame(make_calendar(periods), definitions, [Goal(*key, value) for key, value in goals.items()])


def make_layout(dice, geography, provinces, exclusive, periods, edges, weights):
    provinces = dice.sample(provinces, len(provinces))
    region = [dice.choice("ab") for _ in provinces]
    before = [dice.choice(["city", "province"]) for _ in provinces]
    after = [dice.choice([kind, "city"]) for kind in before]
    change = dice.choice([date(2020, 1, 1), MERGER])
    of_time = {True: [k for k, p in periods.items() if p.end < change]}
    of_time[False] = [k for k in periods if k not in of_time[True]]
    groups = [Group("nation", np.ones(len(provinces), dtype=np.bool_))]
    groups += [Group(f"region:{name}", np.array([r == name for r in region])) for name in sorted(set(region))]
    for kinds, early in ((before, True), (after, False)):
        limit = np.array(of_time[early], dtype=np.int64)
        for name in sorted(set(kinds)):
            groups.append(Group(f"kind:{name}", np.array([k == name for k in kinds]), limit))
    old = geography == OLD
    return Layout(
        geography=geography,
        provinces=np.array(provinces, dtype=np.int64),
        exclusive=np.isin(provinces, exclusive),
        in_force=np.array([k for k, p in periods.items() if (p.end < MERGER) is old], dtype=np.int64),
        groups=groups,
        edges=edges,
        weights=weights,
    )


def make_rows(dice, frame, periods, provinces, old, new, gaps):
    """Mostly each province in its own time; year-to-date figures that mostly grow; few different numbers."""
    rows, worlds_worded = [], dice.random() < 0.5
    for indicator, definition in frame.definitions.items():
        slope, counted = dice.choice([-1, 0, 1]), dice.random() < 0.7
        worded = worlds_worded and dice.random() < 0.7
        exact = dice.random() < 0.5
        cumulative = definition.accumulates and dice.random() < 0.6
        for category in (NONE, 1)[: dice.choice([1, 1, 2])]:
            for province in provinces:
                for key, period in periods.items():
                    in_time = (province not in old or period.end < MERGER) and (
                        province not in new or period.end >= MERGER
                    )
                    derivable = cumulative and period.kind is Kind.QUARTER and period.start.month > 1
                    if dice.random() < (0.9 if derivable else gaps if in_time else 0.97):
                        continue
                    months = period.months if definition.accumulates and period.months else 3
                    level = dice.randrange(4) + months * dice.choice([2, 2, 2, 3]) + slope * period.year % 40
                    row = {"indicator": indicator, "category": category, "period": key, "province": province}
                    row |= make_numbers(dice, definition.content, level, months, counted, exact)
                    row["counts"] = make_counts(dice, row) if worded else None
                    rows.append(row | {"observation": len(rows) + 1})
    dice.shuffle(rows)
    return rows


def make_numbers(dice, content, level, months, counted, exact):
    below, above = (0, 0) if exact else dice.choice([(0, 0), (0, 1), (0.5, 0.5), (1, 0), (2, 3), (1, np.inf)])
    numbers = dict.fromkeys(NUMBERS, np.nan)
    value = float(level)
    if content is not Content.COUNT and counted and dice.random() < 0.95:
        bottom = months * dice.choice([4, 4, 5]) if dice.random() < 0.9 else 2  # revised: it may fall
        numbers |= {"numerator": float(level), "denominator": float(bottom)}
        if content is Content.RATIO:
            value = round(400 * level / bottom) / 4
    return numbers | {"value": value, "lower": value - below, "upper": value + above}


def make_counts(dice, row):
    """How far words leave the counts open: mostly upwards, as "hơn" does."""
    ends = []
    for name in ("numerator", "denominator"):
        below, above = dice.choice([(0, 0), (0, 0), (0, 1), (0, 2), (1, 0), (1, 1)])
        ends += [row[name] - below, row[name] + above]
    return ends


def as_facts(rows):
    whole = ("indicator", "period", "category", "province", "observation")
    columns = {name: np.array([row[name] for row in rows], dtype=np.int64) for name in whole}
    columns |= {name: np.array([row[name] for row in rows], dtype=np.float64) for name in NUMBERS}
    facts = Facts(**columns)
    if all(row.get("counts") is None for row in rows):
        return facts
    counts = facts.bounds_of_counts()
    for number, row in enumerate(rows):
        if row["counts"] is not None:
            counts[number] = row["counts"]
    return replace(facts, counts=counts)


def rows_of(facts, rows):
    return facts.taken(rows)

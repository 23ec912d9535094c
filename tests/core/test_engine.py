"""The vectorised engine against the slow one on random worlds; and a part of it against the whole.

``ENGINE_EXAMPLES`` sets how many worlds are tried.
"""

from __future__ import annotations

import math
import os
from collections import Counter

import numpy as np
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from indicators.core.engine import EVERYTHING, Wanted, computed
from tests.core.slow_engine import SlowEngine
from tests.core.worlds import SIZES, Size, make_world, rows_of

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "60"))
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
KEYS = ("indicator_id", "category_id", "period_id", "province_id")


def tables(world, layout, wanted=EVERYTHING, facts=None):
    """Both tables as dicts from key to row, the group first in the key; a key that comes twice fails."""
    found = ({}, {})
    both = computed(facts or world.facts, world.frame, layout, wanted) or ()
    for columns, rows in zip(both, found, strict=bool(both)):
        names = [name for name in KEYS if name in columns]
        keys = zip(*(np.nan_to_num(columns[name]).astype(int).tolist() for name in names), strict=True)
        others = [name for name in columns if name not in (*KEYS, "group")]
        groups = [layout.groups[place].code for place in columns["group"].tolist()]
        for place, (group, key) in enumerate(zip(groups, keys, strict=True)):
            assert (group, *key) not in rows
            rows[group, *key] = {name: columns[name][place] for name in others}
    return found


def check_same(found, expected):
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert found[key].keys() == row.keys()
        for name, value in row.items():
            assert alike(found[key][name], value), (key, name, found[key][name], value)


def alike(number, expected):
    if expected is None:
        return math.isnan(number)
    return math.isclose(number, expected, rel_tol=1e-9, abs_tol=1e-9)


@quick
@given(SIZES)
def test_both_implementations_agree(size: Size) -> None:
    world = make_world(size)
    for layout in world.layouts:
        slow = SlowEngine(world.facts, world.frame, layout)
        for name in features(world, layout, slow):
            event(name)
        aggregates, standings = tables(world, layout)
        check_same(aggregates, slow.aggregates)
        check_same(standings, slow.standings)


@quick
@given(SIZES, st.integers(0, 2**32 - 1))
@example(Size(seed=510509, indicators=3, years=1, continuing=0, merged=1, gaps=0.1), 1)  # a chain of links
def test_a_part_is_to_the_last_bit_what_it_is_within_the_whole(size: Size, seed: int) -> None:
    """Incremental and full share one core: what is wanted of few indicators and periods, out of their own
    facts and of all those that they continue, one through another, is the same bits."""
    world = make_world(size)
    chance = np.random.default_rng(seed)
    definitions = world.frame.definitions
    indicators = [key for key in definitions if chance.random() < 0.5]
    periods = [key for key in world.periods if chance.random() < 0.5]
    known = {*indicators, *(earlier for key in indicators for earlier in world.frame.before(key))}
    facts = rows_of(world.facts, np.flatnonzero(np.isin(world.facts.indicator, list(known))))
    wanted = Wanted(np.array(indicators, dtype=np.int64), np.array(periods, dtype=np.int64))
    for layout in world.layouts:
        whole, part = tables(world, layout), tables(world, layout, wanted, facts)
        for all_rows, rows in zip(whole, part, strict=True):
            chosen = {k: row for k, row in all_rows.items() if k[1] in indicators and k[3] in periods}
            assert repr(sorted(rows.items())) == repr(sorted(chosen.items()))


FEATURES = {
    *("derived", "negative quarter", "doubtful quarter", "restated count", "restated ratio"),
    *("restated quarter", "alone", "DIVIDED", "PREDECESSOR_MISSING", "COUNTS_MISSING", "NOT_RESTATABLE"),
    *("quarter across a merger", "missing across a merger", "worded counts", "chain of definitions"),
    *("category", "tie", "rank span", "incomplete aggregate", "ratio of sums", "no judgement"),
    *("rising", "falling", "steady", "change", "change across a link", "no change across a break"),
    *("own target", "target of all", "past target", "kind that changes", "unbounded"),
    *("old geography", "new geography", "gap", "province alone in its group"),
}


def features(world, layout, slow):
    """What happens in a world, by name."""
    yield "old geography" if layout.geography == 1 else "new geography"
    yield from (figure.why.name for figure in slow.figures.values() if figure.why)
    contents = {key: definition.content for key, definition in world.frame.definitions.items()}
    for (indicator, *_), figure in slow.figures.items():
        if figure.restated:
            merged = figure.covered == 1 and figure.observation is None
            yield f"restated {contents[indicator]}" if merged else "alone"
            yield "restated quarter" if figure.derived else "alone"
        elif figure.derived:
            yield "derived"
            yield "negative quarter" if figure.value < 0 else "derived"
            yield "doubtful quarter" if figure.lower != figure.upper else "derived"
    for key, figure in slow.figures.items():
        if key not in slow.reported and slow.across_merger(key[:3], key[3]) is not None:
            yield "missing across a merger" if figure.value is None else "quarter across a merger"
        if figure.tops and figure.tops[0] != figure.tops[1] and figure.value is not None:
            yield "worded counts" if figure.derived or figure.restated else "derived"
    for row in slow.aggregates.values():
        yield "derived" if row["complete"] else "incomplete aggregate"
        yield "gap" if row["coverage"] < 1 else "derived"
        yield "derived" if row["ratio_of_sums"] is None else "ratio of sums"
    yield from of_standings(world, slow)


def of_standings(world, slow):
    kinds = {}
    for (group, indicator, category, period, province), row in slow.standings.items():
        if row["reason"]:
            continue
        if group.startswith("kind"):
            kinds.setdefault(province, set()).add(group)
        if category:
            yield "category"
        if row["rank"] is None:
            yield "no judgement"
        elif row["rank_from"] != row["rank_to"]:
            yield "rank span"
        if row["upper"] == math.inf:
            yield "unbounded"
        if row["percentile"] is None and row["rank"]:
            yield "province alone in its group"
        if row["trend"] is not None:
            yield {1: "rising", -1: "falling", 0: "steady"}[row["trend"]]
        yield from of_changes(world, slow, (indicator, category, period, province), row)
    ranks = Counter((*key[:4], row["rank"]) for key, row in slow.standings.items() if row["rank"])
    if any(number > 1 for number in ranks.values()):
        yield "tie"
    if any(len(groups) > 1 for groups in kinds.values()):
        yield "kind that changes"


def of_changes(world, slow, place, row):
    indicator, category, period, province = place
    before = (indicator, category, slow.previous[period], province)
    if row["change_previous"] is not None:
        yield "change" if before in slow.figures else "change across a link"
        chain = [(key, category, slow.previous[period], province) for key in slow.frame.before(indicator)]
        if before not in slow.figures and chain[0] not in slow.figures:
            yield "chain of definitions"
    elif before in slow.figures and slow.figures[before].value is not None:
        yield "no change across a break"
    if row["distance_to_target"] is not None:
        goals = [g for g in world.frame.goals if (g.indicator, g.category) == (indicator, category)]
        own = [g for g in goals if g.province == province]
        yield "own target" if own else "target of all"
        if all(g.due < slow.end[period] for g in own or goals):
            yield "past target"


def test_the_random_worlds_hold_everything() -> None:
    seen = Counter()
    for seed in range(40):
        world = make_world(Size(seed, gaps=0.1 + 0.2 * (seed % 2)))
        for layout in world.layouts:
            seen.update(set(features(world, layout, SlowEngine(world.facts, world.frame, layout))))
    assert seen.keys() >= FEATURES, FEATURES - seen.keys()
    assert all(seen[name] >= 3 for name in FEATURES), {
        name: seen[name] for name in FEATURES if seen[name] < 3
    }

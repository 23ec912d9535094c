"""What bench_recompute measures. Each case prepares itself and returns the function that is timed; the
function returns how many rows it read, computed or wrote."""

from __future__ import annotations

import io
import statistics
from collections.abc import Callable, Iterable

import numpy as np
from django.db import connection

from benchmarks.bench_recompute import LOOP_SLICES
from indicators.core.engine import computed
from indicators.core.frames import Facts, Layout
from indicators.models import Aggregate, Observation, PendingRecompute, Standing
from indicators.services import framing
from indicators.services.columns import read_facts
from indicators.services.computing import TABLES
from indicators.services.publishing import Fact, publish
from indicators.services.rebuilding import rebuild
from indicators.services.recomputing import drain_pending

Timed = Callable[[], int]


def everything() -> Facts:
    return read_facts(Observation.objects.current().filter(simulated=True).usable())


def read() -> Timed:
    return lambda: len(everything())


def numpy() -> Timed:
    """The statistics of domain.md, section 6, and simple ranks, on a dense cube, group by group."""
    facts, frame = everything(), framing.frame()
    cubes = [(_dense(facts, layout), layout) for layout in frame.layouts]

    def run() -> int:
        rows = 0
        for cube, layout in cubes:
            for group in layout.groups:
                rows += _statistics(cube[:, group.members])
        return rows

    return run


def _dense(facts: Facts, layout: Layout) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    keys = np.stack([facts.indicator, facts.category, facts.period], axis=1)
    _, row = np.unique(keys, axis=0, return_inverse=True)
    cube = np.full((row.max() + 1, len(layout.provinces)), np.nan)
    place = {key: column for column, key in enumerate(layout.provinces.tolist())}
    column = np.array([place.get(key, -1) for key in facts.province.tolist()])
    here = column >= 0
    cube[row.reshape(-1)[here], column[here]] = facts.value[here]
    return cube


def _statistics(part: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> int:
    there = ~np.isnan(part)
    part = part[there.any(axis=1)]
    number = (~np.isnan(part)).sum(axis=1)
    np.nansum(part, axis=1)
    np.nanmean(part, axis=1)
    np.nanstd(part, axis=1)
    ordered = np.sort(part, axis=1)  # missing last: quantiles by position, as the engine does
    for probability in (0.25, 0.5, 0.75):
        position = (number - 1) * probability
        below = np.floor(position).astype(np.int64)
        low = np.take_along_axis(ordered, below[:, None], axis=1)
        high = np.take_along_axis(ordered, np.minimum(below + 1, number - 1)[:, None], axis=1)
        low + (high - low) * (position - below)[:, None]
    rank = np.argsort(np.argsort(-part, axis=1), axis=1) + 1
    100.0 * (number[:, None] - rank) / np.maximum(number - 1, 1)[:, None]
    return int(number.sum())


def arithmetic() -> Timed:
    facts, frame = everything(), framing.frame()

    def run() -> int:
        found = (computed(facts, frame, layout) for layout in frame.layouts)
        return sum(len(tables[1]["rank"]) for tables in found if tables is not None)

    return run


def copy_back() -> Timed:
    """The rows that stand, once more into tables without indexes."""
    buffers = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            name = table._meta.db_table
            buffers[name] = io.BytesIO()
            cursor.copy_expert(f"COPY {name} TO STDOUT (FORMAT binary)", buffers[name])
            cursor.execute(f"DROP TABLE IF EXISTS bench_{name}")
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE {name})")

    def run() -> int:
        rows = 0
        with connection.cursor() as cursor:
            for name, buffer in buffers.items():
                buffer.seek(0)
                cursor.copy_expert(f"COPY bench_{name} FROM STDIN (FORMAT binary)", buffer)
                rows += cursor.rowcount
        return rows

    return run


def full_empty() -> Timed:
    """The first rebuild: every row is written."""
    PendingRecompute.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Aggregate._meta.db_table}, {Standing._meta.db_table}")
    return lambda: rebuild(cause="benchmark").rows


def full_same() -> Timed:
    """The nightly one: every row is computed and compared, none differs."""
    return lambda: rebuild(cause="benchmark").rows


def one_publication() -> Timed:
    """One corrected figure of the last quarter; what is timed is from its commit to the new aggregate."""
    figures = Observation.objects.current().filter(simulated=True).exclude(value=None)
    row = (
        figures.select_related("province", "indicator", "period", "source", "category")
        .order_by("-period__end", "id")
        .first()
    )
    assert row is not None and row.value is not None
    names = ("province", "indicator", "period", "source", "category", "place")
    for step in (1, 2):  # the first warms what a worker has warm
        value = row.value + step
        publish(facts=[Fact(**{name: getattr(row, name) for name in names}, value=value)], cause="correction")
        if step == 1:
            drain_pending(cause="benchmark")
    return lambda: drain_pending(cause="benchmark")


def loops() -> Timed:
    """Some national slices as one would write them first: objects, lists, a rank by counting."""
    slices = Aggregate.objects.filter(group="nation", simulated=True).order_by("id")[:LOOP_SLICES]
    return lambda: sum(_loop(found) for found in list(slices))


def _loop(found: Aggregate) -> int:
    figures = Observation.objects.current().filter(
        indicator=found.indicator_id, period=found.period_id, simulated=True
    )
    rows = 0
    for group in Aggregate.objects.filter(
        indicator=found.indicator_id, period=found.period_id, simulated=True
    ):
        provinces = _members(group)
        values = [
            o
            for o in figures.select_related("province")
            if o.province_id in provinces and o.value is not None
        ]
        if values:
            statistics.median(o.value for o in values)
            statistics.pstdev(float(o.value) for o in values)
        for one in values:
            rank = 1 + sum(other.value > one.value for other in values)
            Standing.objects.filter(
                indicator=found.indicator_id, period=found.period_id, geography=group.geography_id,
                group=group.group, province=one.province_id, simulated=True,
            ).update(rank=rank)  # fmt: skip
            rows += 1
    return rows


def _members(group: Aggregate) -> set[int]:
    standings: Iterable[int] = Standing.objects.filter(
        indicator=group.indicator_id, period=group.period_id, geography=group.geography_id, group=group.group,
        simulated=True,
    ).values_list("province_id", flat=True)  # fmt: skip
    return set(standings)


CASES: dict[str, Callable[[], Timed]] = {
    case.__name__: case
    for case in (read, numpy, arithmetic, copy_back, full_empty, full_same, one_publication, loops)
}

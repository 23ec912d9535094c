"""What bench_recompute measures. Each case prepares itself and returns the function that is timed; the
function returns how many rows it read, computed or wrote."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection

from benchmarks import plain_cube
from benchmarks.bench_recompute import INDICATORS, LOOP_UNITS
from benchmarks.packages import ROOT
from indicators.core.engine import computed, cubes_of
from indicators.core.frames import Facts
from indicators.models import Aggregate, Observation, PendingRecompute, Standing
from indicators.services import framing
from indicators.services.columns import copy_records, read_facts
from indicators.services.computing import TABLES
from indicators.services.publishing import Fact, publish
from indicators.services.rebuilding import CHUNK_FACTS
from indicators.services.recomputing import drain_pending

Timed = Callable[[], int]
PUBLICATIONS = 40


def everything() -> Facts:
    return read_facts(Observation.objects.current().filter(simulated=True).usable())


def read() -> Timed:
    """Ten columns of the current figures by COPY BINARY into NumPy: no preference among sources, no order."""
    columns = ("indicator_id", "period_id", "coalesce(category_id, 0)", "province_id", "id")
    numbers = ("value", "lower", "upper", "numerator", "denominator")
    selected = [*columns, *(f"coalesce({name}::float8, 'NaN')" for name in numbers)]
    sql = (
        f"SELECT {', '.join(selected)} FROM indicators_observation "
        f"WHERE superseded_at IS NULL AND simulated AND value IS NOT NULL"
    )
    types = dict.fromkeys(columns, ">i8") | dict.fromkeys(numbers, ">f8")

    def run() -> int:
        records = copy_records(sql, None, types)
        for name, kind in types.items():
            records[name].astype(kind[1:])
        return len(records)

    return run


def numpy() -> Timed:
    facts, frame = everything(), framing.frame()
    cubes = [(cube, layout) for layout in frame.layouts for cube in cubes_of(facts, frame, layout)]
    return lambda: plain_cube.compute(cubes, frame)


def arithmetic() -> Timed:
    """From facts as columns to the columns of both tables, in the chunks of a rebuild."""
    facts, frame = everything(), framing.frame()
    keys, number = np.unique(facts.indicator, return_counts=True)
    chunk_of = np.cumsum(number) // CHUNK_FACTS
    chunks = []
    for chunk in np.unique(chunk_of):
        chunks.append(facts.taken(np.flatnonzero(np.isin(facts.indicator, keys[chunk_of == chunk]))))

    def run() -> int:
        found = (computed(chunk, frame, layout) for chunk in chunks for layout in frame.layouts)
        return sum(len(tables[1]["rank"]) for tables in found if tables is not None)

    return run


def copy_back(indexed: str = "") -> Timed:
    """The rows that stand, once more into tables without indexes."""
    buffers = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            name = table._meta.db_table
            buffers[name] = io.BytesIO()
            cursor.copy_expert(f"COPY {name} TO STDOUT (FORMAT binary)", buffers[name])
            cursor.execute(f"DROP TABLE IF EXISTS bench_{name}")
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE {name}{indexed})")

    def run() -> int:
        rows = 0
        with connection.cursor() as cursor:
            for name, buffer in buffers.items():
                buffer.seek(0)
                cursor.copy_expert(f"COPY bench_{name} FROM STDIN (FORMAT binary)", buffer)
                rows += cursor.rowcount
        return rows

    return run


def copy_back_indexed() -> Timed:
    """The same into tables with the constraints and indexes that ours have."""
    return copy_back(" INCLUDING ALL")


def full_empty() -> Timed:
    """The first rebuild: every row is written."""
    PendingRecompute.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {Aggregate._meta.db_table}, {Standing._meta.db_table}")
    return rebuilt


def full_same() -> Timed:
    """The nightly one: every row is computed and compared, none differs."""
    return rebuilt


def rebuilt() -> int:
    """As one types it, start of Python and all, by as many processes as there are cores, or PROCESSES."""
    number = os.environ.get("PROCESSES")
    words = [sys.executable, "-W", "ignore", "manage.py", "recompute", "--full"]
    words += ["--processes", number] if number else []
    done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return int(done.stdout.split()[0])


def all_processor_time() -> float:
    """Seconds of this process and those that it started and saw end, and of all processes of the server."""
    tick = os.sysconf("SC_CLK_TCK")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = _fields(cursor.fetchone()[0])[1]
    ticks = 0
    for process in os.listdir("/proc"):
        try:
            fields = _fields(process) if process.isdigit() else ["", ""]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if server in (process, fields[1]):
            ticks += sum(int(spent) for spent in fields[11:15])  # its own, and of those that it saw end
    return sum(os.times()[:4]) + ticks / tick


def _fields(process: int | str) -> list[str]:
    """Of /proc/…/stat, from the state on: the parent comes second."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def publications(processor_time: Callable[[], float]) -> dict[str, Any]:
    """Corrected figures of the last quarter, one publication after the other; the median of what a worker
    takes from its commit to the commit of the new aggregates, and what the whole unit takes."""
    figures = Observation.objects.current().filter(simulated=True).exclude(value=None)
    last = figures.order_by("-period__end").values("period")[:1]
    rows = list(
        figures.filter(period=last).order_by("province", "indicator")[:: INDICATORS + 1][:PUBLICATIONS]
    )
    taken: dict[str, list[float]] = {"seconds": [], "processor": [], "whole": []}
    for row in rows:
        names = ("province", "indicator", "period", "source", "category", "place")
        assert row.value is not None
        fact = Fact(**{name: getattr(row, name) for name in names}, value=row.value + 1)
        publish(facts=[fact], cause="correction")
        used, begun = processor_time(), time.perf_counter()
        first: list[float] = []
        drain_pending(cause="benchmark", progress=_first(first, processor_time))
        taken["whole"].append(time.perf_counter() - begun)
        taken["seconds"].append(first[0] - begun)
        taken["processor"].append(first[1] - used)
    medians = {unit: statistics.median(spent[1:]) for unit, spent in taken.items()}  # the first one warms
    return medians | {"rows": len(rows)}


def _first(seen: list[float], processor_time: Callable[[], float]) -> Callable[[int, int], None]:
    def note(done: int, left: int) -> None:
        if not seen:
            seen.extend([time.perf_counter(), processor_time()])

    return note


def loops() -> Timed:
    """Some units (indicator × period) as one would write them first: objects, lists, a rank by counting."""
    units = Aggregate.objects.filter(simulated=True).order_by("indicator", "period")
    chosen = units.values_list("indicator", "period").distinct()[:LOOP_UNITS]
    return lambda: sum(_loop(indicator, period) for indicator, period in list(chosen))


def all_units() -> int:
    return Aggregate.objects.filter(simulated=True).values("indicator", "period").distinct().count()


def _loop(indicator: int, period: int) -> int:
    figures = Observation.objects.current().filter(indicator=indicator, period=period, simulated=True)
    rows = 0
    for group in Aggregate.objects.filter(indicator=indicator, period=period, simulated=True):
        provinces = _members(group)
        values = [
            o
            for o in figures.filter(category=group.category_id).select_related("province")
            if o.province_id in provinces and o.value is not None
        ]
        if values:
            statistics.median(o.value for o in values)
            statistics.pstdev(float(o.value) for o in values)
        for one in values:
            rank = 1 + sum(other.value > one.value for other in values)
            Standing.objects.filter(
                indicator=indicator, period=period, geography=group.geography_id, category=group.category_id,
                group=group.group, province=one.province_id, simulated=True,
            ).update(rank=rank)  # fmt: skip
            rows += 1
    return rows


def _members(group: Aggregate) -> set[int]:
    standings: Iterable[int] = Standing.objects.filter(
        indicator=group.indicator_id, period=group.period_id, category=group.category_id,
        geography=group.geography_id, group=group.group, simulated=True,
    ).values_list("province_id", flat=True)  # fmt: skip
    return set(standings)


_WRITING = (copy_back, copy_back_indexed, full_empty, full_same)
CASES: dict[str, Callable[[], Timed]] = {
    case.__name__: case for case in (read, numpy, arithmetic, *_WRITING, loops)
}

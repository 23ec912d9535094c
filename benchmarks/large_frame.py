"""Twenty million figures: 3,321 units (communes and wards) × 150 indicators × 40 quarters, one geography, one
group, made a few indicators at a time and always the same. Ours goes through the pure core chunk by chunk;
DuckDB has the whole frame in memory and as many threads as there are processors.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from benchmarks.packages import PACKAGES
from indicators.core.engine import computed
from indicators.core.frames import Calendar, Definition, Facts, Frame, Group, Layout
from indicators.core.ranking import Direction
from indicators.core.restatement import Content

UNITS, INDICATORS, QUARTERS = (int(n) for n in os.environ.get("LARGE", "3321x150x40").split("x"))
_TOGETHER = 2  # indicators in a chunk
_GAPS = 0.02


def ours() -> dict[str, Any]:
    """What computing alone takes; ``rows`` are standings."""
    frame, layout = _frame(), _layout()
    seconds, processor, rows = 0.0, 0.0, 0
    for facts in _chunks():
        begun, used = time.perf_counter(), time.process_time()
        tables = computed(facts, frame, layout)
        assert tables is not None
        rows += len(tables[1]["rank"])
        seconds += time.perf_counter() - begun
        processor += time.process_time() - used
    return {"seconds": seconds, "processor": processor, "rows": rows}


def duckdb() -> dict[str, Any]:
    """The same but for rank from–to, distances to targets and trends, which SQL has no short way to say; of
    what is said of a unit only sums leave, so that nothing is written."""
    sys.path.append(str(PACKAGES))
    import duckdb as engine

    connection = engine.connect()
    connection.execute(
        "CREATE TABLE facts (indicator SMALLINT, period SMALLINT, unit SMALLINT, "
        "value DOUBLE, numerator DOUBLE, denominator DOUBLE)"
    )
    for facts in _chunks():
        columns = {  # noqa: F841 (the statement below reads it by its name)
            "indicator": facts.indicator, "period": facts.period, "unit": facts.province,
            "value": facts.value, "numerator": facts.numerator, "denominator": facts.denominator,
        }  # fmt: skip
        connection.execute("INSERT INTO facts SELECT * FROM columns")
    begun, used = time.perf_counter(), time.process_time()
    connection.execute(_AGGREGATES).fetchall()
    rows = connection.execute(_STANDINGS).fetchone()
    return {
        "seconds": time.perf_counter() - begun,
        "processor": time.process_time() - used,
        "rows": int(rows[0]),
    }


_AGGREGATES = """
    SELECT indicator, period, count(value), sum(value), avg(value), stddev_pop(value), min(value), max(value),
        quantile_cont(value, [0.25, 0.5, 0.75]), 100 * sum(numerator) / sum(denominator)
    FROM facts GROUP BY indicator, period
"""
_STANDINGS = """
    WITH said AS (
        SELECT rank() OVER falling AS rank, 100 * (1 - percent_rank() OVER falling) AS percentile,
            value - median(value) OVER slice AS to_median, value - max(value) OVER slice AS to_best,
            value - lag(value, 1) OVER series AS previous, value - lag(value, 4) OVER series AS year
        FROM facts
        WINDOW slice AS (PARTITION BY indicator, period),
            falling AS (PARTITION BY indicator, period ORDER BY value DESC),
            series AS (PARTITION BY indicator, unit ORDER BY period)
    )
    SELECT count(*), sum(rank), sum(percentile), sum(4 - (percentile >= 25)::int - (percentile >= 50)::int
        - (percentile >= 75)::int), sum(to_median), sum(to_best), sum(previous), sum(year)
    FROM said
"""


def _chunks() -> Iterator[Facts]:
    for first in range(1, INDICATORS + 1, _TOGETHER):
        parts = [_facts(key) for key in range(first, min(first + _TOGETHER, INDICATORS + 1))]
        yield Facts(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _facts(indicator: int) -> dict[str, Any]:
    """Percentages with one decimal and their counts: a level for each unit, a slope, noise."""
    chance = np.random.default_rng(indicator)
    shape = (QUARTERS, UNITS)
    whole = chance.integers(50, 5_000, shape)
    level = 60 + 15 * chance.standard_normal(UNITS) + np.linspace(0, 10, QUARTERS)[:, None]
    share = np.clip(level + 3 * chance.standard_normal(shape), 0, 100)
    part = np.round(whole * share / 100)
    value = np.round(100 * part / whole, 1)
    stated = np.flatnonzero(chance.random(value.size) >= _GAPS)
    period, province = np.divmod(stated, UNITS)
    return {
        "indicator": np.full(len(stated), indicator),
        "period": period + 1,
        "category": np.zeros(len(stated), dtype=np.int64),
        "province": province + 1,
        "observation": stated + 1 + indicator * value.size,
        "value": value.ravel()[stated],
        "lower": value.ravel()[stated] - 0.05,
        "upper": value.ravel()[stated] + 0.05,
        "numerator": part.ravel()[stated],
        "denominator": whole.ravel()[stated].astype(np.float64),
    }


def _frame() -> Frame:
    period = np.arange(1, QUARTERS + 1)
    months = [(2015 + number // 4, 3 * (number % 4) + 1) for number in range(QUARTERS + 1)]
    starts = np.array([date(year, month, 1).toordinal() for year, month in months])
    calendar = Calendar(
        period=period,
        comparison=np.zeros(QUARTERS, dtype=np.int64),
        start=starts[:-1],
        end=starts[1:] - 1,
        previous=period - 1,
        year_before=np.maximum(period - 4, 0),
    )
    one = Definition(Direction.HIGHER, Content.RATIO)
    return Frame(calendar, dict.fromkeys(range(1, INDICATORS + 1), one))


def _layout() -> Layout:
    everybody = np.ones(UNITS, dtype=np.bool_)
    return Layout(
        geography=1,
        provinces=np.arange(1, UNITS + 1),
        exclusive=everybody,
        in_force=np.arange(1, QUARTERS + 1),
        groups=[Group("nation", everybody)],
    )


CASES = {"large_ours": ours, "large_duckdb": duckdb}

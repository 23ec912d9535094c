"""What the engine computes, in the form of the tables that hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from django.db.models import Model

from indicators.core.engine import Wanted, computed
from indicators.core.frames import Columns, Facts, Frame, Layout
from indicators.core.restatement import Reason
from indicators.models import Aggregate, RestatementReason, Standing
from indicators.services.binary_rows import Table, Words
from indicators.services.columns import table_frame

TABLES: tuple[type[Model], ...] = (Aggregate, Standing)
_REASONS = ("", *(RestatementReason[reason.name].value for reason in list(Reason)[1:]))
_TRENDS = ("", Standing.Trend.FALLING.value, Standing.Trend.STEADY.value, Standing.Trend.RISING.value)


def computed_tables(
    facts: Facts, context: Frame, wanted: Wanted, simulated: bool
) -> dict[type[Model], Table]:
    """Everything computed from ``facts`` in all geographies, as columns of the tables (without ids and
    instants); a table without rows has no columns."""
    context = replace(context, goals=[goal for goal in context.goals if goal.simulated == simulated])
    parts = [
        (layout, *tables)
        for layout in context.layouts
        if (tables := computed(facts, context, layout, wanted)) is not None
    ]
    if not parts:
        return {Aggregate: {}, Standing: {}}
    standings = _joined([(layout, columns) for layout, _, columns in parts], simulated)
    trend, missing = standings.pop("trend"), standings.pop("reason")
    for end in ("lower", "upper"):  # an interval without this end
        standings[end][np.isinf(standings[end])] = np.nan
    return {
        Aggregate: _joined([(layout, columns) for layout, columns, _ in parts], simulated),
        Standing: standings
        | {
            "trend": Words(np.where(np.isnan(trend), 0, np.nan_to_num(trend) + 2).astype(np.int64), _TRENDS),
            "missing_reason": Words(missing.astype(np.int64), _REASONS),
        },
    }


def computed_frames(
    facts: Facts, context: Frame, wanted: Wanted, simulated: bool
) -> dict[type[Model], pl.DataFrame]:
    """The same as data frames, null where nothing is."""
    return as_frames(computed_tables(facts, context, wanted, simulated))


def as_frames(tables: Mapping[type[Model], Table]) -> dict[type[Model], pl.DataFrame]:
    return {model: table_frame(model, _frame(table)) for model, table in tables.items()}


def _joined(parts: list[tuple[Layout, Columns]], simulated: bool) -> dict[str, Any]:
    """The columns of several geographies as those of one table."""
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for _, part in parts]) for name in parts[0][1]
    }
    lengths = [len(part["group"]) for _, part in parts]
    before = np.cumsum([0, *(len(layout.groups) for layout, _ in parts[:-1])])
    return columns | {
        "geography_id": np.repeat([layout.geography for layout, _ in parts], lengths),
        "group": Words(
            columns["group"] + np.repeat(before, lengths),
            [group.code for layout, _ in parts for group in layout.groups],
        ),
        "simulated": np.full(sum(lengths), simulated),
    }


def _frame(table: Table) -> pl.DataFrame:
    return pl.DataFrame(
        {
            name: pl.Series(column.words, dtype=pl.String)[column.place]
            if isinstance(column, Words)
            else column
            for name, column in table.items()
        }
    )

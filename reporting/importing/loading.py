"""A read table against what is published: what each row would do, and doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from django.contrib.auth.models import User
from django.db import transaction

from indicators.core.periods import Period as CorePeriod
from indicators.models import Period, Publication
from indicators.services.bulk_publishing import BulkResult, preview_columns, publish_columns
from reporting.importing.reading import ReadTable

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Preview:
    """``rows``: one line a row of the table: row, outcome, province, indicator, period, category and value as
    written, and for a changed one what stands there now (old_value, old_as_stated, old_missing_reason)."""

    rows: pl.DataFrame

    def count(self, outcome: str) -> int:
        return self.rows.filter(pl.col("outcome") == outcome).height

    @property
    def counts(self) -> dict[str, int]:
        return {outcome: self.count(outcome) for outcome in (NEW, CHANGED, SAME, REFUSED)}


class RowsRefused(Exception):
    """Some rows are refused, so that none is loaded."""


def preview(read: ReadTable, progress: Progress | None = None) -> Preview:
    """What loading ``read`` would do now. Nothing is written."""
    facts = read.facts.drop("row")
    differences = preview_columns(facts=[facts], progress=progress)
    numbered = read.facts.select("row").with_row_index("line").with_columns(pl.col("line").cast(pl.Int64))
    outcome = pl.when("changed").then(pl.lit(CHANGED)).otherwise(pl.lit(NEW))
    judged = numbered.join(
        differences.with_columns(outcome.alias("outcome")).drop("changed"), on="line", how="left"
    ).with_columns(pl.col("outcome").fill_null(SAME))
    rows = read.words.select("row").join(judged.drop("line"), on="row", how="left", maintain_order="left")
    return Preview(read.words.hstack(rows.with_columns(pl.col("outcome").fill_null(REFUSED)).drop("row")))


@transaction.atomic
def load(
    read: ReadTable,
    *,
    actor: User | None = None,
    reason: str = "",
    progress: Progress | None = None,
) -> BulkResult:
    """Publish every row of ``read`` in one act. Raises RowsRefused where one of them is refused.

    The caller wakes a worker on commit (``indicators.tasks.wake_worker_on_commit``).
    """
    if not read.problems.is_empty():
        raise RowsRefused
    keys = {made: _period_row(period) for made, period in read.new_periods.items()}
    facts = read.facts.drop("row")
    if keys:
        facts = facts.with_columns(pl.col("period").replace(keys))
    return publish_columns(
        facts=[facts], cause=Publication.Cause.IMPORT, actor=actor, reason=reason, progress=progress
    )


def _period_row(period: CorePeriod) -> int:
    row, _ = Period.objects.get_or_create(
        start=period.start,
        end=period.end,
        defaults={"code": period.code, "kind": period.kind.value, "calendar": period.calendar.value},
    )
    return row.pk

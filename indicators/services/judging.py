"""Every target with what became of it, for whoever asks by SQL: in a temporary table, for one transaction.

A verdict depends on the day, so that it is told when it is asked for and never stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from indicators.core.periods import Period
from indicators.core.verdicts import Outcome, existing, judge
from indicators.models import Observation, Target, TargetVerdict
from provinces.models import Province

_Key = tuple[int, int, int | None]  # province, indicator, category


@dataclass(frozen=True)
class _Figure:
    period: Period
    stated: Any  # an Observation


@contextmanager
def targets_judged(today: date) -> Iterator[None]:
    """Within it ``TargetVerdict`` has a row for each target and each province that it is for."""
    columns = ", ".join(
        f"{connection.ops.quote_name(field.column)} {field.db_type(connection)}"
        for field in TargetVerdict._meta.concrete_fields
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {TargetVerdict._meta.db_table} ({columns})")
        TargetVerdict.objects.bulk_create(_verdicts(today), batch_size=1000)
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _verdicts(today: date) -> list[TargetVerdict]:
    """A target for all is one for each province that exists on its day."""
    targets = list(Target.objects.select_related("source").order_by("due", "indicator", "pk"))
    provinces = list(Province.objects.order_by("sort_key", "pk"))
    by_key = {province.pk: province for province in provinces}
    figures = {kind: _figures(kind) for kind in {target.source.simulated for target in targets}}
    rows: list[TargetVerdict] = []
    for target in targets:
        own = target.province_id
        for province in existing(provinces, target.due) if own is None else [by_key[own]]:
            key = province.pk, target.indicator_id, target.category_id
            outcome = judge(target, figures[target.source.simulated].get(key, []), today)
            rows.append(_row(len(rows) + 1, target, province, outcome))
    return rows


def _row(number: int, target: Target, province: Province, outcome: Outcome[_Figure]) -> TargetVerdict:
    return TargetVerdict(
        pk=number,
        target=target,
        province=province,
        verdict=outcome.state,
        by_figures=outcome.by_figures,
        observation=outcome.figure.stated if outcome.figure else None,
    )


def _figures(simulated: bool) -> dict[_Key, list[_Figure]]:
    """Current figures of indicators that have a target: those that may be ranked, one a fact."""
    wanted = Target.objects.filter(source__simulated=simulated).values("indicator")
    found = Observation.objects.current().usable().preferred().filter(indicator__in=wanted)
    listed: dict[_Key, list[_Figure]] = defaultdict(list)
    for row in found.filter(simulated=simulated).select_related("period"):
        listed[row.province_id, row.indicator_id, row.category_id].append(_Figure(row.period.core, row))
    return listed

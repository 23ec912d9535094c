"""Removing simulated data: the one kind of published fact that is not kept for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, Q
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone

from indicators.models import (
    Contradiction,
    Indicator,
    Observation,
    PendingRecompute,
    Period,
    Publication,
    RecomputeRun,
    Source,
    Target,
)
from indicators.services.bulk_publishing import lock_publishing
from indicators.services.rebuilding import CHECK, FULL
from indicators.services.recomputing import lock_indicators
from indicators.services.simulated_plan import CODE_PREFIX


@transaction.atomic
def remove_simulated(progress: Callable[[str, int, int], None] = lambda *_: None) -> dict[str, int]:
    """Delete everything that is simulated or was made for it, and nothing else; how many rows of what.

    Periods and publications go where nothing else refers to them. Raises ProtectedError where a person has
    since used an indicator made for simulated data, in a form for example: then nothing is removed.
    """
    lock_publishing()
    _hold_off_workers()
    flagged = [table for table in _flagged() if table not in (Observation, Source)]
    periods = _named_by([*flagged, Observation], "period_id")
    publications = _named_by([Observation], "publication_id")
    steps: list[tuple[type[Model], str]] = [
        (Contradiction, "observation_id IN (SELECT id FROM indicators_observation WHERE simulated)"),
        *((table, "simulated") for table in flagged),
        (Observation, "simulated"),
        (Target, "source_id IN (SELECT id FROM indicators_source WHERE simulated)"),
        (Source, "simulated"),
    ]
    removed = {}
    for done, (table, condition) in enumerate(steps, start=1):
        removed[str(table._meta.verbose_name_plural)] = _delete(table, condition)
        progress("removed tables", done, len(steps))
    removed["publications"] = _delete_unused(Publication, publications)
    made = Indicator.objects.filter(code__startswith=CODE_PREFIX)
    removed["indicators"] = made.delete()[1].get(Indicator._meta.label, 0)
    removed["periods"] = _delete_unused(Period, periods)
    return removed


def _hold_off_workers() -> None:
    """Nobody computes simulated rows until the transaction ends, and no rebuild puts back what it has read.

    Pending rows come before the indicators' locks, as they do for workers: nobody waits in a circle.
    """
    simulated = Observation.objects.filter(simulated=True).order_by().values_list("indicator", flat=True)
    if simulated.exists():
        RecomputeRun.objects.filter(scope__in=[FULL, CHECK], result=RecomputeRun.Result.RUNNING).update(
            result=RecomputeRun.Result.FAILED,
            finished_at=timezone.now(),
            error="Simulated data were removed meanwhile.",
        )
    list(PendingRecompute.objects.select_for_update().filter(simulated=True).order_by("id").values_list("id"))
    lock_indicators(simulated.distinct())


def _flagged() -> list[type[Model]]:
    """The tables whose rows speak of a period and say whether they are simulated."""
    tables = apps.get_app_config("indicators").get_models()
    return [table for table in tables if {"simulated", "period"} <= {f.name for f in table._meta.fields}]


def _named_by(tables: Iterable[type[Model]], column: str) -> set[int]:
    """What the simulated rows of ``tables`` refer to."""
    return {
        key
        for table in tables
        for key in table._default_manager.filter(simulated=True)
        .order_by()
        .values_list(column, flat=True)
        .distinct()
    }


def _delete(table: type[Model], condition: str) -> int:
    """In one statement: rows may be hundreds of thousands."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table._meta.db_table} WHERE {condition}")
        return int(cursor.rowcount)


def _delete_unused(table: type[Model], keys: set[int]) -> int:
    """Those of ``keys`` that no row of any table refers to any more; not every reference is one that the
    database holds to."""
    unused = Q(pk__in=keys)
    for relation in table._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            user: Any = relation.related_model
            used = user._default_manager.filter(**{f"{relation.field.name}__in": keys})
            unused &= ~Q(pk__in=set(used.order_by().values_list(relation.field.name, flat=True).distinct()))
    return table._default_manager.filter(unused).delete()[0]

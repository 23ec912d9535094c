"""The tables as they stood at a past instant, for whoever asks within: whole pages need no word of it.

Temporary tables and views take the names of the real ones for one transaction (PostgreSQL looks into
``pg_temp`` first): facts are those of the instant, what is computed follows from them by the same engine, and
the same queries as ever answer. Definitions, provinces and whatever else is referred to are those of the
instant too (``reference_history``). At the end all of it is rolled back; nothing of the real tables is
touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import polars as pl
from django.db import connection, transaction
from django.db.models import Model

from indicators.models import (
    Aggregate,
    CompositeIndex,
    Contradiction,
    IndexScore,
    Indicator,
    Observation,
    Publication,
    Standing,
)
from indicators.services.answering import computed_as_of, contradictions_as_of, scores_as_of
from indicators.services.columns import copy_in
from indicators.services.reference_history import one_past, reference_as_of, version_as_of

#: As many past states are kept in a process; each may hold as much as the computed tables themselves.
_KEPT = 3
_COMPUTED: tuple[type[Model], ...] = (Aggregate, Standing, IndexScore, Contradiction)


@dataclass(frozen=True)
class _Then:
    frames: dict[type[Model], pl.DataFrame]
    scores: list[IndexScore]
    contradictions: list[Contradiction]


@contextmanager
def tables_as_of(
    instant: datetime, *, simulated: bool | None, indicators: frozenset[int] | None = None
) -> Iterator[None]:
    """Real figures and simulated ones are both there where ``simulated`` is None. Where ``indicators`` (keys)
    are given nothing is computed of others, and no composite index. Before the first publication there are
    the definitions of that one, and no figures."""
    kinds = (False, True) if simulated is None else (simulated,)
    with one_past():
        last = Publication.objects.filter(instant__lte=instant).order_by("-id").first()
        version, changed = version_as_of(instant) or (0, None)
        # The state of ``instant`` is that since its last change: whoever asks of another instant since then
        # asks the same.
        since = max(filter(None, (last.instant, changed))) if last else instant
        with reference_as_of(since):
            found = [_then(last.pk, version, since, kind, indicators) for kind in kinds] if last else []
            _shadow(instant)
            for then in found:
                for model, frame in then.frames.items():
                    copy_in(model._meta.db_table, frame)
                for rows in (then.scores, then.contradictions):
                    _write(rows)
            try:
                yield
            finally:
                transaction.set_rollback(True)


@lru_cache(maxsize=_KEPT)
def _then(
    publication: int, version: int, since: datetime, simulated: bool, indicators: frozenset[int] | None
) -> _Then:
    """What followed from everything up to a publication and a version of reference data, the last of which
    was made at ``since``. The key names both beside the instant: their numbers are never given twice."""
    keys = indicators or set(Indicator.objects.values_list("pk", flat=True))
    codes = [] if indicators else list(CompositeIndex.objects.values_list("code", flat=True))
    frames = computed_as_of(since, indicators=keys, simulated=simulated)
    scores = scores_as_of(since, codes=codes, simulated=simulated) if codes else []
    contradictions = contradictions_as_of(since, indicators=keys, simulated=simulated)
    for score in scores:
        score.computed_at = since
    for contradiction in contradictions:
        contradiction.detected_at = since
    computed_at = pl.lit(since.isoformat()).alias("computed_at")
    return _Then(
        {m: f if f.is_empty() else f.with_columns(computed_at) for m, f in frames.items()},
        scores,
        contradictions,
    )


def _write(rows: list[IndexScore] | list[Contradiction]) -> None:
    """Copies, as other threads may be writing the same ones: saving gives a row its key."""
    copies = [copy(row) for row in rows]
    if copies:
        type(copies[0])._default_manager.bulk_create(copies, batch_size=1000)  # type: ignore[arg-type]


def _shadow(instant: datetime) -> None:
    """Empty tables in place of the computed ones; a view in place of the facts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        for model in _COMPUTED:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(
                f"CREATE TEMP TABLE {table} (LIKE {schema}.{table} INCLUDING DEFAULTS INCLUDING IDENTITY)"
            )
        columns = [connection.ops.quote_name(field.column) for field in Observation._meta.concrete_fields]
        table = connection.ops.quote_name(Observation._meta.db_table)
        # A view takes no parameters: the instant is a number of ours, written out by the driver.
        moment = cursor.mogrify("%s::timestamptz", [instant]).decode()
        ended = f"CASE WHEN superseded_at > {moment} THEN NULL ELSE superseded_at END AS superseded_at"
        listed = ", ".join(ended if name == '"superseded_at"' else name for name in columns)
        cursor.execute(
            f"CREATE TEMP VIEW {table} AS SELECT {listed} FROM {schema}.{table} WHERE recorded_at <= {moment}"
        )


def first_instant() -> datetime | None:
    """When anything was published first; None before that."""
    return Publication.objects.order_by("id").values_list("instant", flat=True).first()

"""Reference tables as they stood at a past instant.

Their history is kept by the database itself (``ReferenceVersion``). Within ``reference_as_of`` temporary
tables take the names of those that were changed since (PostgreSQL looks into ``pg_temp`` first); where
nothing was, which is usual, the tables themselves answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

from indicators.models import (
    Category,
    CompositeIndex,
    Dimension,
    IndexComponent,
    Indicator,
    IndicatorLink,
    Period,
    Publication,
    ReferenceVersion,
    SeriesBreak,
    Source,
    Target,
)
from indicators.services.bulk_publishing import PUBLISHING_LOCK
from provinces.models import (
    BoundaryChange,
    Geography,
    Population,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)

#: Held by a change of reference data from the moment that its instant is told to its commit (migration 0013).
REFERENCE_LOCK = 0x7105_0004
#: Every model whose rows have a history.
VERSIONED: tuple[type[Model], ...] = (
    *(Geography, Province, ProvinceDesignation, BoundaryChange, Region, RegionMembership, Population),
    *(Dimension, Category, Indicator, Indicator.dimensions.through, IndicatorLink, SeriesBreak),
    *(Period, Source, Target, CompositeIndex, IndexComponent),
)
_LOOKING: ContextVar[bool] = ContextVar("looking at the past", default=False)
_IN_PLACE: ContextVar[datetime | None] = ContextVar("reference tables as of", default=None)

_AS_OF = """
INSERT INTO pg_temp.{table}
SELECT told.* FROM (
    SELECT DISTINCT ON (v.key) v.key, v.content
    FROM indicators_referenceversion v JOIN indicators_referencechange c ON c.id = v.change_id
    WHERE v.relation = %s AND c.instant <= %s ORDER BY v.key, v.id DESC
) AS latest, jsonb_populate_record(NULL::{schema}.{table}, %s::jsonb || latest.content) AS told
WHERE latest.content IS NOT NULL ORDER BY latest.key
"""


@contextmanager
def one_past() -> Iterator[None]:
    """A transaction to look at the past in. Whatever is under way and may yet count as past is waited for;
    what others commit later is not seen, unless a transaction of the caller's had begun before."""
    if _LOOKING.get():
        with transaction.atomic():
            yield
        return
    outermost = not connection.in_atomic_block
    token = _LOOKING.set(True)
    try:
        with connection.cursor() as cursor:
            # On its own the statement lets go at once: nobody who publishes waits for a reader.
            locks = [PUBLISHING_LOCK, REFERENCE_LOCK]
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock_shared(%s)", locks)
        with transaction.atomic():
            if outermost:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    finally:
        _LOOKING.reset(token)


@contextmanager
def reference_as_of(instant: datetime) -> Iterator[None]:
    """Within it queries find reference data as they stood at ``instant``, or at the first publication:
    nothing was answered before. What is written within is undone."""
    around = _IN_PLACE.get()
    if around == instant:
        yield
        return
    token = _IN_PLACE.set(instant)
    try:
        with one_past():
            if around is not None:
                _unshadow()
            first = Publication.objects.order_by("instant").values_list("instant", flat=True).first()
            if first is not None:
                _shadow(max(instant, first))
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        _IN_PLACE.reset(token)


def version_as_of(instant: datetime) -> tuple[int, datetime] | None:
    """The newest version of any row at ``instant``, by a number that is never given twice, and since when it
    was the newest; None before there was any."""
    known = ReferenceVersion.objects.filter(change__instant__lte=instant)
    return known.order_by("-change__instant", "-id").values_list("id", "change__instant").first()


def _shadow(instant: datetime) -> None:
    changed = ReferenceVersion.objects.filter(change__instant__gt=instant).order_by()
    relations = set(changed.values_list("relation", flat=True).distinct())
    models = [model for model in VERSIONED if model._meta.db_table in relations]
    if not models:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"CREATE TEMP TABLE {table} (LIKE {schema}.{table} INCLUDING INDEXES)")
            defaults = DjangoJSONEncoder().encode(_defaults(model))
            statement = _AS_OF.format(table=table, schema=schema)
            cursor.execute(statement, [model._meta.db_table, instant, defaults])
        # Functions of the database keep their plans, and in these the tables that a name meant.
        cursor.execute("DISCARD PLANS")


def _unshadow() -> None:
    """Take away the tables of another instant; they come back with the end of this one."""
    tables = (f"pg_temp.{connection.ops.quote_name(model._meta.db_table)}" for model in VERSIONED)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(tables)}")


def _defaults(model: type[Model]) -> dict[str, object]:
    """What a column that a version does not know is taken to have held: it was added later."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    defaults = {f: f.get_default() if f.db_default is NOT_PROVIDED else f.db_default for f in fields}
    return {field.column: field.get_db_prep_save(value, connection) for field, value in defaults.items()}

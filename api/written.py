"""Rows of facts are written once: the JSON text of each stands beside it, and is read instead of made.

Facts are never changed, so that a text stays true while the names in it do (migration 0014 sees to that).
What is not written yet, or breaks a rule, is made when it is asked for, by the same columns: an answer never
waits for the writing, and never depends on it.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from functools import cache

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from api.cells import json_object, select_list
from api.columns import Column
from api.models import WritingState, WrittenRow
from api.restated_columns import OBSERVATION
from api.rows import for_copy, select
from indicators.models import Contradiction, Observation

#: Rows written in one transaction, which whoever changes a name may have to wait for.
_CHUNK = 2000
_FEW = 20_000
_MAKE = "api_row_text"
_NONE_BROKEN = Value([], output_field=ArrayField(CharField()))
# Rules are broken and kept again without the fact: what breaks one is made when it is asked for.
_COLUMNS = tuple(replace(c, source=_NONE_BROKEN) if c.name == "contradictions" else c for c in OBSERVATION)


@cache
def row_text() -> Combinable:
    """The text of an observation's row, from where it is written or made at once."""
    broken = Exists(Contradiction.objects.filter(observation=OuterRef("pk")))
    return Case(
        When(Q(written__form=_form()) & ~broken, then=F("written__text")),
        default=Func(F("pk"), function=_MAKE, output_field=TextField()),
    )


def written_lines(facts: QuerySet[Observation], indicators: list[int] | None) -> str:
    """For COPY: what ``row_text`` gives of some thousand ``facts``, in the order of keys. ``indicators`` are
    all that the facts have; None where nothing is known of them.

    Keys are sorted before texts are joined, texts of an indicator are found side by side, and broken rules
    are read once: half the time of looking up each for each row.
    """
    keys, parameters = select(facts.order_by("pk"), ())
    beside = "" if indicators is None else "AND w.indicator_id = ANY(%s)"
    broken = f"SELECT observation_id FROM {Contradiction._meta.db_table}"
    sql = f"""
        SELECT CASE WHEN w.form = %s AND k.id NOT IN ({broken}) THEN w.text ELSE {_MAKE}(k.id) END
        FROM ({keys} OFFSET 0) AS k(id)
        LEFT JOIN {WrittenRow._meta.db_table} AS w ON w.observation_id = k.id {beside}
        ORDER BY k.id"""
    return for_copy(sql, (_form(), *parameters, *([] if indicators is None else [indicators])))


def define_row_text(**_: object) -> None:
    """Tell the database how a row is made. As a function of its own it is planned once for each connection,
    and costs a query nothing that does not need it."""
    sql, parameters = _texts(Observation.objects.order_by(), OBSERVATION)
    with connection.cursor() as cursor:
        made = cursor.mogrify(sql, parameters).decode()
        body = f"BEGIN RETURN (SELECT text FROM ({made}) AS made WHERE _key = which); END"
        words = f"CREATE OR REPLACE FUNCTION {_MAKE}(which bigint) RETURNS text STABLE LANGUAGE plpgsql AS %s"
        cursor.execute(words, [body])


def mostly_written() -> bool:
    """Whether a whole table is sooner read than made: making one row by itself takes several times as long as
    making it among others."""
    newest = Observation.objects.order_by("-pk").values("pk")[:1]
    almost = Coalesce(Subquery(newest), 0) - _FEW
    return WritingState.objects.filter(form=_form(), position__gte=almost).exists()


def write_rows(*, seconds: float) -> bool:
    """Write what is not written, for about so long; whether there may be more to do."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if not _write_chunk():
            return False
    return True


@transaction.atomic
def _write_chunk() -> bool:
    """The next rows in the order of their keys; whether there were any. Nothing while somebody else writes,
    or changes names."""
    if not WritingState.objects.exists():  # after a flush; a migration makes it
        WritingState.objects.bulk_create([WritingState(pk=1, position=0)], ignore_conflicts=True)
    state = WritingState.objects.select_for_update(skip_locked=True).first()
    if state is None:
        return False
    begin = state.position if state.form == _form() else 0
    found = Observation.objects.filter(pk__gt=begin).order_by("pk").values_list("pk", flat=True)
    keys = list(found[:_CHUNK])
    if keys:
        _write(after=begin, upto=keys[-1])
        WritingState.objects.update(position=keys[-1], form=_form())
    return bool(keys)


def _write(*, after: int, upto: int) -> None:
    """Those between two keys that are not written with these columns already."""
    between = {"pk__gt": after, "pk__lte": upto}  # said of both tables: neither is read as a whole
    written = WrittenRow.objects.filter(**between, form=_form()).values("pk")
    missing = Observation.objects.current().filter(**between).exclude(pk__in=written)
    sql, parameters = _texts(missing.order_by())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {WrittenRow._meta.db_table} (observation_id, indicator_id, form, text) "
            f"SELECT id, indicator_id, %s, text FROM ({sql}) AS written "
            f"JOIN {Observation._meta.db_table} ON id = _key "
            "ON CONFLICT (observation_id) DO UPDATE SET form = excluded.form, text = excluded.text",
            (_form(), *parameters),
        )


def _texts(
    facts: QuerySet[Observation], columns: tuple[Column, ...] = _COLUMNS
) -> tuple[str, tuple[object, ...]]:
    inner, parameters = select(facts, columns)
    named = f"({inner}) AS q(_key, {select_list(columns)})"
    return f"SELECT _key, {json_object(columns)} AS text FROM {named}", parameters


@cache
def _form() -> int:
    """Another number wherever texts would be written otherwise."""
    sql, parameters = _texts(Observation.objects.order_by())
    return int.from_bytes(hashlib.blake2b(f"{sql} {parameters}".encode(), digest_size=4).digest()) >> 1

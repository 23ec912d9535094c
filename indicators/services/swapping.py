"""A table that was filled anew takes the place of a live one: name, indexes, triggers and grants with it.

Rows go to a *twin*, a logged table without indexes, by COPY; its indexes are made by sorting once all rows
are there, each in a transaction of its own, so that several processes share them. Readers wait for the
exchange of names alone. Everything that hangs on the live table is read from the catalog, so that afterwards
it says what the migrations left there, whatever they do in times to come.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db import InternalError, OperationalError, connection, transaction

#: How long readers may be kept waiting by one try, how often it is tried, and how long they are let through
#: before the next.
LONGEST_WAIT, TRIES, PAUSE = "200ms", 50, 0.2
# An index is sorted in memory.
_SORTING = "SET LOCAL maintenance_work_mem = '256MB'"
#: What the names of a twin's indexes end in until it takes its place.
_OF_TWIN = "_rebuild"
_INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid),
    CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
    concat_ws(' ', CASE WHEN k.condeferrable THEN 'DEFERRABLE' END,
        CASE WHEN k.condeferred THEN 'INITIALLY DEFERRED' END)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid
WHERE i.indrelid = %s::regclass ORDER BY i.indnkeyatts DESC, c.oid
"""
_TRIGGERS = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
_GRANTS = """
SELECT format('GRANT %%s %%s ON %%I TO %%s %%s', a.privilege_type, '(' || quote_ident(g.attname) || ')',
    g.relname, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
    CASE WHEN a.is_grantable THEN 'WITH GRANT OPTION' END)
FROM (
    SELECT oid, relname, NULL::name AS attname, relacl AS granted FROM pg_class
    UNION ALL SELECT c.oid, relname, attname, attacl FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
) g, aclexplode(g.granted) a WHERE g.oid = %s::regclass
"""
_OPTIONS = """
SELECT format('ALTER TABLE %%I SET (%%s)', relname, array_to_string(reloptions, ', '))
FROM pg_class WHERE oid = %s::regclass AND reloptions IS NOT NULL
"""
_COMMENT = """
SELECT format('COMMENT ON TABLE %%I IS %%L', relname, obj_description(oid, 'pg_class'))
FROM pg_class WHERE oid = %s::regclass
"""
# A transaction that goes on with an older view of the data would see, under the new name, the chunks that
# were committed before that view was taken.
_OLDER_VIEWS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND age(backend_xmin) > age(pg_current_xact_id()::xid)
"""


class _NotNow(OperationalError):
    """Readers are in the way."""


def create_twin(live: str, twin: str) -> None:
    """An empty table with the columns and checks of ``live``; its numbers go on from those of ``live``."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {twin} (LIKE {live} INCLUDING ALL EXCLUDING INDEXES)")
        cursor.execute(f"SELECT setval('{_numbers(twin)}', nextval('{_numbers(live)}'))")


def indexes(live: str) -> list[str]:
    """The names of its indexes, what takes longest to make first."""
    return [name for name, *_ in _described(_INDEXES, live)]


def make_index(name: str, live: str, twin: str) -> None:
    """Of the twin, whose rows are all there, the index ``name`` that the live table has."""
    (definition,) = (index for found, index, *_ in _described(_INDEXES, live) if found == name)
    unique = "UNIQUE" if definition.startswith("CREATE UNIQUE ") else ""
    how = definition.partition(" USING ")[2]
    with connection.cursor() as cursor:
        cursor.execute(_SORTING)
        cursor.execute(f'CREATE {unique} INDEX "{name}{_OF_TWIN}" ON {twin} USING {how}')


def swap(twins: Mapping[str, str]) -> bool:
    """Give each twin (by the name of its live table), whose indexes are made, all at one instant, the place
    of the live one. False, and nothing is changed, where readers or what refers to a table prevent it.

    Nobody may write to the tables meanwhile, and nothing should come after it in the transaction: readers
    wait until its end.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                for twin in twins.values():
                    cursor.execute(f"ANALYZE {twin}")  # or the first queries are planned for an empty table
            _lock_out_readers(twins)
            for live, twin in twins.items():
                _take_place(live, twin)
    except (OperationalError, InternalError):  # a view that somebody made upon the table is an InternalError
        return False
    return True


def _lock_out_readers(tables: Mapping[str, str]) -> None:
    with connection.cursor() as cursor:
        for _ in range(TRIES):
            cursor.execute(_OLDER_VIEWS)
            if cursor.fetchone() == (0,) and _locked(list(tables)):
                return
            time.sleep(PAUSE)
    raise _NotNow


def _locked(tables: list[str]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LONGEST_WAIT}'")
            cursor.execute(f"LOCK TABLE {', '.join(tables)}")
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError:
        return False
    return True


def _take_place(live: str, twin: str) -> None:
    kept = [row[0] for asked in (_OPTIONS, _TRIGGERS, _GRANTS, _COMMENT) for row in _described(asked, live)]
    numbers, new_numbers = _numbers(live), _numbers(twin)
    made = _described(_INDEXES, live)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {live}")
        cursor.execute(f"ALTER TABLE {twin} RENAME TO {live}")
        cursor.execute(f"ALTER SEQUENCE {new_numbers} RENAME TO {numbers.rpartition('.')[2]}")
        for name, _, kind, when in made:
            cursor.execute(f'ALTER INDEX "{name}{_OF_TWIN}" RENAME TO "{name}"')
            if kind:
                constraint = f'"{name}" {kind} USING INDEX "{name}" {when}'
                cursor.execute(f"ALTER TABLE {live} ADD CONSTRAINT {constraint}")
        for statement in kept:
            cursor.execute(statement)


def _described(asked: str, table: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(asked, [table])
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows


def _numbers(table: str) -> str:
    """The sequence that numbers its rows, with its schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        return str(cursor.fetchone()[0])

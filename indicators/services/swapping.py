"""A table that was filled anew takes the place of a live one: name, indexes, triggers and grants with it.

Rows go to a *twin*, a logged table without indexes, by COPY; its indexes are made by sorting once all rows
are there. Readers wait for the exchange of names alone. Everything that hangs on the live table is read from
the catalog, so that afterwards it says what the migrations left there, whatever they do in times to come.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.db import InternalError, OperationalError, connection, transaction

#: How long readers may be kept waiting by one try, how often it is tried, and how long they are let through
#: before the next.
LONGEST_WAIT, TRIES, PAUSE = "200ms", 50, 0.2
# An index is sorted in memory. By how many processes is left to the server's own setting: publications wait
# for the end of it, and the operating system shares the cores with readers.
_SORTING = "SET LOCAL maintenance_work_mem = '256MB'"
_INDEXES = """
SELECT c.relname, pg_get_indexdef(c.oid), pg_get_constraintdef(k.oid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.conrelid = i.indrelid
WHERE i.indrelid = %s::regclass ORDER BY c.oid
"""
_TRIGGERS = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
_GRANTS = """
SELECT format('GRANT %%s ON %%I TO %%s', a.privilege_type, c.relname,
    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END)
    || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::regclass
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


def swap(twins: Mapping[str, str]) -> bool:
    """Give each twin (by the name of its live table) the indexes of the live one, then, all at one instant,
    its place. False, and nothing is changed, where readers or what refers to a table prevent it.

    Nobody may write to the tables meanwhile, and nothing should come after it in the transaction: readers
    wait until its end.
    """
    try:
        with transaction.atomic():
            for live, twin in twins.items():
                _index(live, twin)
            _lock_out_readers(twins)
            for live, twin in twins.items():
                _take_place(live, twin)
    except (OperationalError, InternalError):  # a view that somebody made upon the table is an InternalError
        return False
    return True


def _index(live: str, twin: str) -> None:
    """The old indexes make way for the names: to others they keep theirs until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_SORTING)
        cursor.execute(_INDEXES, [live])
        for name, index, constraint in cursor.fetchall():
            cursor.execute(f'ALTER INDEX "{name}" RENAME TO "{name}_gone"')
            if constraint:
                cursor.execute(f'ALTER TABLE {twin} ADD CONSTRAINT "{name}" {constraint}')
            else:
                cursor.execute(index.replace(f".{live} ", f".{twin} ", 1))
        cursor.execute(f"ANALYZE {twin}")  # or the first queries are planned for an empty table


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
    with connection.cursor() as cursor:
        kept: list[str] = []
        for asked in (_TRIGGERS, _GRANTS, _COMMENT):
            cursor.execute(asked, [live])
            kept += [row[0] for row in cursor.fetchall()]
        numbers, new_numbers = _numbers(live), _numbers(twin)
        cursor.execute(f"DROP TABLE {live}")
        cursor.execute(f"ALTER TABLE {twin} RENAME TO {live}")
        cursor.execute(f"ALTER SEQUENCE {new_numbers} RENAME TO {numbers.rpartition('.')[2]}")
        for statement in kept:
            cursor.execute(statement)


def _numbers(table: str) -> str:
    """The sequence that numbers its rows, with its schema."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        return str(cursor.fetchone()[0])

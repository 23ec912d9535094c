"""SQL that is asked again and again: PostgreSQL plans it once for each connection.

Planning a query with six joins costs more than answering it for a hundred rows. A statement that is run a
second time is prepared, with one plan for all its parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_MOST = 200  # of a connection; each takes some hundred kilobytes of its server process
_PLACEHOLDER = re.compile(r"%[s%]")
#: connection of the driver → SQL → the name that it was prepared under
_PREPARED: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()


@dataclass
class Statement:
    sql: str
    parameters: tuple[Any, ...]
    again: bool = field(default=False, init=False)

    def row(self) -> tuple[Any, ...]:
        """The one row that it gives."""
        with connection.cursor() as cursor:
            if self.again:
                places = ", ".join(["%s"] * len(self.parameters))
                cursor.execute(f"EXECUTE {_prepared(cursor, self.sql)} ({places})", self.parameters)
            else:
                self.again = True
                cursor.execute(self.sql, self.parameters)
            row: tuple[Any, ...] = cursor.fetchone()
            return row


def _prepared(cursor: Any, sql: str) -> str:
    known = _PREPARED.setdefault(connection.connection, {})
    if sql not in known:
        if len(known) >= _MOST:
            cursor.execute("DEALLOCATE ALL")
            known.clear()
        if not known:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        name = f"api_{len(known)}"
        number = count(1)
        numbered = _PLACEHOLDER.sub(lambda found: f"${next(number)}" if found[0] == "%s" else "%", sql)
        cursor.execute(f"PREPARE {name} AS {numbered}")
        known[sql] = name
    return known[sql]

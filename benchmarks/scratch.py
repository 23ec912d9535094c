"""A database of its own on the server that DATABASE_URL names, dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    """DATABASE_URL names it meanwhile, for this process and those that it starts."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("Set DATABASE_URL to a PostgreSQL server on which a database may be made.")
    os.environ.setdefault("SECRET_KEY", "for-benchmarks-only")
    _ask(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    try:
        yield
    finally:
        os.environ["DATABASE_URL"] = url
        _ask(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _ask(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

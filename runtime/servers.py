"""Checks on servers that are not ours, before anything is started on them."""

import psycopg2
import redis

from runtime.errors import StartError

OLDEST_POSTGRESQL = 15
OLDEST_REDIS = 6
CONNECT_TIMEOUT = 10  # seconds


def check_postgresql(url: str) -> None:
    """An error unless a PostgreSQL that is new enough answers at DATABASE_URL."""
    try:
        connection = psycopg2.connect(url, connect_timeout=CONNECT_TIMEOUT)
    except psycopg2.Error as error:
        raise StartError(f"DATABASE_URL: no connection. {first_line(error)}") from error
    version = connection.server_version // 10_000
    connection.close()
    if version < OLDEST_POSTGRESQL:
        raise StartError(
            f"DATABASE_URL leads to PostgreSQL {version}; {OLDEST_POSTGRESQL} or newer is needed."
        )


def check_redis(url: str) -> None:
    """An error unless a Redis that is new enough answers at REDIS_URL."""
    try:
        client = redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_TIMEOUT, socket_timeout=CONNECT_TIMEOUT
        )
        version = str(client.info("server")["redis_version"])
        client.close()
    except (redis.RedisError, ValueError) as error:
        raise StartError(f"REDIS_URL: no connection. {first_line(error)}") from error
    if int(version.split(".")[0]) < OLDEST_REDIS:
        raise StartError(f"REDIS_URL leads to Redis {version}; {OLDEST_REDIS} or newer is needed.")


def first_line(error: Exception) -> str:
    """The first line of a driver's message; it names host and port, never the password."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def database_identity(url: str) -> str:
    """What tells this database from every other, also from one made later under the same address."""
    connection = psycopg2.connect(url, connect_timeout=CONNECT_TIMEOUT)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT system_identifier FROM pg_control_system()), oid "
                "FROM pg_database WHERE datname = current_database()"
            )
            row = cursor.fetchone()
            assert row is not None  # we are connected to it
            return "/".join(str(part) for part in row)
    finally:
        connection.close()

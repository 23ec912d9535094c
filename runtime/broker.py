"""Celery's tables where there is no Redis and PostgreSQL carries the messages (kombu's SQLAlchemy transport).

kombu makes its tables at the first use, without asking whether another process is doing the same: web,
worker and beat that start together race for them, and the losers fail. So they are made here, before the
first of them starts. (Messages that were delivered stay in the table; a task of the application deletes
them.)
"""

import psycopg2
from celery import Celery
from kombu import Connection  # type: ignore[attr-defined]
from kombu.transport.sqlalchemy import Channel
from sqlalchemy.orm import close_all_sessions

QUEUE = "celery"  # Celery's default
LOCK = 7_112_050  # any number; concurrent preparations wait for each other
HEARTBEAT_TASK = "indicators.tasks.worker_heartbeat_task"


def broker_url(database_url: str, redis_url: str | None) -> str:
    """kombu's address of the broker: Redis where there is one, else the database."""
    if redis_url:
        return redis_url
    return "sqla+postgresql+psycopg2://" + database_url.partition("://")[2]


def make_broker_tables(database_url: str) -> None:
    """Makes kombu's tables and Celery's queue; changes nothing where they are there."""
    lock = psycopg2.connect(database_url)
    try:
        with lock, lock.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            with Connection(broker_url(database_url, None)) as connection:  # type: ignore[no-untyped-call]
                connection.default_channel.queue_declare(QUEUE)
    finally:
        lock.close()
        close_broker_connections()


def close_broker_connections() -> None:
    """Ends what this process holds open to a broker's database; kombu closes neither sessions nor pools."""
    close_all_sessions()
    while Channel._engines:
        _, (engine, _) = Channel._engines.popitem()
        engine.dispose()


def send(url: str, task: str) -> None:
    """Sends one message over a connection of its own, not one of a pool that would outlive it."""
    with Celery(broker=url, set_as_current=False) as sender, sender.connection_for_write() as connection:
        sender.send_task(task, connection=connection, retry=False, ignore_result=True)
    close_broker_connections()


def ask_worker_for_sign_of_life(url: str) -> None:
    """Sends the heartbeat task once: a new worker is known after a second, not after beat's interval."""
    send(url, HEARTBEAT_TASK)

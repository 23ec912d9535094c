"""The change feed while others write: whoever follows it from zero has just the current table, in the order
of commits, with no gap. Real transactions, real threads."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import polars as pl
import pytest
from django.db import DatabaseError, connection, transaction

from indicators.models import Observation, Publication
from indicators.services.bulk_publishing import PUBLISHING_LOCK, publish_columns
from indicators.services.publishing import publish, withdraw
from tests.cast import make_cast, make_fact, make_period
from tests.services.conftest import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ACTS = 4, 10


@contextmanager
def _threads(*works: Callable[[], None]):
    """Each in a thread with a connection of its own; what fails in one fails the test."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except (AssertionError, DatabaseError, ValueError) as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.join()
    assert not failures, failures


class Follower:
    """A reader who knows nothing but the feed."""

    def __init__(self, api: Any) -> None:
        self.api, self.after = api, 0
        self.seen: list[int] = []
        self.table: dict[int, dict[str, Any]] = {}

    def follow(self) -> None:
        """To the end of what there is now."""
        more = True
        while more:
            page = self.api.read(f"changes/?after={self.after}&page_size=7")
            for row in page["results"]:
                self._apply(row)
            more = page["next"] is not None

    def _apply(self, row: dict[str, Any]) -> None:
        self.seen.append(row["id"])
        self.after = row["id"]
        assert (row["change"] == "recorded") == (row["supersedes"] is None)
        if row["supersedes"] is not None:
            del self.table[row["supersedes"]]  # which must have come before
        self.table[row["id"]] = {k: v for k, v in row.items() if k not in ("change", "supersedes")}


def _current(api: Any) -> dict[int, dict[str, Any]]:
    rows, address = {}, "observations/?page_size=1000"
    while address:
        page = api.read(address)
        rows |= {row["id"]: row for row in page["results"]}
        address = (page["next"] or "").partition("/api/v1/")[2]
    return rows


def _writer(cast: Any, seed: int) -> Callable[[], None]:
    """New facts, corrections and withdrawals of one writer's own month, and of one that all share."""
    chance = random.Random(seed)

    def fact(value: int) -> Any:
        month = chance.choice([f"2021-{seed:02}", "2022-12"])
        province = chance.choice([cast.ha_giang, cast.cao_bang, cast.dien_bien])
        return make_fact(cast, province, cast.received, month, str(value))

    def write() -> None:
        for act in range(ACTS):
            mine = Observation.objects.current().filter(period__code=f"2021-{seed:02}").exclude(value=None)
            if act % 4 == 3 and mine.exists():
                withdraw(observations=mine[:1], reason="Sai")
            else:
                facts = {made.key: made for made in (fact(chance.randrange(10**6)) for _ in range(3))}
                publish(facts=list(facts.values()), cause="reference")

    return write


def _loader(cast: Any, seed: int) -> Callable[[], None]:
    """Loads of whole columns, into the month that the writers share."""
    chance = random.Random(seed)
    fact = make_fact(cast, cast.ha_giang, cast.received, "2022-12", None)
    keys = {"indicator": fact.indicator.pk, "period": fact.period.pk, "source": fact.source.pk}
    provinces = [cast.ha_giang.pk, cast.cao_bang.pk, cast.dien_bien.pk]

    def load() -> None:
        for _ in range(ACTS):
            values = [str(chance.randrange(10**6)) for _ in provinces]
            publish_columns(
                facts=[pl.DataFrame({"province": provinces, **keys, "value": values})], cause="import"
            )

    return load


def test_a_follower_has_the_current_table_while_writers_write(api):
    cast = make_cast()
    for month in range(1, WRITERS + 1):
        make_period(f"2021-{month:02}")
    make_period("2022-12")
    follower = Follower(api)
    writing = [_writer(cast, seed) for seed in range(1, WRITERS + 1)]
    with _threads(*writing, _loader(cast, WRITERS + 1)) as writers:
        while any(writer.is_alive() for writer in writers):
            follower.follow()
    between = len(follower.seen)
    follower.follow()
    assert follower.seen == sorted(Observation.objects.values_list("pk", flat=True))
    current = _current(api)
    assert follower.table.keys() == current.keys()
    for key, row in follower.table.items():
        told = row | {"superseded_at": None}  # the feed tells of rows that were superseded by now, too
        assert told == {name: current[key][name] for name in told}
    assert between and Publication.objects.count() > WRITERS * ACTS // 2
    assert Publication.objects.filter(cause="import").count() == ACTS


def test_an_act_that_began_later_is_not_seen_before_one_that_is_still_open(api):
    cast = make_cast()
    make_period("2021-01")
    first, second = (
        make_fact(cast, province, cast.received, "2021-01", "1")
        for province in (cast.ha_giang, cast.cao_bang)
    )
    follower = Follower(api)
    begun, end = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            publish(facts=[first], cause="reference")
            begun.set()
            assert end.wait(20)

    def quick() -> None:
        assert begun.wait(20)
        publish(facts=[second], cause="reference")

    with _threads(slow, quick):
        assert begun.wait(20)
        wait_until(_somebody_waits, 20)
        follower.follow()
        assert follower.seen == []
        end.set()
    follower.follow()
    assert [row["province"] for row in follower.table.values()] == ["ha-giang", "cao-bang"]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted AND objid = %s",
            [PUBLISHING_LOCK],
        )
        return bool(cursor.fetchone()[0])

"""A table that was filled anew takes the place of an empty one: neither the catalog nor whoever watches the
table tells the difference, and readers who are in its way are not pushed aside."""

from contextlib import closing

import pytest
from django.db import connection

from api.models import DataChange
from indicators.models import Aggregate, RebuildChunk, Standing
from indicators.services import swapping
from indicators.services.rebuilding import finish, plan, rebuild, work_next
from indicators.services.recomputing import drain_pending
from tests.cast import Cast, make_cast, state
from tests.indicators.histories import snapshot

pytestmark = pytest.mark.django_db
TABLES = [Aggregate._meta.db_table, Standing._meta.db_table]
#: Everything that the schema says of a table, but for what is numbered anew with every table.
DESCRIBED = {
    "table": """SELECT relname, relkind, relpersistence, relowner, relacl::text, reloptions, relreplident,
        relrowsecurity, relispartition, reltablespace, obj_description(oid, 'pg_class')
        FROM pg_class WHERE oid = %s::regclass""",
    "columns": """SELECT attname, atttypid, atttypmod, attnotnull, attidentity, attgenerated, attcollation,
        attstorage, attcompression, attstattarget, attacl::text, pg_get_expr(adbin, adrelid)
        FROM pg_attribute LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum""",
    "sequence": """SELECT pg_get_serial_sequence(t, 'id'), s.seqtypid, seqincrement, seqmax, seqmin, seqcycle,
        relacl::text FROM (VALUES (%s)) AS v (t), pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
        WHERE s.seqrelid = pg_get_serial_sequence(t, 'id')::regclass""",
    "constraints": """SELECT conname, contype, convalidated, condeferrable, pg_get_constraintdef(oid),
        conindid::regclass::text FROM pg_constraint WHERE conrelid = %s::regclass ORDER BY conname""",
    "indexes": """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisprimary, indisunique,
        indisvalid, indisreplident, indisclustered
        FROM pg_index WHERE indrelid = %s::regclass ORDER BY indexrelid::regclass::text""",
    "triggers": """SELECT tgname, tgenabled, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE tgrelid = %s::regclass ORDER BY tgname""",
    "columns of indexes": """SELECT indexrelid::regclass::text, indkey::text, indcollation::text,
        indoption::text FROM pg_index WHERE indrelid = %s::regclass ORDER BY 1""",
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    for number, province in enumerate((cast.ha_giang, cast.cao_bang, cast.dien_bien), start=1):
        state(cast, province, cast.on_time, "2021-H1", str(25 * number))
        state(cast, province, cast.received, "2021-H1", str(number))
    drain_pending(cause="test")
    return cast


def ask(sql: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        rows: list[tuple[object, ...]] = cursor.fetchall()
    return rows


def described() -> dict[tuple[str, str], list[tuple[object, ...]]]:
    return {(table, what): ask(sql, table) for table in TABLES for what, sql in DESCRIBED.items()}


def places() -> list[tuple[object, ...]]:
    return ask("SELECT 'indicators_aggregate'::regclass::oid, 'indicators_standing'::regclass::oid")


def empty() -> None:
    for table in (Aggregate, Standing):
        table._default_manager.all().delete()


def test_the_schema_says_the_same_afterwards(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON indicators_standing TO PUBLIC")
        cursor.execute("GRANT UPDATE (value), REFERENCES (rank) ON indicators_standing TO PUBLIC")
        cursor.execute("COMMENT ON TABLE indicators_standing IS 'ranks'")
        cursor.execute("ALTER TABLE indicators_standing SET (fillfactor = 90, autovacuum_enabled = off)")
    before, right, place = described(), snapshot(), places()
    greatest = Standing.objects.order_by("-pk")[0].pk
    assert all(said for (table, _), said in before.items() if table == "indicators_aggregate")
    for _ in range(2):
        empty()
        assert rebuild(cause="test").differences
        assert described() == before
        assert snapshot() == right
    assert places() != place
    assert Standing.objects.order_by("pk")[0].pk > greatest  # no number is given twice
    state(cast, cast.tuyen_quang, cast.on_time, "2021-H1", "3")
    drain_pending(cause="test")
    assert rebuild(cause="test", apply=False).differences == 0
    assert ask("SELECT relname FROM pg_class WHERE relname ~ '_(rebuild|gone)(_|$)'") == []


def test_tables_that_hold_rows_keep_their_place(cast: Cast) -> None:
    place = places()
    Standing.objects.all().delete()
    assert rebuild(cause="test").differences
    assert places() == place


def test_kept_answers_are_told_of_it_and_of_later_changes(cast: Cast) -> None:
    empty()
    DataChange.objects.all().delete()
    rebuild(cause="test")
    assert DataChange.objects.filter(kind=DataChange.Kind.COMPUTED, indicators=None).exists()
    DataChange.objects.all().delete()
    Aggregate.objects.filter(indicator=cast.on_time).delete()
    assert DataChange.objects.get().indicators == [cast.on_time.pk]


def test_what_is_published_meanwhile_stands_afterwards(cast: Cast) -> None:
    empty()
    run = plan(cause="test")
    while work_next(run.pk):
        pass
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "81")
    drain_pending(cause="test")
    finish(run.pk)
    on_time = Standing.objects.filter(province=cast.cao_bang, group="nation", indicator=cast.on_time)
    assert {row.value for row in on_time} == {81}
    assert rebuild(cause="test", apply=False).differences == 0


def test_a_view_upon_a_table_keeps_it_where_it_is(cast: Cast) -> None:
    right, before, place = snapshot(), described(), places()
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW somebodys AS SELECT value FROM indicators_standing")
    empty()
    assert rebuild(cause="test").differences
    assert (snapshot(), described(), places()) == (right, before, place)


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_does_not_let_go_is_not_pushed_aside(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that has the table open nor one that goes on with an older view of the data."""
    monkeypatch.setattr(swapping, "TRIES", 2)
    right = snapshot()
    for older_view in (False, True):
        empty()
        place = places()
        with closing(connection.copy()) as reader, reader.cursor() as cursor:
            cursor.execute("SET statement_timeout = '20s'")  # or a fault would hang the suite
            cursor.execute(f"BEGIN ISOLATION LEVEL {'REPEATABLE READ' if older_view else 'READ COMMITTED'}")
            cursor.execute("SELECT 1" if older_view else "SELECT count(*) FROM indicators_standing")
            rebuild(cause="test")
            cursor.execute("SELECT count(*) FROM indicators_standing")
            assert cursor.fetchone() == (0 if older_view else Standing.objects.count(),)
        assert (places(), snapshot()) == (place, right)
    empty()
    rebuild(cause="test")
    assert places() != place


def test_computed_rows_of_an_indicator_without_facts_are_seen(cast: Cast) -> None:
    right = snapshot()
    row = Standing.objects.filter(indicator=cast.on_time)[0]
    row.pk, row.simulated = None, True
    row.save()
    assert rebuild(cause="test", apply=False).differences == 1
    assert rebuild(cause="test").differences == 1
    assert snapshot() == right


def test_what_waited_and_was_recomputed_meanwhile_is_not_put_in_place_twice(cast: Cast) -> None:
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "81")
    run = plan(cause="test")  # after the publication, before it is recomputed
    while work_next(run.pk):
        pass
    assert RebuildChunk.objects.exclude(waiting=[]).exists()
    drain_pending(cause="test")
    right = snapshot()
    assert finish(run.pk).differences == 0
    assert snapshot() == right

"""Reference data as they stood: nothing an answer depends on is forgotten, whoever changed it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from indicators.models import (
    IndexComponent,
    Indicator,
    Period,
    ReferenceChange,
    ReferenceVersion,
    Source,
    Target,
)
from indicators.services import framing
from indicators.services.bulk_publishing import PUBLISHING_LOCK
from indicators.services.past_tables import tables_as_of
from indicators.services.reference_history import VERSIONED, reference_as_of
from provinces.models import Region
from tests.cast import Cast, committed, make_cast, make_source, state

#: Tables that have no history of this kind, and why they need none.
_OTHERWISE = {
    "indicators_publication": "never changed; each has its instant",
    "indicators_observation": "append-only, with the instants of each row in it",
    "indicators_aggregate": "computed again from what has a history",
    "indicators_standing": "computed again",
    "indicators_indexscore": "computed again",
    "indicators_contradiction": "found again",
    "indicators_targetverdict": "no table: judged when it is asked for",
    "indicators_pendingrecompute": "work to be done",
    "indicators_recomputerun": "a record of work, shown of the present",
    "indicators_rebuildchunk": "work to be done",
    "indicators_workerheartbeat": "who works now",
    "indicators_referencechange": "the history itself",
    "indicators_referenceversion": "the history itself",
}


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast()
    state(cast, cast.cao_bang, cast.on_time, "2021", "90")
    committed()
    return cast


def test_every_table_has_a_history_or_a_reason_to_have_none(db: None) -> None:
    models = [
        model
        for app in ("provinces", "indicators")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    versioned = {model._meta.db_table for model in VERSIONED}
    assert {model._meta.db_table for model in models} == versioned | set(_OTHERWISE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, count(*) FROM pg_trigger "
            "WHERE tgname LIKE 'reference_history_%' AND tgenabled = 'O' GROUP BY 1"
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(versioned, 3)


def test_names_and_membership_are_those_of_then(cast: Cast) -> None:
    before = timezone.now()
    Indicator.objects.filter(pk=cast.on_time.pk).update(name_vi="Mới", unit_vi="‰")
    cast.received.dimensions.clear()
    Source.objects.create(code="later", title="-", publisher="-")
    Region.objects.filter(geography=cast.geography_34).delete()
    committed()
    with reference_as_of(before):
        then = Indicator.objects.get(pk=cast.on_time.pk)
        assert (then.name_vi, then.unit_vi) == (cast.on_time.name_vi, "%")
        assert cast.received.dimensions.count() == 1 and Region.objects.count() == 2
        assert not Source.objects.filter(code="later").exists()
        with reference_as_of(timezone.now()):
            assert Indicator.objects.get(pk=cast.on_time.pk).name_vi == "Mới"
        assert Indicator.objects.get(pk=cast.on_time.pk).unit_vi == "%"
    assert Indicator.objects.get(pk=cast.on_time.pk).name_vi == "Mới" and Region.objects.count() == 1


def test_a_row_comes_back_as_it_was_to_the_last_digit(cast: Cast) -> None:
    target = Target.objects.create(
        indicator=cast.on_time, due=date(2025, 1, 1), operator="at_least", value=Decimal("90.00"),
        source=cast.report, basis_vi="Kế hoạch \\ \"số\"", basis_en="-",
    )  # fmt: skip
    committed()
    first = timezone.now()
    Target.objects.update(value=Decimal("90.0"))
    committed()
    second = timezone.now()
    Target.objects.all().delete()
    committed()
    told = [row.content for row in ReferenceVersion.objects.filter(relation="indicators_target")]
    assert len(told) == 3 and told[2] is None
    for instant, digits in ((first, "90.00"), (second, "90.0")):
        with reference_as_of(instant):
            then = Target.objects.get()
            assert (str(then.value), then.due, then.basis_vi) == (digits, target.due, target.basis_vi)


def test_what_changes_nothing_leaves_no_trace(cast: Cast) -> None:
    before = ReferenceVersion.objects.count(), ReferenceChange.objects.count()
    for indicator in Indicator.objects.all():
        indicator.save()
    Target.objects.all().delete()
    committed()
    assert (ReferenceVersion.objects.count(), ReferenceChange.objects.count()) == before


def test_facts_and_what_they_refer_to_become_known_together(cast: Cast) -> None:
    Indicator.objects.filter(pk=cast.received.pk).update(decimals=0)
    fact = state(cast, cast.cao_bang, cast.received, "2019", "5", source=make_source("new", "-"))
    Indicator.objects.filter(pk=cast.on_time.pk).update(decimals=1)
    committed()
    changed = ReferenceChange.objects.order_by("-id").values_list("instant", flat=True)
    assert changed[0] == fact.recorded_at and changed[1] < changed[0]
    with tables_as_of(fact.recorded_at - timedelta(microseconds=1), simulated=False):
        assert not Period.objects.filter(code="2019").exists()
        assert Indicator.objects.get(pk=cast.on_time.pk).decimals == 2


def test_a_column_added_later_has_its_default_in_older_rows(cast: Cast) -> None:
    then = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE indicators_referenceversion DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE indicators_referenceversion "
            "SET content = content - '{decimals,legal_basis,headline}'::text[]"
        )
        cursor.execute("ALTER TABLE indicators_referenceversion ENABLE TRIGGER USER")
    Indicator.objects.update(decimals=5, legal_basis="x", headline=1)
    committed()
    with reference_as_of(then):
        found = set(Indicator.objects.values_list("decimals", "legal_basis", "headline"))
    assert found == {(2, "", None)}


@pytest.mark.parametrize("table", ["indicators_referencechange", "indicators_referenceversion"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET id = id + 1000000"])
def test_nobody_rewrites_the_history(cast: Cast, table: str, act: str) -> None:
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        connection.cursor().execute(act.format(table))


def test_a_frame_of_the_past_is_none_of_the_present(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    before = timezone.now()
    now = framing.frame()
    Indicator.objects.filter(pk=cast.on_time.pk).update(coverage_threshold=0.5)
    committed()
    assert framing.frame().definitions[cast.on_time.pk].coverage_threshold == 0.5
    with django_assert_max_num_queries(13), reference_as_of(before):
        assert framing.frame() is now
    assert framing.frame().definitions[cast.on_time.pk].coverage_threshold == 0.5


def test_functions_of_the_database_see_the_past_too(cast: Cast) -> None:
    """They keep their plans, and in these the tables that were meant by a name."""
    from indicators.models import CompositeIndex

    index = CompositeIndex.objects.create(
        code="own", version="1", scale=1, total=cast.on_time, name_vi="-", name_en="-", legal_basis="-",
        weights="published",
    )  # fmt: skip
    IndexComponent.objects.create(index=index, code="a", name_vi="Cũ", name_en="-", weight=1, rule="parts")
    committed()
    before = timezone.now()
    IndexComponent.objects.update(name_vi="Mới")
    committed()

    def name() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT api_index_parts(%s, NULL, '{}', '{}')->0->>'name_vi'", [index.pk])
            return str(cursor.fetchone()[0])

    assert name() == "Mới"
    for _ in range(2):
        with reference_as_of(before):
            assert name() == "Cũ"
        assert name() == "Mới"


@pytest.mark.django_db(transaction=True)
def test_a_change_is_known_from_its_commit_on_and_waited_for() -> None:
    cast = make_cast()
    state(cast, cast.cao_bang, cast.on_time, "2021", "90")

    def decimals(instant: datetime) -> int:
        with reference_as_of(instant):
            return Indicator.objects.get(pk=cast.on_time.pk).decimals

    other = psycopg2.connect(**connection.get_connection_params())
    with other.cursor() as cursor:
        cursor.execute("UPDATE indicators_indicator SET decimals = 7")
        first = timezone.now()
        assert decimals(first) == 2
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the commit
        second = timezone.now()
        with connection.cursor() as own:
            own.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            decimals(second)
        with connection.cursor() as own:
            own.execute("SET lock_timeout = 0")
    other.commit()
    with tables_as_of(first, simulated=False), other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [PUBLISHING_LOCK])
        assert cursor.fetchone() == (True,), "nobody who publishes waits for a reader"
        cursor.execute("UPDATE indicators_indicator SET decimals = 1")
        other.commit()
        assert Indicator.objects.get(pk=cast.on_time.pk).decimals == 2
    other.close()
    assert decimals(first) == 2 and decimals(second) == 7


@pytest.mark.django_db(transaction=True)
def test_what_stands_when_the_history_begins_is_known_since_the_first_publication() -> None:
    cast = make_cast()
    first = state(cast, cast.cao_bang, cast.on_time, "2021", "90").recorded_at
    state(cast, cast.cao_bang, cast.on_time, "2021", "80")
    call_command("migrate", "indicators", "0011", verbosity=0)
    call_command("migrate", "indicators", verbosity=0)
    (change,) = ReferenceChange.objects.all()
    assert change.instant == first and change.transaction is None
    rows = sum(model._default_manager.count() for model in VERSIONED)
    assert ReferenceVersion.objects.filter(change=change).count() == rows

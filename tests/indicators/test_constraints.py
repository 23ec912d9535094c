"""What the database forbids of facts, each tried; and what publishing makes of a correction."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from indicators.models import Category, Indicator, Observation, Publication, Source, Target
from indicators.services.publishing import Fact, publish, withdraw
from tests.cast import make_cast, make_period, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


def insert(cast, **fields):
    """An observation past the service, straight into the table."""
    publication = Publication.objects.create(instant=timezone.now(), cause="import")
    row = {
        "province": cast.ha_giang,
        "indicator": cast.on_time,
        "period": make_period("2021-H1"),
        "source": cast.report,
        "value": Decimal("92.3"),
        "publication": publication,
        "recorded_at": publication.instant,
    }
    return Observation.objects.create(**row | fields)


def test_one_current_row_for_each_fact_of_a_source(cast):
    insert(cast)
    with pytest.raises(IntegrityError, match="observation_one_current_per_source"):
        insert(cast)


def test_a_whole_province_counts_as_one_fact_although_it_has_no_category(cast):
    insert(cast, indicator=cast.received, category=cast.online)
    insert(cast, indicator=cast.received, category=None)
    with pytest.raises(IntegrityError, match="observation_one_current_per_source"):
        insert(cast, indicator=cast.received, category=None)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"value": None}, "observation_value_or_reason"),
        ({"missing_reason": "withheld"}, "observation_value_or_reason"),
        ({"status": "withdrawn"}, "observation_value_or_reason"),
        ({"stated_rank": 0}, "observation_rank_from_one"),
        ({"stated_rank": -1}, "stated_rank"),
        ({"denominator": Decimal(0)}, "observation_denominator_positive"),
        ({"numerator": Decimal(-1)}, "observation_numerator_not_negative"),
        ({"lower": Decimal(2), "upper": Decimal(1)}, "observation_interval_in_order"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(cast, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        insert(cast, **fields)


@pytest.mark.parametrize(
    "change",
    [
        {"value": Decimal("92.4")},
        {"note_vi": "later thought"},
        {"value": Decimal("92.4"), "superseded_at": timezone.now()},
        {"superseded_at": None},
    ],
)
def test_a_published_row_cannot_be_changed(cast, change):
    row = insert(cast)
    with pytest.raises(IntegrityError, match="cannot be changed"):
        Observation.objects.filter(pk=row.pk).update(**change)


def test_a_published_row_cannot_be_superseded_twice_or_revived(cast):
    row = insert(cast)
    rows = Observation.objects.filter(pk=row.pk)
    assert rows.update(superseded_at=timezone.now()) == 1
    for again in (timezone.now(), None):
        with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
            rows.update(superseded_at=again)


def test_a_published_row_cannot_be_deleted(cast):
    row = insert(cast)
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        row.delete()
    with pytest.raises(IntegrityError, match="cannot be deleted"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM indicators_observation")


@pytest.mark.parametrize("owner", ["ha_giang", "on_time", "report"])
def test_what_a_published_row_speaks_of_cannot_be_deleted(cast, owner):
    insert(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        type(getattr(cast, owner)).objects.filter(pk=getattr(cast, owner).pk)._raw_delete("default")
        connection.check_constraints()


def test_a_correction_supersedes_and_both_can_be_asked_for(cast):
    old = state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    between = timezone.now()
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93.2")
    current = Observation.objects.current().get()
    assert (current.value, current.supersedes) == (Decimal("93.2"), old)
    assert Observation.objects.as_of(between).get().value == Decimal("92.3")


def test_an_old_row_cannot_be_withdrawn_any_more(cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    old = Observation.objects.get()
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93.2")
    with pytest.raises(ValueError, match="not current any more"):
        withdraw(observations=[old], reason="misread")


def test_a_withdrawal_says_its_reason_in_both_languages(cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    withdraw(observations=Observation.objects.current(), reason="đọc nhầm", reason_en="misread")
    row = Observation.objects.current().get()
    assert (row.status, row.value, row.note_vi, row.note_en) == ("withdrawn", None, "đọc nhầm", "misread")


def test_two_facts_with_one_key_are_not_published(cast):
    fact = Fact(
        province=cast.ha_giang,
        indicator=cast.on_time,
        period=make_period("2021-H1"),
        source=cast.report,
        value=Decimal(90),
    )
    with pytest.raises(ValueError, match="Two facts"):
        publish(facts=[fact, fact], cause="import")
    assert not Observation.objects.exists()


def test_bounds_of_a_definition_stand_in_order(cast):
    with pytest.raises(IntegrityError, match="indicator_bounds_in_order"):
        Indicator.objects.filter(pk=cast.on_time.pk).update(lower_bound=100, upper_bound=0)


@pytest.mark.parametrize("threshold", [0, 1.5])
def test_a_coverage_threshold_is_a_share(cast, threshold):
    with pytest.raises(IntegrityError, match="indicator_threshold_is_a_share"):
        Indicator.objects.filter(pk=cast.on_time.pk).update(coverage_threshold=threshold)


def test_a_category_stands_once_in_its_dimension(cast):
    with pytest.raises(IntegrityError, match="category_once"):
        Category.objects.create(dimension=cast.online.dimension, code="online", name_vi="x", name_en="x")


@pytest.mark.parametrize("published", ["May 2022", "2022-5", "22"])
def test_a_date_of_publication_has_one_form(published):
    with pytest.raises(IntegrityError, match="source_published_form"):
        Source.objects.create(code="x", title="x", publisher="x", published=published)


def test_a_target_stands_once_for_each_source(cast):
    target = {
        "province": cast.ha_giang,
        "indicator": cast.on_time,
        "due": "2022-06-30",
        "operator": "at_least",
        "basis_vi": "x",
        "basis_en": "x",
        "source": cast.report,
    }
    Target.objects.create(**target)
    with pytest.raises(IntegrityError, match="target_once_per_source"):
        Target.objects.create(**target)

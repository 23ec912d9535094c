"""The frame is kept while the tables that it is made of stand as they are, and no longer."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from indicators.models import Indicator, Period, SeriesBreak, Target
from indicators.services import framing
from provinces.models import BoundaryChange, ProvinceDesignation, RegionMembership
from tests.cast import Cast, make_cast, make_period

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    make_period("2021-Q1")
    SeriesBreak.objects.create(indicator=cast.received, date=date(2020, 1, 1), reason_vi="-", reason_en="-")
    Target.objects.create(
        indicator=cast.on_time, due=date(2024, 1, 1), value=Decimal(90), operator="at_least",
        source=cast.report, basis_vi="-", basis_en="-",
    )  # fmt: skip
    return cast


def test_it_is_kept_and_costs_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = framing.frame()
    with django_assert_num_queries(1):
        assert framing.frame() is first


@pytest.mark.parametrize(
    "model", [Period, SeriesBreak, Target, BoundaryChange, RegionMembership, ProvinceDesignation]
)
def test_a_row_less_makes_it_anew(cast: Cast, model: type) -> None:
    before = framing.frame()
    model.objects.order_by("-pk").first().delete()
    assert framing.frame() is not before


def test_another_value_makes_it_anew(cast: Cast) -> None:
    before = framing.frame()
    Target.objects.update(value=Decimal(95))
    assert framing.frame().goals[0].value == 95 and before.goals[0].value == 90
    Indicator.objects.filter(pk=cast.on_time.pk).update(coverage_threshold=0.5)
    assert framing.frame().definitions[cast.on_time.pk].coverage_threshold == 0.5

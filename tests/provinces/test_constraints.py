"""What the database itself forbids, each tried."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError

from provinces.models import BoundaryChange, Geography, Population, Province, ProvinceDesignation

pytestmark = pytest.mark.django_db


def province(slug, code="15", valid_from=None, valid_to=None):
    return Province.objects.create(
        slug=slug, code=code, name_vi=slug, name_en=slug, valid_from=valid_from, valid_to=valid_to
    )


def test_a_code_is_free_again_on_the_day_after():
    province("before", valid_to=date(2025, 6, 30))
    province("after", valid_from=date(2025, 7, 1))
    assert Province.objects.filter(code="15").count() == 2


@pytest.mark.parametrize("valid_from", [None, date(2024, 1, 1), date(2025, 6, 30)])
def test_lifetimes_of_one_code_do_not_overlap(valid_from):
    province("before", valid_to=date(2025, 6, 30))
    with pytest.raises(IntegrityError, match="province_one_per_code_at_a_time"):
        province("after", valid_from=valid_from)


def test_dates_stand_in_order():
    with pytest.raises(IntegrityError, match="province_dates_in_order"):
        province("backwards", valid_from=date(2025, 7, 1), valid_to=date(2025, 6, 30))


@pytest.mark.parametrize("code", ["1", "1a", "٣٤"])
def test_a_code_has_two_digits(code):
    with pytest.raises(IntegrityError, match="province_code_two_digits"):
        province("odd", code=code)


def test_one_set_of_provinces_at_a_time():
    Geography.objects.create(
        code="63", name_vi="63", name_en="63", valid_from=date(2008, 8, 1), legal_basis="x"
    )
    with pytest.raises(IntegrityError, match="geography_one_at_a_time"):
        Geography.objects.create(
            code="34", name_vi="34", name_en="34", valid_from=date(2025, 7, 1), legal_basis="x"
        )


def test_one_designation_at_a_time():
    hue = province("hue", "46")
    ProvinceDesignation.objects.create(province=hue, kind="province", name_vi="a", name_en="a")
    with pytest.raises(IntegrityError, match="designation_one_at_a_time"):
        ProvinceDesignation.objects.create(
            province=hue, kind="city", name_vi="b", name_en="b", valid_from=date(2025, 1, 1)
        )


def test_no_province_succeeds_itself():
    hue = province("hue", "46")
    with pytest.raises(IntegrityError, match="boundary_change_between_two"):
        BoundaryChange.objects.create(predecessor=hue, successor=hue, date=date(2025, 7, 1), legal_basis="x")


def test_a_population_is_positive_and_stands_once():
    hue = province("hue", "46")
    figure = {"province": hue, "definition": "census", "year": 2019, "confidence": "read"}
    Population.objects.create(**figure, persons=1)
    with pytest.raises(IntegrityError, match="population_once"):
        Population.objects.create(**figure, persons=2)

"""The reference data of provinces as they come with the system."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db.models import Count, Sum

from provinces.models import BoundaryChange, Geography, Population, Province, ProvinceDesignation, Region
from provinces.services.loading import DATA, load_provinces
from provinces.services.synchronising import LoadReport, Tally

pytestmark = pytest.mark.django_db
LAST_OF_63 = date(2025, 6, 30)
FIRST_OF_34 = date(2025, 7, 1)


@pytest.fixture
def provinces():
    load_provinces(LoadReport())


def test_63_and_34_out_of_86(provinces):
    assert Province.objects.count() == 86
    assert Province.objects.valid_on(LAST_OF_63).count() == 63
    assert Province.objects.valid_on(FIRST_OF_34).count() == 34
    assert Province.objects.filter(valid_from=None, valid_to=None).count() == 11
    assert {g.code: Province.objects.of(g).count() for g in Geography.objects.all()} == {"63": 63, "34": 34}


def test_seven_codes_passed_to_another_province(provinces):
    before = dict(Province.objects.valid_on(LAST_OF_63).values_list("code", "name_vi"))
    after = dict(Province.objects.valid_on(FIRST_OF_34).values_list("code", "name_vi"))
    assert {code: (before[code], name) for code, name in after.items() if before[code] != name} == {
        "15": ("Yên Bái", "Lào Cai"),
        "24": ("Bắc Giang", "Bắc Ninh"),
        "44": ("Quảng Bình", "Quảng Trị"),
        "52": ("Bình Định", "Gia Lai"),
        "80": ("Long An", "Tây Ninh"),
        "82": ("Tiền Giang", "Đồng Tháp"),
        "91": ("Kiên Giang", "An Giang"),
    }


def test_the_slug_in_force_is_bare(provinces):
    ended = Province.objects.get(slug="can-tho-2025")
    assert (ended.valid_from, ended.valid_to) == (None, LAST_OF_63)
    assert Province.objects.get(slug="can-tho").valid_from == FIRST_OF_34
    for slug in ("ha-giang", "soc-trang", "thai-binh", "ba-ria-vung-tau"):
        assert Province.objects.get(slug=slug).valid_to == LAST_OF_63
    assert Province.objects.filter(slug__endswith="-2025").count() == 23


def test_52_edges_lead_from_every_ended_province_to_one_of_23(provinces):
    assert BoundaryChange.objects.count() == 52
    assert BoundaryChange.objects.values("successor").distinct().count() == 23
    ended = Province.objects.filter(valid_to=LAST_OF_63).annotate(edges=Count("successor_changes"))
    assert set(ended.values_list("edges", flat=True)) == {1}
    can_tho = BoundaryChange.objects.filter(successor__slug="can-tho")
    assert {edge.predecessor.slug for edge in can_tho} == {"can-tho-2025", "hau-giang", "soc-trang"}


@pytest.mark.parametrize(
    ("slug", "day", "kind", "name"),
    [
        ("hue", date(2024, 12, 31), "province", "Thừa Thiên Huế"),
        ("hue", date(2025, 1, 1), "city", "Huế"),
        ("dong-nai", date(2026, 4, 29), "province", "Đồng Nai"),
        ("dong-nai", date(2026, 4, 30), "city", "Đồng Nai"),
        ("dong-nai-2025", LAST_OF_63, "province", "Đồng Nai"),
        ("ho-chi-minh-2025", LAST_OF_63, "city", "Hồ Chí Minh"),
    ],
)
def test_kinds_have_their_dates(provinces, slug, day, kind, name):
    found = [
        d
        for d in ProvinceDesignation.objects.filter(province__slug=slug)
        if (d.valid_from or date.min) <= day <= (d.valid_to or date.max)
    ]
    assert [(d.kind, d.name_vi) for d in found] == [(kind, name)]


def test_cities_of_each_set(provinces):
    def cities(day):
        return {
            d.province.slug
            for d in ProvinceDesignation.objects.filter(kind="city").select_related("province")
            if (d.valid_from or date.min) <= day <= (d.valid_to or date.max)
        }

    assert len(cities(date(2024, 12, 31))) == 5
    assert len(cities(LAST_OF_63)) == 6
    assert cities(date(2026, 5, 1)) == {
        "ha-noi", "hai-phong", "hue", "da-nang", "ho-chi-minh", "can-tho", "dong-nai",
    }  # fmt: skip


def test_census_gives_the_published_sums(provinces):
    census = Population.objects.filter(
        definition="census", year=2019, province__in=Province.objects.valid_on(LAST_OF_63)
    )
    assert census.aggregate(total=Sum("persons"))["total"] == 96_208_984
    southeast = Region.objects.get(geography__code="63", code="southeast")
    assert census.filter(province__regions=southeast).aggregate(total=Sum("persons"))["total"] == 17_828_907
    merged = Population.objects.filter(
        definition="census", province__in=Province.objects.valid_on(FIRST_OF_34)
    )
    assert merged.count() == 34
    assert merged.aggregate(total=Sum("persons"))["total"] == 96_208_984


def test_registry_figures_are_another_definition(provinces):
    registry = Population.objects.filter(definition="registry")
    assert registry.count() == 34
    assert registry.aggregate(total=Sum("persons"))["total"] == 113_572_156
    assert [p.province.slug for p in registry.filter(confidence="unresolved")] == ["ninh-binh"]


def test_every_province_lies_in_one_of_six_regions_of_its_set(provinces):
    for geography in Geography.objects.all():
        regions = geography.regions.annotate(size=Count("memberships"))
        assert regions.count() == 6
        assert sum(region.size for region in regions) == int(geography.code)


def test_outlines_have_exactly_the_codes_of_their_set(provinces):
    for geography in Geography.objects.all():
        outlines = json.loads((DATA / "geo" / f"vn{geography.code}.geojson").read_text("utf-8"))
        codes = [feature["properties"]["code"] for feature in outlines["features"]]
        assert sorted(codes) == sorted(Province.objects.of(geography).values_list("code", flat=True))


def test_loading_again_changes_nothing(provinces):
    ids = set(ProvinceDesignation.objects.values_list("id", flat=True))
    report = LoadReport()
    load_provinces(report)
    assert all((t.new, t.changed, t.removed, t.kept) == (0, 0, 0, 0) for t in report.tallies.values())
    assert report.tallies["provinces"] == Tally(same=86)
    assert set(ProvinceDesignation.objects.values_list("id", flat=True)) == ids


def test_loading_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        load_provinces(LoadReport())

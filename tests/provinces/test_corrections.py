"""Somebody edits a table of provinces: what is taken, and what is refused with which sentence."""

from __future__ import annotations

import shutil

import pytest

from provinces.models import Province, ProvinceDesignation
from provinces.services.loading import DATA, load_provinces
from provinces.services.synchronising import LoadReport
from provinces.services.tables import DataFileError

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    for path in DATA.glob("*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def edit(folder, name, old, new):
    path = folder / name
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_two_designations_may_trade_their_dates(folder):
    load_provinces(LoadReport(), folder)
    edit(folder, "designations.csv", "Thua Thien Hue,,2024-12-31", "Thua Thien Hue,,2025-01-31")
    edit(folder, "designations.csv", "Huế,Hue,2025-01-01", "Huế,Hue,2025-02-01")
    report = LoadReport()
    load_provinces(report, folder)
    assert str(report.tallies["designations"]) == "1 new, 1 changed, 86 same, 1 removed"
    assert ProvinceDesignation.objects.filter(province__slug="hue").count() == 2


def test_a_corrected_name_is_found_by_its_new_key(folder):
    load_provinces(LoadReport(), folder)
    edit(folder, "provinces.csv", "lang-son,20,Lạng Sơn,", "lang-son,20,Lạng Xơn,")
    report = LoadReport()
    load_provinces(report, folder)
    assert report.tallies["provinces"].changed == 1
    assert Province.objects.matching("xon").get().slug == "lang-son"


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "sentence"),
    [
        ("boundary_changes.csv", "ha-giang,tuyen-quang,2025-07-01", "ha-giang,tuyen-quang,2025-07-02",
         "boundary_changes.csv, line 2", "must end on the day before"),
        ("boundary_changes.csv", "ha-giang,tuyen-quang,", "ha-giang,tuyen-qang,",
         "boundary_changes.csv, line 2", "“tuyen-qang” is not in provinces.csv"),
        ("memberships.csv", "63,ha-noi,red-river-delta", "63,ha-noi,southeast",
         "published_sums.csv", "add up to"),
        ("memberships.csv", "34,hue,north-central\n", "",
         "memberships.csv", "hue: exactly the provinces of 34"),
        ("populations.csv", "ha-noi,census,2019,8053663", "ha-noi,census,2019,8053664",
         "published_sums.csv, line 2", "add up to 96208985"),
        ("populations.csv", "ha-noi,census,2019,8053663", "ha-noi,census,2019,8.053.663",
         "populations.csv, line 2", "a whole number"),
        ("populations.csv", "tuyen-quang,census,2019,1639490", "tuyen-quang,census,2019,1639491",
         "populations.csv", "is their sum"),
        ("designations.csv", "Hue,2025-01-01", "Hue,2025-01-02", "designations.csv", "on the day after"),
        ("geographies.csv", "2025-07-01,,", "tomorrow,,", "geographies.csv, line 3", "write the day as"),
        ("regions.csv", "geography,code,position", "geography,code,place", "regions.csv, line 1", "header"),
    ],
)  # fmt: skip
def test_bad_data_are_refused_whole_with_place_and_sentence(folder, name, old, new, place, sentence):
    edit(folder, name, old, new)
    with pytest.raises(DataFileError, match=sentence) as refusal:
        load_provinces(LoadReport(), folder)
    assert refusal.value.place.startswith(place)
    assert not Province.objects.exists()


def test_a_code_cannot_belong_to_two_provinces_at_once(folder):
    edit(folder, "provinces.csv", "lang-son,20,", "lang-son,22,")
    with pytest.raises(DataFileError, match="still belongs to"):
        load_provinces(LoadReport(), folder)


def test_a_missing_file_is_named(folder):
    (folder / "regions.csv").unlink()
    with pytest.raises(DataFileError, match=r"regions\.csv: The file is missing"):
        load_provinces(LoadReport(), folder)

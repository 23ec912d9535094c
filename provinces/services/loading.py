"""Loading provinces in their time from ``provinces/data`` (described in its README)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from provinces.models import (
    BoundaryChange,
    Geography,
    Population,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)
from provinces.services.consistency import check
from provinces.services.synchronising import LoadReport, synchronise
from provinces.services.tables import Row, read_table
from provinces.vietnamese import search_key, sort_key

DATA = Path(__file__).resolve().parent.parent / "data"

COLUMNS = {
    "geographies": ["code", "name_vi", "name_en", "valid_from", "valid_to", "legal_basis"],
    "provinces": ["slug", "code", "name_vi", "name_en", "iso_3166_2", "valid_from", "valid_to"],
    "designations": ["province", "kind", "name_vi", "name_en", "valid_from", "valid_to", "legal_basis"],
    "regions": ["geography", "code", "position", "name_vi", "name_en", "legal_basis"],
    "memberships": ["geography", "province", "region"],
    "boundary_changes": ["predecessor", "successor", "date", "legal_basis"],
    "populations": ["province", "definition", "year", "persons", "confidence", "note"],
    "published_sums": ["definition", "year", "geography", "region", "persons"],
}


@dataclass
class _Loader:
    """One load: the tables as read, and what is saved so far."""

    tables: dict[str, list[Row]]
    report: LoadReport
    geographies: dict[str, Geography]
    provinces: dict[str, Province]
    regions: dict[tuple[str, str], Region]


@transaction.atomic
def load_provinces(report: LoadReport, folder: Path = DATA) -> None:
    """Load all tables of provinces, or none: they only make sense together. Raises DataFileError."""
    tables = {name: read_table(folder / f"{name}.csv", columns) for name, columns in COLUMNS.items()}
    check(tables)
    loader = _Loader(tables, report, {}, {}, {})
    for step in (_geographies, _provinces, _designations, _regions, _memberships, _changes, _populations):
        step(loader)


def _geographies(loader: _Loader) -> None:
    records = [
        Geography(
            code=row.text("code"),
            name_vi=row.text("name_vi"),
            name_en=row.text("name_en"),
            valid_from=row.day("valid_from"),
            valid_to=row.optional_day("valid_to"),
            legal_basis=row.text("legal_basis"),
        )
        for row in loader.tables["geographies"]
    ]
    saved = synchronise(
        Geography,
        key=["code"],
        records=records,
        columns=["name_vi", "name_en", "valid_from", "valid_to", "legal_basis"],
        tally=loader.report.tally("geographies"),
    )
    loader.geographies = {geography.code: geography for geography in saved.values()}


def _provinces(loader: _Loader) -> None:
    records = [
        Province(
            slug=row.text("slug"),
            code=row.text("code"),
            name_vi=row.text("name_vi"),
            name_en=row.text("name_en"),
            search_key=search_key(row.text("name_vi")),
            sort_key=sort_key(row.text("name_vi")),
            iso_3166_2=row.optional_text("iso_3166_2"),
            valid_from=row.optional_day("valid_from"),
            valid_to=row.optional_day("valid_to"),
        )
        for row in loader.tables["provinces"]
    ]
    saved = synchronise(
        Province,
        key=["slug"],
        records=records,
        columns=[
            "code",
            "name_vi",
            "name_en",
            "search_key",
            "sort_key",
            "iso_3166_2",
            "valid_from",
            "valid_to",
        ],
        tally=loader.report.tally("provinces"),
    )
    loader.provinces = {province.slug: province for province in saved.values()}


def _designations(loader: _Loader) -> None:
    records = [
        ProvinceDesignation(
            province=loader.provinces[row.text("province")],
            kind=row.one_of("kind", ProvinceDesignation.Kind.values),
            name_vi=row.text("name_vi"),
            name_en=row.text("name_en"),
            valid_from=row.optional_day("valid_from"),
            valid_to=row.optional_day("valid_to"),
            legal_basis=row.optional_text("legal_basis"),
        )
        for row in loader.tables["designations"]
    ]
    synchronise(
        ProvinceDesignation,
        key=["province_id", "valid_from"],
        records=records,
        columns=["kind", "name_vi", "name_en", "valid_to", "legal_basis"],
        tally=loader.report.tally("designations"),
        owned=True,
    )


def _regions(loader: _Loader) -> None:
    records = [
        Region(
            geography=loader.geographies[row.text("geography")],
            code=row.text("code"),
            position=row.integer("position"),
            name_vi=row.text("name_vi"),
            name_en=row.text("name_en"),
            legal_basis=row.text("legal_basis"),
        )
        for row in loader.tables["regions"]
    ]
    saved = synchronise(
        Region,
        key=["geography_id", "code"],
        records=records,
        columns=["position", "name_vi", "name_en", "legal_basis"],
        tally=loader.report.tally("regions"),
    )
    loader.regions = {(region.geography.code, region.code): region for region in saved.values()}


def _memberships(loader: _Loader) -> None:
    records = [
        RegionMembership(
            geography=loader.geographies[row.text("geography")],
            region=loader.regions[row.text("geography"), row.text("region")],
            province=loader.provinces[row.text("province")],
        )
        for row in loader.tables["memberships"]
    ]
    synchronise(
        RegionMembership,
        key=["geography_id", "province_id"],
        records=records,
        columns=["region_id"],
        tally=loader.report.tally("region memberships"),
        owned=True,
    )


def _changes(loader: _Loader) -> None:
    records = [
        BoundaryChange(
            predecessor=loader.provinces[row.text("predecessor")],
            successor=loader.provinces[row.text("successor")],
            date=row.day("date"),
            legal_basis=row.text("legal_basis"),
        )
        for row in loader.tables["boundary_changes"]
    ]
    synchronise(
        BoundaryChange,
        key=["predecessor_id", "successor_id"],
        records=records,
        columns=["date", "legal_basis"],
        tally=loader.report.tally("boundary changes"),
        owned=True,
    )


def _populations(loader: _Loader) -> None:
    records = [
        Population(
            province=loader.provinces[row.text("province")],
            definition=row.one_of("definition", Population.Definition.values),
            year=row.integer("year"),
            persons=row.integer("persons"),
            confidence=row.one_of("confidence", Population.Confidence.values),
            note=row.optional_text("note"),
        )
        for row in loader.tables["populations"]
    ]
    synchronise(
        Population,
        key=["province_id", "definition", "year"],
        records=records,
        columns=["persons", "confidence", "note"],
        tally=loader.report.tally("populations"),
        owned=True,
    )

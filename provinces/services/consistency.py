"""Whether the tables of provinces agree with one another and with published sums, before any is loaded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise

from provinces.services.tables import DataFileError, Row

Tables = Mapping[str, list[Row]]

_REFERENCES = [
    ("designations", "province", "provinces", "slug"),
    ("regions", "geography", "geographies", "code"),
    ("memberships", "geography", "geographies", "code"),
    ("memberships", "province", "provinces", "slug"),
    ("boundary_changes", "predecessor", "provinces", "slug"),
    ("boundary_changes", "successor", "provinces", "slug"),
    ("populations", "province", "provinces", "slug"),
    ("published_sums", "geography", "geographies", "code"),
]
_KEYS = {
    "geographies": ("code",),
    "provinces": ("slug",),
    "designations": ("province", "valid_from"),
    "regions": ("geography", "code"),
    "memberships": ("geography", "province"),
    "boundary_changes": ("predecessor", "successor"),
    "populations": ("province", "definition", "year"),
}


def check(tables: Tables) -> None:
    """Raises DataFileError with the first disagreement found."""
    for table, columns in _KEYS.items():
        _unique(tables[table], columns)
    for table, column, target, target_column in _REFERENCES:
        known = {row.cells[target_column] for row in tables[target]}
        for row in tables[table]:
            if row.text(column) not in known:
                raise row.error(f"“{row.text(column)}” is not in {target}.csv; correct it or add it there.")
    for geography in tables["geographies"]:
        _one_region_each(geography, tables)
    _codes_in_time(tables["provinces"])
    _designations_cover(tables)
    _mergers(tables)
    _sums(tables)


def members(geography: Row, provinces: Iterable[Row]) -> list[Row]:
    """The provinces valid on the reference day of ``geography``: its last, or its first while in force."""
    day = geography.optional_day("valid_to") or geography.day("valid_from")
    return [row for row in provinces if _begin(row) <= day <= _end(row)]


def _unique(rows: Iterable[Row], columns: tuple[str, ...]) -> None:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        identity = tuple(row.cells[column] for column in columns)
        if identity in seen:
            raise row.error(f"{', '.join(identity)} stands in line {seen[identity].line} too; keep one.")
        seen[identity] = row


def _one_region_each(geography: Row, tables: Tables) -> None:
    code = geography.text("code")
    expected = {row.text("slug") for row in members(geography, tables["provinces"])}
    if len(expected) != int(code):
        raise geography.error(
            f"{len(expected)} provinces are valid on its day, not {code}; see provinces.csv."
        )
    regions = {row.text("code") for row in tables["regions"] if row.text("geography") == code}
    placed = [row for row in tables["memberships"] if row.text("geography") == code]
    for row in placed:
        if row.text("region") not in regions:
            raise row.error(f"Geography {code} has no region “{row.text('region')}”; see regions.csv.")
    missing = expected ^ {row.text("province") for row in placed}
    if missing:
        raise DataFileError(
            "memberships.csv", f"{', '.join(sorted(missing))}: exactly the provinces of {code} need a region."
        )


def _codes_in_time(provinces: list[Row]) -> None:
    by_code = defaultdict(list)
    for row in provinces:
        by_code[row.text("code")].append(row)
    for rows in by_code.values():
        rows.sort(key=_begin)
        for earlier, later in pairwise(rows):
            if _end(earlier) >= _begin(later):
                raise later.error(f"Code {later.text('code')} still belongs to {earlier.text('slug')}.")


def _designations_cover(tables: Tables) -> None:
    """A province has exactly one designation on every day of its lifetime, and none outside it."""
    by_province = defaultdict(list)
    for row in tables["designations"]:
        by_province[row.text("province")].append(row)
    for province in tables["provinces"]:
        rows = sorted(by_province[province.text("slug")], key=_begin)
        if not rows or _begin(rows[0]) != _begin(province) or _end(rows[-1]) != _end(province):
            raise province.error("designations.csv must begin and end on the days of the province.")
        for earlier, later in pairwise(rows):
            if _end(earlier) + timedelta(days=1) != _begin(later):
                raise later.error("It must begin on the day after the designation before it.")


def _mergers(tables: Tables) -> None:
    """Whoever ends has one successor, who begins on the day after; whoever begins has predecessors."""
    provinces = {row.text("slug"): row for row in tables["provinces"]}
    ended: Counter[str] = Counter()
    begun = set()
    for row in tables["boundary_changes"]:
        predecessor, successor = provinces[row.text("predecessor")], provinces[row.text("successor")]
        day = row.day("date")
        if _end(predecessor) + timedelta(days=1) != day or _begin(successor) != day:
            raise row.error("The predecessor must end on the day before, the successor begin on the day.")
        ended[predecessor.text("slug")] += 1
        begun.add(successor.text("slug"))
    for slug, row in provinces.items():
        if row.optional_text("valid_to") and ended[slug] != 1:
            raise row.error(f"It ends, and has {ended[slug]} lines in boundary_changes.csv; it needs one.")
        if row.optional_text("valid_from") and slug not in begun:
            raise row.error("It begins, and has no predecessor in boundary_changes.csv.")


def _sums(tables: Tables) -> None:
    region_of = {
        (row.text("geography"), row.text("province")): row.text("region") for row in tables["memberships"]
    }
    for row in tables["published_sums"]:
        geography, region = row.text("geography"), row.optional_text("region")
        total = sum(
            figure.integer("persons")
            for figure in tables["populations"]
            if (figure.text("definition"), figure.text("year")) == (row.text("definition"), row.text("year"))
            and (geography, figure.text("province")) in region_of
            and region in ("", region_of[geography, figure.text("province")])
        )
        if total != row.integer("persons"):
            raise row.error(f"The provinces add up to {total}; one of populations.csv is wrong.")
    _derived_sums(tables)


def _derived_sums(tables: Tables) -> None:
    """A derived population is the sum over the predecessors."""
    predecessors = defaultdict(list)
    for row in tables["boundary_changes"]:
        predecessors[row.text("successor")].append(row.text("predecessor"))
    persons = {
        tuple(row.text(c) for c in ("province", "definition", "year")): row.integer("persons")
        for row in tables["populations"]
    }
    for row in tables["populations"]:
        if row.text("confidence") == "derived":
            what = row.text("definition"), row.text("year")
            total = sum(persons[before, *what] for before in predecessors[row.text("province")])
            if total != row.integer("persons"):
                raise row.error(f"The predecessors add up to {total}; a derived population is their sum.")


def _begin(row: Row) -> date:
    return row.optional_day("valid_from") or date.min


def _end(row: Row) -> date:
    return row.optional_day("valid_to") or date.max

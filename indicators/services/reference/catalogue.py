"""Loading the catalogue: breakdowns, indicators, and the links between one definition and the next."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from indicators.models import Category, Dimension, Indicator, IndicatorLink, Pillar, SeriesBreak
from indicators.services.reference.documents import Entry, read_entries
from provinces.services.synchronising import LoadReport, Tally, synchronise

_TEXTS = [
    *("name_vi", "name_en", "definition_vi", "definition_en", "pillar", "kind", "measure", "direction"),
]
_OPTIONAL_TEXTS = [
    *("numerator_vi", "numerator_en", "denominator_vi", "denominator_en", "legal_basis", "compiled_by"),
]
_PARTS = ["numerator_indicator", "denominator_indicator"]
_KEYS = {
    *(
        "code",
        "unit",
        "unit_vi",
        "unit_en",
        "dimension",
        "lower_bound",
        "upper_bound",
        "decimals",
        "headline",
    ),
    *("coverage_threshold", "accumulates", "valid_from", "valid_to", *_TEXTS, *_OPTIONAL_TEXTS, *_PARTS),
}
_CHOICES = {
    "pillar": Pillar.values,
    "kind": Indicator.Kind.values,
    "measure": Indicator.Measure.values,
    "direction": Indicator.Direction.values,
}
_COLUMNS = [
    *(*_TEXTS, *_OPTIONAL_TEXTS, "unit_vi", "unit_en", "lower_bound", "upper_bound", "decimals"),
    *("coverage_threshold", "accumulates", "valid_from", "valid_to", "headline", "position"),
]
# What aggregates and ranks depend on: a change of one of these makes them out of date.
_COMPUTED_FROM = [
    *("kind", "measure", "direction", "coverage_threshold", "accumulates", "lower_bound", "upper_bound"),
]
_OTHER_FILES = ("dimensions.yaml", "links.yaml", "breaks.yaml")


@transaction.atomic
def load_catalogue(report: LoadReport, folder: Path) -> set[int]:
    """Load the whole catalogue or nothing of it; returns the indicators whose computed figures are out
    of date. Raises DataFileError.
    """
    dimensions = _load_dimensions(read_entries(folder / "dimensions.yaml"), report)
    entries = [entry for path in _files(folder) for entry in read_entries(path)]
    before = dict(_computing_rules())
    indicators = _load_indicators(entries, report.tally("indicators"))
    _load_parts(entries, indicators)
    _load_breakdowns(entries, indicators, dimensions)
    _load_links(read_entries(folder / "links.yaml"), indicators, report.tally("definition links"))
    _load_breaks(read_entries(folder / "breaks.yaml"), indicators, report.tally("breaks in series"))
    return {pk for pk, rules in _computing_rules() if pk in before and before[pk] != rules}


def _files(folder: Path) -> list[Path]:
    """The files of indicators, in the order of the pillars; one of another name comes last."""
    order = {f"{pillar}.yaml": rank for rank, pillar in enumerate(Pillar.values)}
    found = [path for path in folder.glob("*.yaml") if path.name not in _OTHER_FILES]
    return sorted(found, key=lambda path: (order.get(path.name, len(order)), path.name))


def _computing_rules() -> list[tuple[int, tuple[object, ...]]]:
    """Each indicator with what its figures are computed by: its own columns, breaks and comparable links."""
    breaks = set(SeriesBreak.objects.values_list("indicator_id", "date"))
    links = set(IndicatorLink.objects.filter(comparable=True).values_list("successor_id", "predecessor_id"))
    return [
        (key, (*own, *sorted(b for b in breaks if b[0] == key), *sorted(k for k in links if k[0] == key)))
        for key, *own in Indicator.objects.values_list("pk", *_COMPUTED_FROM)
    ]


def _load_dimensions(entries: list[Entry], report: LoadReport) -> dict[str, Dimension]:
    for entry in entries:
        entry.expect_only({"code", "name_vi", "name_en", "categories"})
    saved = synchronise(
        Dimension,
        key=["code"],
        records=[Dimension(**_named(entry)) for entry in entries],
        columns=["name_vi", "name_en"],
        tally=report.tally("dimensions"),
    )
    dimensions = {dimension.code: dimension for dimension in saved.values()}
    for entry in entries:
        _load_categories(
            entry.entries("categories"), dimensions[entry.text("code")], report.tally("categories")
        )
    return dimensions


def _load_categories(parts: list[Entry], dimension: Dimension, tally: Tally) -> None:
    records = []
    for position, part in enumerate(parts, start=1):
        part.expect_only({"code", "name_vi", "name_en", "parent"})
        records.append(Category(dimension=dimension, position=position, **_named(part)))
    saved = synchronise(
        Category,
        key=["code"],
        records=records,
        columns=["name_vi", "name_en", "position"],
        tally=tally,
        among=dimension.categories.all(),
    )
    for part in parts:
        category, code = saved[(part.text("code"),)], part.optional_text("parent")
        if code and (code,) not in saved:
            raise part.error(f"“parent” names “{code}”, which is no category of {dimension.code}.")
        parent = saved[(code,)] if code else None
        if category.parent_id != (parent.pk if parent else None):
            category.parent = parent
            category.save(update_fields=["parent"])


def _named(entry: Entry) -> dict[str, str]:
    return {name: entry.text(name) for name in ("code", "name_vi", "name_en")}


def _load_indicators(entries: list[Entry], tally: Tally) -> dict[str, Indicator]:
    seen: dict[str, Entry] = {}
    for entry in entries:
        code = entry.text("code")
        if code in seen:
            raise entry.error(f"“{code}” stands in {seen[code].place} too; a code names one definition.")
        seen[code] = entry
    records = [_indicator(entry, position) for position, entry in enumerate(entries, start=1)]
    synchronise(Indicator, key=["code"], records=records, columns=_COLUMNS, tally=tally)
    return {indicator.code: indicator for indicator in Indicator.objects.all()}


def _indicator(entry: Entry, position: int) -> Indicator:
    entry.expect_only(_KEYS)
    for name, allowed in _CHOICES.items():
        if entry.text(name) not in allowed:
            raise entry.error(f"“{name}” says “{entry.text(name)}”; write one of {', '.join(allowed)}.")
    unit = entry.optional_text("unit")
    decimals = entry.integer("decimals")
    return Indicator(
        code=entry.text("code"),
        position=position,
        unit_vi=unit or entry.text("unit_vi"),
        unit_en=unit or entry.text("unit_en"),
        lower_bound=entry.number("lower_bound"),
        upper_bound=entry.number("upper_bound"),
        decimals=2 if decimals is None else decimals,
        coverage_threshold=float(entry.number("coverage_threshold") or 0.8),
        accumulates=entry.get("accumulates") is True,
        valid_from=entry.day("valid_from"),
        valid_to=entry.day("valid_to"),
        headline=entry.integer("headline"),
        **{name: entry.text(name) for name in _TEXTS},
        **{name: entry.optional_text(name) for name in _OPTIONAL_TEXTS},
    )


def _known(entry: Entry, name: str, indicators: dict[str, Indicator]) -> Indicator | None:
    code = entry.optional_text(name)
    if code and code not in indicators:
        raise entry.error(f"“{name}” names “{code}”, which is not in the catalogue.")
    return indicators[code] if code else None


def _load_parts(entries: list[Entry], indicators: dict[str, Indicator]) -> None:
    """Which counts a ratio is made of."""
    changed = []
    for entry in entries:
        indicator = indicators[entry.text("code")]
        parts = [_known(entry, name, indicators) for name in _PARTS]
        if [getattr(indicator, f"{name}_id") for name in _PARTS] != [part and part.pk for part in parts]:
            indicator.numerator_indicator, indicator.denominator_indicator = parts
            changed.append(indicator)
    if changed:
        Indicator.objects.bulk_update(changed, _PARTS)


def _load_breakdowns(
    entries: list[Entry], indicators: dict[str, Indicator], dimensions: dict[str, Dimension]
) -> None:
    through = Indicator.dimensions.through
    records = []
    for entry in entries:
        found = entry.get("dimension") or []
        for code in [found] if isinstance(found, str) else found:
            if code not in dimensions:
                raise entry.error(f"“dimension” names “{code}”, which is not in dimensions.yaml.")
            pair = {"indicator_id": indicators[entry.text("code")].pk, "dimension_id": dimensions[code].pk}
            records.append(through(**pair))
    synchronise(
        through,
        key=["indicator_id", "dimension_id"],
        records=records,
        columns=[],
        tally=Tally(),
        owned=True,
    )


def _load_links(entries: list[Entry], indicators: dict[str, Indicator], tally: Tally) -> None:
    records = []
    for entry in entries:
        entry.expect_only({"predecessor", "successor", "date", "comparable", "reason_vi", "reason_en"})
        predecessor, successor = (_known(entry, end, indicators) for end in ("predecessor", "successor"))
        day = entry.day("date")
        if (
            predecessor is None
            or successor is None
            or day is None
            or not isinstance(entry.get("comparable"), bool)
        ):
            raise entry.error("A link needs predecessor, successor, date, and comparable: true or false.")
        records.append(
            IndicatorLink(
                predecessor=predecessor,
                successor=successor,
                date=day,
                comparable=entry["comparable"],
                reason_vi=entry.text("reason_vi"),
                reason_en=entry.text("reason_en"),
            )
        )
    synchronise(
        IndicatorLink,
        key=["predecessor_id", "successor_id"],
        records=records,
        columns=["date", "comparable", "reason_vi", "reason_en"],
        tally=tally,
        owned=True,
    )


def _load_breaks(entries: list[Entry], indicators: dict[str, Indicator], tally: Tally) -> None:
    records = []
    for entry in entries:
        entry.expect_only({"indicator", "date", "reason_vi", "reason_en"})
        indicator, day = _known(entry, "indicator", indicators), entry.day("date")
        if indicator is None or day is None:
            raise entry.error("A break needs an indicator and a date.")
        reasons = {name: entry.text(name) for name in ("reason_vi", "reason_en")}
        records.append(SeriesBreak(indicator=indicator, date=day, **reasons))
    synchronise(
        SeriesBreak,
        key=["indicator_id", "date"],
        records=records,
        columns=["reason_vi", "reason_en"],
        tally=tally,
        owned=True,
    )

"""Loading composite indices: versions, their weights, and the tree of their components."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from django.db import transaction

from indicators.models import CompositeIndex, IndexComponent, Indicator
from indicators.services.reference.documents import Entry, read_entries
from provinces.services.synchronising import LoadReport, Tally, synchronise

_KEYS = {
    *("code", "version", "name_vi", "name_en", "legal_basis", "scale", "total", "weights", "rounding"),
    *("note_vi", "note_en", "valid_from", "valid_to", "components"),
}
_COLUMNS = [
    *("name_vi", "name_en", "legal_basis", "scale", "total_id", "weights", "rounding", "note_vi", "note_en"),
    *("valid_from", "valid_to"),
]
_COMPONENT_KEYS = {
    *("code", "name_vi", "name_en", "weight", "rule", "indicator", "lowest", "highest", "components"),
}
_COMPONENT_COLUMNS = [
    *("code", "name_vi", "name_en", "weight", "rule", "indicator_id", "lowest", "highest", "position"),
]


@dataclass
class _Node:
    """A component not yet saved, and the place of its parent in the list of all."""

    record: IndexComponent
    parent: int | None
    entry: Entry


@transaction.atomic
def load_indices(report: LoadReport, folder: Path) -> set[int]:
    """Load all indices or none; returns the indicators that changed indices are made from: their units are
    out of date. Raises DataFileError.
    """
    entries = [entry for path in sorted(folder.glob("*.yaml")) for entry in read_entries(path)]
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    _refuse_overlaps(entries)
    before = _definitions()
    saved = synchronise(
        CompositeIndex,
        key=["code", "version"],
        records=[_index(entry, indicators) for entry in entries],
        columns=_COLUMNS,
        tally=report.tally("composite indices"),
        owned=True,
    )
    for entry in entries:
        index = saved[entry.text("code"), entry.text("version")]
        _load_components(entry, index, indicators, report.tally("index components"))
    after = _definitions()
    changed = {code for code in before.keys() | after.keys() if before.get(code) != after.get(code)}
    rows = IndexComponent.objects.filter(index__code__in=changed).exclude(indicator=None)
    return set(rows.values_list("indicator_id", flat=True))


def _definitions() -> dict[str, list[object]]:
    """All that scores depend on, by code."""
    found: dict[str, list[object]] = {}
    for index in CompositeIndex.objects.prefetch_related("components__parent"):
        own: list[object] = [index.version, index.scale, index.total_id, index.rounding]
        own += [index.weights, index.valid_from, index.valid_to]
        for c in index.components.all():
            own.append((*_values(c), c.parent and c.parent.code))
        found.setdefault(index.code, []).append(own)
    return found


def _refuse_overlaps(entries: list[Entry]) -> None:
    """At one time one version of an index is in force, and all its versions explain one published total."""
    for one, other in combinations(entries, 2):
        if one.text("code") != other.text("code"):
            continue
        if one.text("total") != other.text("total"):
            raise other.error(f"“total” is another than that of {one.place}; versions of an index share it.")
        begins = max(one.day("valid_from") or date.min, other.day("valid_from") or date.min)
        ends = min(one.day("valid_to") or date.max, other.day("valid_to") or date.max)
        if begins <= ends:
            raise other.error(f"This version and that of {one.place} are both in force on {begins}.")


def _index(entry: Entry, indicators: dict[str, Indicator]) -> CompositeIndex:
    entry.expect_only(_KEYS)
    if entry.text("weights") not in CompositeIndex.Weights.values:
        raise entry.error(f"“weights” must be one of {', '.join(CompositeIndex.Weights.values)}.")
    if entry.text("weights") != CompositeIndex.Weights.PUBLISHED and not entry.get("note_en"):
        raise entry.error("Say in “note_vi” and “note_en” where the weights come from or why there are none.")
    scale = entry.number("scale")
    if not scale or scale < 0:
        raise entry.error("“scale”, the best score, must be a number above 0.")
    total = _indicator(entry, "total", indicators)
    if total is None:
        raise entry.error("“total” is missing: the indicator that holds the published totals.")
    texts = ("code", "version", "name_vi", "name_en", "legal_basis", "weights")
    return CompositeIndex(
        **{name: entry.text(name) for name in texts},
        **{name: entry.optional_text(name) for name in ("note_vi", "note_en")},
        scale=scale,
        total=total,
        rounding=entry.number("rounding"),
        valid_from=entry.day("valid_from"),
        valid_to=entry.day("valid_to"),
    )


def _load_components(
    entry: Entry, index: CompositeIndex, indicators: dict[str, Indicator], tally: Tally
) -> None:
    """Components are known by their code only, so that a tree that changed is written anew as a whole."""
    nodes: list[_Node] = []
    _collect(entry, None, indicators, nodes)
    _check(entry, nodes)
    existing = list(index.components.select_related("parent"))
    known = [(*_values(row), row.parent.code if row.parent else None) for row in existing]
    wanted = [
        (*_values(node.record), None if node.parent is None else nodes[node.parent].record.code)
        for node in nodes
    ]
    if known == wanted:
        tally.count(same=len(nodes))
        return
    index.components.all().delete()
    for node in nodes:
        node.record.index = index
        node.record.parent = None if node.parent is None else nodes[node.parent].record
        node.record.save()
    tally.count(**{"changed" if existing else "new": len(nodes)})


def _values(row: IndexComponent) -> tuple[Any, ...]:
    return tuple(getattr(row, column) for column in _COMPONENT_COLUMNS)


def _collect(entry: Entry, parent: int | None, indicators: dict[str, Indicator], nodes: list[_Node]) -> None:
    for part in entry.entries("components"):
        part.expect_only(_COMPONENT_KEYS)
        record = IndexComponent(
            position=len(nodes) + 1,
            weight=part.number("weight"),
            indicator=_indicator(part, "indicator", indicators),
            lowest=part.number("lowest"),
            highest=part.number("highest"),
            **{name: part.text(name) for name in ("code", "name_vi", "name_en", "rule")},
        )
        nodes.append(_Node(record, parent, part))
        _collect(part, len(nodes) - 1, indicators, nodes)


def _check(entry: Entry, nodes: list[_Node]) -> None:
    """What the database cannot hold across rows, and what it would refuse without naming the line."""
    unpublished = entry.text("weights") == CompositeIndex.Weights.UNPUBLISHED
    parents = {node.parent for node in nodes}
    codes: dict[str, str] = {}
    for place, node in enumerate(nodes):
        record, part = node.record, node.entry
        if record.code in codes:
            raise part.error(f"“{record.code}” stands at {codes[record.code]} too; keep one.")
        codes[record.code] = part.place
        if record.weight is None and not unpublished:
            raise part.error("“weight” is missing; an index whose weights are unpublished says so.")
        if record.weight and place not in parents and record.indicator is None:
            raise part.error("“indicator” is missing: what weighs something has a value or parts.")
        if entry.get("rounding") is not None and record.weight and record.weight != record.highest:
            raise part.error("An index with “rounding” is additive: “highest” must be the weight.")
        if complaint := _rule_complaint(record):
            raise part.error(complaint)
    weighty = {node.parent for node in nodes if node.record.weight or unpublished}
    for parent in {None, *parents} - weighty:
        whole = entry if parent is None else nodes[parent].entry
        raise whole.error("“components” must have one that weighs something.")


def _rule_complaint(record: IndexComponent) -> str:
    rules = IndexComponent.Rule
    if record.rule not in rules.values:
        return f"“rule” says “{record.rule}”; write one of {', '.join(rules.values)}."
    if record.rule == rules.PARTS:
        held = record.indicator or record.lowest is not None or record.highest is not None
        return "A component out of its parts has no indicator and no goalposts." if held else ""
    if record.indicator is None or record.highest is None:
        return "“indicator” and “highest” are missing; write them."
    if record.rule == rules.MIN_MAX:
        apart = record.lowest is not None and record.lowest != record.highest
        return "" if apart else "Goalposts need a “lowest” other than “highest”."
    positive = record.lowest is None and record.highest > 0
    return "" if positive else "This rule has a “highest” above 0 and no “lowest”."


def _indicator(entry: Entry, name: str, indicators: dict[str, Indicator]) -> Indicator | None:
    code = entry.optional_text(name)
    if code and code not in indicators:
        raise entry.error(f"“{name}” names “{code}”, which is not in the catalogue.")
    return indicators[code] if code else None

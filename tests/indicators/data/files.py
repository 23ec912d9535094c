"""The YAML files of indicators/data, read plainly: no Django, no loader between the file and the test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

import indicators

DATA = Path(indicators.__file__).parent / "data"
NOT_INDICATORS = {"dimensions", "links", "breaks"}

Entry = dict[str, Any]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def indicator_entries() -> tuple[Entry, ...]:
    files = sorted((DATA / "catalogue").glob("*.yaml"))
    return tuple(
        {**entry, "file": file.stem}
        for file in files
        if file.stem not in NOT_INDICATORS
        for entry in read(file)
    )


@cache
def indicators_by_code() -> dict[str, Entry]:
    return {entry["code"]: entry for entry in indicator_entries()}


@cache
def dimensions() -> dict[str, dict[str, Entry]]:
    """Dimension code → its categories by code."""
    entries = read(DATA / "catalogue" / "dimensions.yaml")
    return {
        entry["code"]: {category["code"]: category for category in entry["categories"]} for entry in entries
    }


@cache
def links() -> tuple[Entry, ...]:
    return tuple(read(DATA / "catalogue" / "links.yaml"))


@cache
def reports() -> dict[str, Entry]:
    return {path.stem: read(path) for path in sorted((DATA / "reports").glob("*.yaml"))}


def dimensions_of(indicator: Entry) -> list[str]:
    declared = indicator.get("dimension", [])
    return [declared] if isinstance(declared, str) else declared


def category_of(fact: Entry) -> tuple[str, str] | None:
    """(dimension, category) of a fact; a bare code takes its dimension from the indicator."""
    category = fact.get("category")
    if category is None:
        return None
    if isinstance(category, dict):
        return category["dimension"], category["code"]
    fitting = [
        dimension
        for dimension in dimensions_of(indicators_by_code()[fact["indicator"]])
        if category in dimensions()[dimension]
    ]
    assert len(fitting) == 1, (fact, fitting)
    return fitting[0], category

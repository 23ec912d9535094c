"""What a search finds: the provinces that are named in it, and the indicators that hold its other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import formatting as f
from dashboards.pages.indicator import catalogue_line
from dashboards.questions import Availability
from dashboards.rows import IndicatorRow, ProvinceRow
from provinces.vietnamese import search_key


def search_page(
    text: str,
    provinces: Sequence[tuple[ProvinceRow, str]],
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    """Nothing is found by an empty text. A province is found by a part of its name, or by its whole name
    among other words; those words are looked for in names and definitions of indicators."""
    wanted = search_key(text)
    if not wanted:
        return {"text": text, "provinces": [], "lines": []}
    named = [pair for pair in provinces if f" {search_key(pair[0].name)} " in f" {wanted} "]
    found = named or [pair for pair in provinces if wanted in search_key(pair[0].name)]
    rest = f" {wanted} "
    for row, _region in sorted(named, key=lambda pair: -len(pair[0].name)):
        rest = rest.replace(f" {search_key(row.name)} ", " ")
    lines = [catalogue_line(row, availability, language) for row in _saying(rest.split(), indicators)]
    lines.sort(key=lambda line: not line.period)
    return {"text": text, "provinces": found, "lines": lines}


def _saying(words: Sequence[str], indicators: Mapping[str, IndicatorRow]) -> list[IndicatorRow]:
    """Indicators that hold the words as they stand, else each of them somewhere; those in whose name they
    stand first."""
    phrase, keys = " ".join(words), {}
    for row in indicators.values():
        keys[row.code] = (search_key(row.name), search_key(f"{row.name} {row.definition}"))
    together = [row for row in indicators.values() if phrase and phrase in keys[row.code][1]]
    found = together or [
        row for row in indicators.values() if words and all(word in keys[row.code][1] for word in words)
    ]
    return sorted(found, key=lambda row: (phrase not in keys[row.code][0], row.name))

"""What a search finds: the provinces that are named in it, and the indicators that hold its other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboards import formatting as f
from dashboards.pages.indicator import catalogue_line
from dashboards.pages.parts import province_address
from dashboards.queries import comparison
from dashboards.questions import Availability, in_period
from dashboards.rows import IndicatorRow, ProvinceRow
from dashboards.sentences import shown
from provinces.vietnamese import search_key


def search_page(
    text: str,
    provinces: Sequence[tuple[ProvinceRow, str]],
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    """Nothing is found by an empty text. A province is found by a part of its name, or by its whole name
    among other words; those words are looked for in names and definitions of indicators. ``unfound``: there
    are such words, and no indicator says them."""
    wanted = search_key(text)
    if not wanted:
        return {"text": text, "provinces": [], "lines": [], "unfound": False}
    named = [pair for pair in provinces if f" {search_key(pair[0].name)} " in f" {wanted} "]
    found = named or [pair for pair in provinces if wanted in search_key(pair[0].name)]
    rest = f" {wanted} "
    for row, _region in sorted(named, key=lambda pair: -len(pair[0].name)):
        rest = rest.replace(f" {search_key(row.name)} ", " ")
    rows = _saying(rest.split(), indicators)
    said = _said([row.slug for row, _region in named], indicators, [row.code for row in rows], language)
    lines = [
        replace(catalogue_line(row, availability, language), said=said.get(row.code, ())) for row in rows
    ]
    lines.sort(key=lambda line: (not line.said, not line.period))
    return {
        "text": text,
        "provinces": found,
        "lines": lines,
        "unfound": bool(named and rest.split() and not rows),
    }


def _said(
    slugs: Sequence[str], indicators: Mapping[str, IndicatorRow], codes: Sequence[str], language: f.Language
) -> dict[str, list[tuple[str, str]]]:
    """Indicator → the newest figure of each named province in words, and its line on the province's page.
    One query, none where no province or no indicator is named."""
    newest = {
        (place.indicator, place.province.slug): place
        for place in (comparison.series(tuple(codes), tuple(slugs)) if slugs and codes else ())
    }
    said: dict[str, list[tuple[str, str]]] = {}
    for (code, slug), place in newest.items():
        period = in_period(place.period, language)
        words = f"{place.province.name}: {shown(place, indicators[code], language)}, {period}"
        said.setdefault(code, []).append((words, f"{province_address(slug)}#{code}"))
    return said


def _saying(words: Sequence[str], indicators: Mapping[str, IndicatorRow]) -> list[IndicatorRow]:
    """Indicators that hold the words as they stand, else each of them somewhere; those in whose name they
    stand first."""
    phrase, keys = " ".join(words), {}
    for row in indicators.values():
        keys[row.code] = (search_key(row.name), search_key(f"{row.name} {row.definition}"))
    together = [row for row in indicators.values() if phrase and phrase in keys[row.code][1]]
    # "e-signed documents" are "documents signed digitally".
    single = [word.removeprefix("e-") for word in words]
    found = together or [
        row for row in indicators.values() if words and all(word in keys[row.code][1] for word in single)
    ]
    return sorted(found, key=lambda row: (phrase not in keys[row.code][0], row.name))

"""JSON-stat 2.0 (json-stat.org): the rows as a cube that statistical clients open.

Names are Vietnamese in ``label`` and English in ``extension``; numbers keep the digits they were stated with.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from api.columns import Column
from api.cubes import Cube, Dimension
from api.labels import Label, Labels, category_id
from api.problems import TooMuch

MOST_CELLS = 1_000_000
_MEASURE = "measure"


def write_jsonstat(queryset: QuerySet[Any], columns: tuple[Column, ...], cube: Cube, address: str) -> str:
    """A dataset with one cell for each row and measure. Raises TooMuch for too large a cube."""
    rows = _rows(queryset, columns)
    dimensions = _needed(cube, rows)
    known = {dimension.column: dimension.labels() for dimension in dimensions}
    codes = {name: _occurring(name, rows, known[name]) for name in known}
    several = len(cube.measures) > 1
    sizes = [*map(len, codes.values()), *([len(cube.measures)] if several else [])]
    if math.prod(sizes) > MOST_CELLS:
        sentence = _("This makes a cube of more than %(most)s cells: narrow the question, or ask for csv.")
        raise TooMuch("format", sentence % {"most": MOST_CELLS})
    values, status = _cells(rows, cube, codes, sizes)
    described = {d.column: _dimension(d.label, codes[d.column], known[d.column]) for d in dimensions}
    if several:
        described[_MEASURE] = _measures(cube, columns)
    head = {
        "version": "2.0",
        "class": "dataset",
        "href": address,
        "label": cube.name.vi,
        "extension": {"label_en": cube.name.en},
        "id": list(described),
        "size": sizes,
        "role": _roles(dimensions, several),
        "dimension": described,
        "status": status,
    }
    body = _written(values, math.prod(sizes))
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "value": {body}}}'


def _rows(queryset: QuerySet[Any], columns: tuple[Column, ...]) -> list[dict[str, Any]]:
    names = [column.name for column in columns]
    found = queryset.values_list(*(column.source for column in columns))
    rows = [dict(zip(names, row, strict=True)) for row in found.iterator(chunk_size=5000)]
    for row in rows:
        row["category"] = category_id(row["category"], row["dimension"])
        row["simulated"] = str(row["simulated"]).lower()
    return rows


def _needed(cube: Cube, rows: list[dict[str, Any]]) -> list[Dimension]:
    """The cube's dimensions, and as many of the extra ones as keep the rows apart."""
    dimensions, extra = list(cube.dimensions), list(cube.extra)
    while extra and len({tuple(row[d.column] for d in dimensions) for row in rows}) < len(rows):
        dimensions.append(extra.pop(0))
    return dimensions


def _occurring(name: str, rows: list[dict[str, Any]], known: Labels) -> list[str]:
    """The codes that rows have: in the order of their labels, those without one behind."""
    found = {row[name] for row in rows}
    return [code for code in known if code in found] + sorted(found - known.keys())


def _cells(
    rows: Iterable[dict[str, Any]], cube: Cube, codes: dict[str, list[str]], sizes: list[int]
) -> tuple[dict[int, str], dict[str, str]]:
    """Position of a cell (row-major, as ``id`` and ``size`` say) → number as written, and → its status."""
    places = {name: {code: place for place, code in enumerate(listed)} for name, listed in codes.items()}
    values: dict[int, str] = {}
    status: dict[str, str] = {}
    for row in rows:
        start = 0
        for (name, places_), size in zip(places.items(), sizes, strict=False):
            start = start * size + places_[row[name]]
        start *= len(cube.measures)
        said = next((row[name] for name in cube.status if row[name]), None)
        for offset, measure in enumerate(cube.measures):
            if row[measure] is not None:
                values[start + offset] = _number(row[measure])
            if said:
                status[str(start + offset)] = said
    return values, status


def _number(value: Decimal | float | int) -> str:
    return format(value, "f") if isinstance(value, Decimal) else repr(value)


def _written(values: dict[int, str], cells: int) -> str:
    """An array where most cells have a value, an object of those that have one otherwise."""
    if 2 * len(values) >= cells:
        return f"[{', '.join(values.get(cell, 'null') for cell in range(cells))}]"
    members = ", ".join(f'"{cell}": {values[cell]}' for cell in sorted(values))
    return f"{{{members}}}"


def _dimension(label: Label, codes: list[str], known: Labels) -> dict[str, Any]:
    named = {code: known.get(code) or Label(code, code) for code in codes}
    category: dict[str, Any] = {
        "index": codes,
        "label": {code: name.vi for code, name in named.items()},
    }
    english = {code: name.en for code, name in named.items()}
    extension: dict[str, Any] = {"label_en": label.en, "category_label_en": english}
    units = {code: name for code, name in named.items() if name.unit}
    if units:
        category["unit"] = {code: {"label": n.unit[0], "decimals": n.decimals} for code, n in units.items()}
        extension["unit_label_en"] = {code: name.unit[1] for code, name in units.items()}
    return {"label": label.vi, "category": category, "extension": extension}


def _measures(cube: Cube, columns: tuple[Column, ...]) -> dict[str, Any]:
    described = {column.name: column.description for column in columns}
    return {
        "label": "Đại lượng",
        "category": {"index": list(cube.measures), "label": {name: name for name in cube.measures}},
        "extension": {
            "label_en": "Measure",
            "category_label_en": {name: described[name] for name in cube.measures},
        },
    }


def _roles(dimensions: list[Dimension], several: bool) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for dimension in dimensions:
        if dimension.role:
            roles.setdefault(dimension.role, []).append(dimension.column)
    if several:
        roles.setdefault("metric", []).append(_MEASURE)
    return roles

"""The map of an indicator: outlines of the geography in use, in five bands of equally many provinces."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.figures.map import Archipelago, Area, map_figure
from dashboards.queries import comparison
from dashboards.questions import ComparisonQuestion
from dashboards.rows import IndicatorRow
from dashboards.sentences import shown

Rings = tuple[tuple[tuple[float, float], ...], ...]
_GEO: Path = settings.BASE_DIR / "provinces" / "data" / "geo"


@cache
def outlines(geography: str) -> dict[str, Rings]:
    """Province code → outer rings (longitude, latitude), to two decimals: about a kilometre."""
    with (_GEO / f"vn{geography}.geojson").open(encoding="utf-8") as file:
        features = json.load(file)["features"]
    return {feature["properties"]["code"]: _outer_rings(feature["geometry"]) for feature in features}


def _outer_rings(geometry: dict[str, Any]) -> Rings:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return tuple(_rounded(polygon[0]) for polygon in polygons)


def _rounded(ring: list[list[float]]) -> tuple[tuple[float, float], ...]:
    """Points that fall together with the one before are left out; the ring stays closed."""
    points = [(round(point[0], 2), round(point[1], 2)) for point in ring]
    return tuple(point for place, point in enumerate(points) if place == 0 or point != points[place - 1])


def map_data(question: ComparisonQuestion, indicator: IndicatorRow, language: f.Language) -> dict[str, Any]:
    """The Plotly figure. Provinces without a figure are drawn empty."""
    places = {
        place.province.slug: place
        for place in comparison.places(question.indicator, question.period, question.geography, "nation")
    }
    edges = np.quantile([place.value for place in places.values()], [0, 0.2, 0.4, 0.6, 0.8, 1.0])
    areas = []
    for province in comparison.provinces_of(question.geography):
        place = places.get(province.slug)
        words = shown(place, indicator, language) if place else _("no figure")
        if place and place.rank:
            words += " · " + _("rank %(rank)s of %(count)s") % {
                "rank": f.rank(place.rank, place.rank_from, place.rank_to),
                "count": len(places),
            }
        band = None if place is None else int(np.searchsorted(edges[1:5], place.value, side="right"))
        areas.append(
            Area(
                province.name, f"{province.name}: {words}", outlines(question.geography)[province.code], band
            )
        )
    ends = [f.number(float(edge), language, indicator.decimals) for edge in edges]
    labels = [f"{low}–{high}" for low, high in pairwise(ends)]
    return map_figure(
        areas,
        [
            Archipelago(_("Hoàng Sa (Đà Nẵng)"), 112.3, 16.3),
            Archipelago(_("Trường Sa (Khánh Hòa)"), 114.2, 10.2),
        ],
        language=language,
        band_labels=labels,
        missing_label=_("no figure"),
        inset_label=_("East Sea, not to scale"),
    )

"""The map of an indicator: outlines of the geography in use, in five bands of equally many provinces."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.chart_sentences import too_few
from dashboards.figures.map import Archipelago, Area, map_figure
from dashboards.figures.tiles import Tile, tiles_figure
from dashboards.pages.compared import FEWEST, Chart, Compared
from dashboards.pages.parts import Figure, api_address, source_line
from dashboards.pages.spread import values_table
from dashboards.queries import comparison
from dashboards.questions import ComparisonQuestion
from dashboards.rows import IndicatorRow, Place
from dashboards.sentences import ranking_sentence, shown

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


@cache
def tiles(geography: str) -> dict[str, tuple[str, int, int]]:
    """Province code → letters, column, row of the tile grid (provinces/data/README.md)."""
    with (_GEO.parent / "tiles.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["geography"] == geography]
    return {row["code"]: (row["label"], int(row["column"]), int(row["row"])) for row in rows}


@dataclass(frozen=True)
class Fifths:
    """Five bands of equally many provinces, and what each spans in words."""

    edges: Sequence[float]
    labels: Sequence[str]

    def of(self, value: float) -> int:
        return int(np.searchsorted(self.edges[1:5], value, side="right"))


def fifths(places: Sequence[Place], indicator: IndicatorRow, language: f.Language) -> Fifths:
    edges = np.quantile([place.value for place in places], [0, 0.2, 0.4, 0.6, 0.8, 1.0]).tolist()
    ends = [f.number(edge, language, indicator.decimals) for edge in edges]
    return Fifths(edges, [f"{low}–{high}" for low, high in pairwise(ends)])


def map_chart(c: Compared) -> Chart:
    """The map, and beside it the tiles: the whole country, whatever the peers."""
    places = comparison.places(c.question.indicator, c.question.period, c.question.geography, "nation")
    enough = len(places) >= FEWEST
    words = {"indicator": c.indicator.name, "period": c.in_period}
    title = _("%(indicator)s on the map, %(period)s") % words
    source = source_line(places, c.group, c.language)
    instead = "" if enough else too_few(len(places), FEWEST)
    sentence = ranking_sentence(c.indicator, c.period, c.places, c.group, c.chosen, c.language)
    address = reverse("dashboards:map") + c.question.query()
    figure = Figure(
        "map", title, None, sentence, source, height="h620", instead=instead, simulated=c.group.simulated,
        data_address=address if enough else "", note=_("The map is illustrative."),
        api=api_address(c.question),
    )  # fmt: skip
    if not enough:
        return Chart(figure)
    beside = Figure(
        "tiles",
        _("%(indicator)s as tiles: a square a province") % words,
        _tiles(c, places),
        "",
        source,
        height="h620",
        simulated=c.group.simulated,
        api=api_address(c.question),
    )
    return Chart(figure, values_table(c), beside)


def _tiles(c: Compared, places: Sequence[Place]) -> dict[str, Any]:
    bands = fifths(places, c.indicator, c.language)
    at = {place.province.code: place for place in places}
    names = {row.code: row.name for row in c.provinces}
    laid = []
    for code, (label, column, row) in tiles(c.question.geography).items():
        place = at.get(code)
        hover = c.hover(place) if place else f"{names.get(code, label)}: " + _("no figure")
        band = bands.of(place.value) if place else None
        chosen = place is not None and c.is_chosen(place)
        laid.append(Tile(label, column, row, band, hover, chosen))
    return tiles_figure(laid, language=c.language, band_labels=bands.labels, missing_label=_("no figure"))


def map_data(question: ComparisonQuestion, indicator: IndicatorRow, language: f.Language) -> dict[str, Any]:
    """The Plotly figure. Provinces without a figure are drawn empty."""
    places = {
        place.province.slug: place
        for place in comparison.places(question.indicator, question.period, question.geography, "nation")
    }
    bands = fifths(list(places.values()), indicator, language)
    areas = []
    for province in comparison.provinces_of(question.geography):
        place = places.get(province.slug)
        words = shown(place, indicator, language) if place else _("no figure")
        if place and place.rank:
            words += " · " + _("rank %(rank)s of %(count)s") % {
                "rank": f.rank(place.rank, place.rank_from, place.rank_to),
                "count": len(places),
            }
        band = None if place is None else bands.of(place.value)
        areas.append(
            Area(
                province.name, f"{province.name}: {words}", outlines(question.geography)[province.code], band
            )
        )
    return map_figure(
        areas,
        [
            Archipelago(_("Hoàng Sa (Đà Nẵng)"), 112.3, 16.3),
            Archipelago(_("Trường Sa (Khánh Hòa)"), 114.2, 10.2),
        ],
        language=language,
        band_labels=bands.labels,
        missing_label=_("no figure"),
        inset_label=_("East Sea, not to scale"),
    )

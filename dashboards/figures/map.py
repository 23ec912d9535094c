"""Map of provinces: filled outlines, five bands, names on hover; no tiles, no projection library.

Latitude is stretched by the cosine of the middle of Vietnam (16° N): shapes are near to what maps show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from dashboards.figures import house

_STRETCH = 1 / cos(radians(16))


@dataclass(frozen=True)
class Area:
    """One province. ``rings``: longitude, latitude. ``band``: 0–4 from low to high, None without a figure."""

    name: str
    hover: str
    rings: tuple[tuple[tuple[float, float], ...], ...]
    band: int | None


@dataclass(frozen=True)
class Archipelago:
    """Named in an inset, as official maps of Vietnam do: sketched, not to scale."""

    name: str
    longitude: float
    latitude: float


def map_figure(
    areas: Sequence[Area],
    archipelagos: Sequence[Archipelago],
    *,
    language: str,
    band_labels: Sequence[str],
    missing_label: str,
    inset_label: str,
    height: int = 620,
) -> dict[str, Any]:
    """``band_labels``: what each of the five bands spans. ValueError without areas."""
    if not areas:
        raise ValueError("A map needs at least one area.")
    traces = [_area(area) for area in areas]
    traces += [_key(label, house.BANDS[place]) for place, label in enumerate(band_labels)]
    if any(area.band is None for area in areas):
        traces.append(_key(missing_label, "var(--ground)"))
    traces.append(_islands(archipelagos))
    hidden = {"visible": False, "fixedrange": True}
    return house.as_data(
        traces,
        house.layout(
            language,
            height=height,
            showlegend=True,
            legend={
                "x": 1.0,
                "y": 1.0,
                "xanchor": "right",
                "yanchor": "top",
                "font": {"size": 12},
                "itemclick": False,
                "itemdoubleclick": False,
            },
            xaxis=hidden | {"range": [101.7, 117.6], "constrain": "domain"},
            yaxis=hidden
            | {"range": [8.0, 23.7], "scaleanchor": "x", "scaleratio": _STRETCH, "constrain": "domain"},
            shapes=[_inset()],
            annotations=[_inset_label(inset_label)],
            margin={"l": 4, "r": 4, "t": 8, "b": 8},
        ),
    )


def _area(area: Area) -> dict[str, Any]:
    longitudes: list[float | None] = []
    latitudes: list[float | None] = []
    for ring in area.rings:
        if longitudes:
            longitudes.append(None)
            latitudes.append(None)
        longitudes += [longitude for longitude, _ in ring]
        latitudes += [latitude for _, latitude in ring]
    return house.scatter(
        x=longitudes,
        y=latitudes,
        mode="lines",
        fill="toself",
        fillcolor="var(--ground)" if area.band is None else house.BANDS[area.band],
        line={"color": "var(--paper)", "width": 0.8},
        hoveron="fills",
        name=house.text(area.name),
        text=area.hover,
        hoverinfo="text",
        showlegend=False,
    )


def _key(label: str, colour: str) -> dict[str, Any]:
    """An entry of the legend: a square of the band's colour, drawn nowhere on the map."""
    return house.scatter(
        x=[None],
        y=[None],
        mode="markers",
        name=house.text(label),
        marker={"symbol": "square", "size": 13, "color": colour, "line": {"color": house.MUTED, "width": 1}},
    )


def _islands(archipelagos: Sequence[Archipelago]) -> dict[str, Any]:
    """A cluster of dots each, with its name below."""
    offsets = ((-0.35, 0.1), (-0.1, 0.3), (0.2, 0.15), (0.35, -0.1), (0.0, -0.15))
    longitudes = [island.longitude + dx for island in archipelagos for dx, _ in offsets]
    latitudes = [island.latitude + dy for island in archipelagos for _, dy in offsets]
    # The name stands at the last dot of each cluster.
    names = [
        house.text(island.name).replace(" (", "<br>(") if place == len(offsets) - 1 else ""
        for island in archipelagos
        for place in range(len(offsets))
    ]
    return house.scatter(
        x=longitudes,
        y=latitudes,
        mode="markers+text",
        text=names,
        textposition="bottom center",
        textfont={"size": 11, "color": house.INK},
        marker={"size": 4, "color": house.INK},
        hoverinfo="skip",
        showlegend=False,
    )


def _inset() -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": 110.4,
        "x1": 117.4,
        "y0": 8.2,
        "y1": 17.9,
        "line": {"color": house.RULE, "width": 1},
        "layer": "below",
    }


def _inset_label(label: str) -> dict[str, Any]:
    return {
        "x": 113.9,
        "y": 17.9,
        "yanchor": "top",
        "text": house.text(label),
        "showarrow": False,
        "font": {"size": 11, "color": house.MUTED},
    }

"""Tiles: a square a province, all of one size, so that the small ones are seen as well as the large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Tile:
    """``column`` and ``row`` count from the north-west. ``band``: 0–4, None without a figure."""

    label: str
    column: int
    row: int
    band: int | None
    hover: str
    chosen: bool = False


def tiles_figure(
    tiles: Sequence[Tile], *, language: str, band_labels: Sequence[str], missing_label: str
) -> dict[str, Any]:
    """``band_labels``: what each band spans; the legend is the map's. ValueError without a tile."""
    if not tiles:
        raise ValueError("A grid needs at least one tile.")
    traces = [
        _band([tile for tile in tiles if tile.band == band], label, band)
        for band, label in [*enumerate(band_labels), (None, missing_label)]
    ]
    columns, rows = max(tile.column for tile in tiles) + 1, max(tile.row for tile in tiles) + 1
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return house.as_data(
        [trace for trace in traces if trace["x"]],
        house.layout(
            language,
            height=620,
            barmode="overlay",
            bargap=0,
            xaxis=hidden | {"range": [-0.1, columns + 0.1]},
            yaxis=hidden | {"range": [-rows - 0.1, 0.1], "scaleanchor": "x", "scaleratio": 1},
            shapes=[_frame(tile) for tile in tiles if tile.chosen],
            margin={"l": 4, "r": 4, "t": 8, "b": 8},
        ),
    )


def _band(tiles: Sequence[Tile], label: str, band: int | None) -> dict[str, Any]:
    ink = house.INK if band is None else house.BAND_INKS[band]
    return house.bar(
        x=[tile.column + 0.5 for tile in tiles],
        y=[0.94 for _ in tiles],
        base=[-tile.row - 0.97 for tile in tiles],
        width=0.94,
        name=house.text(label),
        text=[house.text(tile.label) for tile in tiles],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 11, "color": ink},
        constraintext="none",
        cliponaxis=False,
        hovertext=[tile.hover for tile in tiles],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={
            "color": "var(--ground)" if band is None else house.BANDS[band],
            "line": {"color": house.RULE, "width": 1},
        },
    )


def _frame(tile: Tile) -> dict[str, Any]:
    return {
        "type": "rect", "x0": tile.column + 0.03, "x1": tile.column + 0.97, "y0": -tile.row - 0.97,
        "y1": -tile.row - 0.03, "line": {"color": house.CHOSEN, "width": 3},
    }  # fmt: skip

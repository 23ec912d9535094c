"""Heat map: provinces down, indicators across, each cell one of five bands of percentiles with its figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Cell:
    """``band``: 0–4 from the worst fifth to the best, None without a comparable figure."""

    text: str
    hover: str
    band: int | None


@dataclass(frozen=True)
class HeatRow:
    name: str
    cells: tuple[Cell, ...]
    chosen: bool = False


def height(rows: int) -> int:
    return 150 + 22 * rows


def heat_figure(
    columns: Sequence[str], rows: Sequence[HeatRow], *, language: str, band_labels: Sequence[str]
) -> dict[str, Any]:
    """First row on top; ``columns`` already broken into lines (``house.broken``). ValueError if empty."""
    if not columns or not rows:
        raise ValueError("A heat map needs rows and columns.")
    traces = [_band(rows, band, label) for band, label in enumerate(band_labels)]
    names = [house.marked(row.name, row.chosen) for row in rows]
    return house.as_data(
        [trace for trace in traces if trace["x"]],
        house.layout(
            language,
            height=height(len(rows)),
            barmode="overlay",
            bargap=0.06,
            showlegend=True,
            legend={
                "orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal",
                "itemclick": False, "itemdoubleclick": False, "font": {"size": 12},
            },
            xaxis=house.name_axis(
                side="top", showline=False, range=[0, len(columns)], ticks="",
                tickvals=[place + 0.5 for place in range(len(columns))], ticktext=list(columns), tickangle=0,
                tickfont={"size": 11, "color": house.INK},
            ),
            yaxis=house.name_axis(
                range=[len(rows) - 0.5, -0.5], tickvals=list(range(len(rows))), ticktext=names, ticks="",
                showline=False, tickfont={"size": 11, "color": house.INK},
            ),
            margin={"l": 8, "r": 8, "t": 76, "b": 40},
        ),
    )  # fmt: skip


def _band(rows: Sequence[HeatRow], band: int, label: str) -> dict[str, Any]:
    cells = [
        (line, place, cell)
        for line, row in enumerate(rows)
        for place, cell in enumerate(row.cells)
        if cell.band == band
    ]
    return house.bar(
        orientation="h",
        y=[line for line, _, _ in cells],
        x=[0.97 for _ in cells],
        base=[place + 0.015 for _, place, _ in cells],
        name=house.text(label),
        text=[cell.text for _, _, cell in cells],
        textposition="inside",
        insidetextanchor="middle",
        constraintext="none",
        textfont={"size": 11, "color": house.BAND_INKS[band]},
        hovertext=[cell.hover for _, _, cell in cells],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={"color": house.BANDS[band]},
    )

"""Ranking: one bar a province, best first, with the median, the target and what the words leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Bar:
    """One province. ``lower`` and ``upper`` only where the figure was stated with words like "over"."""

    name: str
    value: float
    hover: str
    chosen: bool = False
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Line:
    """A value to compare with, drawn across all bars."""

    value: float
    label: str
    dash: str = "dash"
    colour: str = house.INK


def ranking_figure(
    bars: Sequence[Bar], lines: Sequence[Line], *, language: str, axis_title: str, height: int = 380
) -> dict[str, Any]:
    """Columns in the order given. ValueError where there is nothing to draw."""
    if not bars:
        raise ValueError("A ranking needs at least one province.")
    names = [house.text(bar.name) for bar in bars]
    trace = house.bar(
        x=names,
        y=[float(bar.value) for bar in bars],
        hovertext=[bar.hover for bar in bars],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={"color": [house.CHOSEN if bar.chosen else house.BAR for bar in bars]},
        error_y=_whiskers(bars),
    )
    return house.as_data(
        [trace],
        house.layout(
            language,
            height=height,
            xaxis=house.name_axis(
                type="category", tickangle=-60, tickfont={"size": 11, "color": house.INK}, automargin=False
            ),
            yaxis=house.value_axis(axis_title, rangemode="tozero"),
            shapes=[house.across(line.value, line.dash, line.colour) for line in lines],
            annotations=[_label(line) for line in lines],
            margin={"l": 56, "r": 16, "t": 28, "b": _room_for(names)},
        ),
    )


def _room_for(names: Sequence[str]) -> int:
    """Pixels below the axis for names of 11 pixels at 60 degrees, in a wide font. Left to Plotly, finding
    it out costs more than the chart itself."""
    return 24 + round(6 * max(map(len, names)))


def _whiskers(bars: Sequence[Bar]) -> dict[str, Any] | None:
    if not any(bar.lower is not None or bar.upper is not None for bar in bars):
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if bar.upper is None else max(0.0, bar.upper - bar.value) for bar in bars],
        "arrayminus": [0.0 if bar.lower is None else max(0.0, bar.value - bar.lower) for bar in bars],
        "color": house.INK,
        "thickness": 1.5,
        "width": 3,
    }


def _label(line: Line) -> dict[str, Any]:
    return {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": float(line.value),
        "yanchor": "bottom",
        "text": house.text(line.label),
        "showarrow": False,
        "font": {"color": line.colour, "size": 12},
        "bgcolor": "var(--paper)",
        "borderpad": 2,
    }

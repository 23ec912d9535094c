"""Slope: what each province had in one period and in another, joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Slope:
    name: str
    before: float
    after: float
    hover: str
    chosen: bool = False


def slope_figure(
    slopes: Sequence[Slope], *, language: str, periods: tuple[str, str], axis_title: str
) -> dict[str, Any]:
    """Picked provinces in front, with their names at the later end; a fall is dashed. ValueError if empty."""
    if not slopes:
        raise ValueError("A slope needs at least one province with both periods.")
    ordered = sorted(slopes, key=lambda slope: slope.chosen)
    return house.as_data(
        [_line(slope) for slope in ordered],
        house.layout(
            language,
            height=520,
            xaxis=house.name_axis(
                tickvals=[0, 1], ticktext=[house.text(period) for period in periods], range=[-0.08, 1.45]
            ),
            yaxis=house.value_axis(axis_title),
            margin={"l": 56, "r": 8, "t": 16, "b": 40},
        ),
    )


def _line(slope: Slope) -> dict[str, Any]:
    colour = house.CHOSEN if slope.chosen else house.BAR
    return house.scatter(
        x=[0, 1],
        y=[float(slope.before), float(slope.after)],
        mode="lines+markers+text" if slope.chosen else "lines+markers",
        text=["", house.text(slope.name)] if slope.chosen else None,
        textposition="middle right",
        textfont={"size": 12, "color": house.INK},
        cliponaxis=False,
        hovertext=[slope.hover, slope.hover],
        hovertemplate="%{hovertext}<extra></extra>",
        opacity=1.0 if slope.chosen else 0.55,
        line={
            "color": colour,
            "width": 3 if slope.chosen else 1.25,
            "dash": "dash" if slope.after < slope.before else "solid",
        },
        marker={"color": colour, "size": 8 if slope.chosen else 5},
    )

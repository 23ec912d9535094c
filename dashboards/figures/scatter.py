"""Scatter: two indicators of the same provinces, with the median of each. No line is fitted through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Pair:
    name: str
    x: float
    y: float
    hover: str
    chosen: bool = False


def scatter_figure(
    pairs: Sequence[Pair],
    medians: tuple[float | None, float | None],
    *,
    language: str,
    titles: tuple[str, str],
) -> dict[str, Any]:
    """``medians`` of x and of y; missing where too few report. ValueError under two provinces."""
    if len(pairs) < 2:
        raise ValueError("A scatter needs at least two provinces.")
    groups = [[pair for pair in pairs if pair.chosen is chosen] for chosen in (False, True)]
    x_median, y_median = medians
    lines = [] if x_median is None else [house.upright(x_median)]
    lines += [] if y_median is None else [house.across(y_median)]
    return house.as_data(
        [_points(group, bool(place)) for place, group in enumerate(groups) if group],
        house.layout(
            language,
            height=480,
            xaxis=house.value_axis(titles[0]),
            yaxis=house.value_axis(titles[1]),
            shapes=lines,
            margin={"l": 56, "r": 24, "t": 16, "b": 56},
        ),
    )


def _points(pairs: Sequence[Pair], chosen: bool) -> dict[str, Any]:
    return house.scatter(
        x=[float(pair.x) for pair in pairs],
        y=[float(pair.y) for pair in pairs],
        mode="markers+text" if chosen else "markers",
        text=[house.text(pair.name) for pair in pairs] if chosen else None,
        textposition="top center",
        textfont={"size": 12, "color": house.INK},
        cliponaxis=False,
        hovertext=[pair.hover for pair in pairs],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={
            "size": 13 if chosen else 10,
            "symbol": "diamond" if chosen else "circle",
            "color": house.CHOSEN if chosen else house.BAR,
            "line": {"color": "var(--paper)", "width": 1},
        },
    )

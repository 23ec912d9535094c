"""Profile: where one province stands among the others, one line an indicator, on a scale of percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from dashboards.figures import house

_LONGEST = 46  # letters that find room on a phone; the whole name shows beside the pointer and in the table


@dataclass(frozen=True)
class Dot:
    """``percentile`` 0–100: the share of the others that it does at least as well as."""

    name: str
    percentile: float
    hover: str


def profile_figure(
    dots: Sequence[Dot], *, language: str, axis_title: str, halves: tuple[str, str]
) -> dict[str, Any]:
    """First dot on top. ``halves`` name the lower and the upper half. ValueError without a dot."""
    if not dots:
        raise ValueError("A profile needs at least one ranked indicator.")
    names = [house.text(dot.name) for dot in dots]
    trace = house.scatter(
        x=[float(dot.percentile) for dot in dots],
        y=names,
        mode="markers",
        marker={"size": 12, "color": house.CHOSEN, "line": {"color": "var(--paper)", "width": 1}},
        hovertext=[dot.hover for dot in dots],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return house.as_data(
        [trace],
        house.layout(
            language,
            height=height(len(dots)),
            xaxis=house.value_axis(
                house.broken(axis_title, 36), range=[-2, 102], tickvals=[0, 25, 50, 75, 100]
            ),
            yaxis=house.name_axis(
                type="category", range=[len(dots) - 0.4, -0.8], showticklabels=False, showline=False
            ),
            shapes=[
                {"type": "line", "x0": 50, "x1": 50, "yref": "paper", "y0": 0, "y1": 1,
                 "line": {"color": house.INK, "width": 1.5, "dash": "dash"}},
                *(_track(name) for name in names),
            ],
            annotations=[
                _half(halves[0], 0, "left"),
                _half(halves[1], 100, "right"),
                *(_name(name, place) for place, name in enumerate(names)),
            ],
            margin={"l": 8, "r": 16, "t": 28, "b": 48},
        ),
    )  # fmt: skip


def height(lines: int) -> int:
    return 96 + 40 * max(lines, 2)


def _track(name: str) -> dict[str, Any]:
    return {
        "type": "line", "x0": 0, "x1": 100, "y0": name, "y1": name, "layer": "below",
        "line": {"color": house.BAR_QUIET, "width": 3},
    }  # fmt: skip


def _name(name: str, place: int) -> dict[str, Any]:
    """Above its line, so that a long name takes no room from the scale on a phone."""
    return {
        "x": 0, "xanchor": "left", "y": place, "yanchor": "bottom", "yshift": 5, "showarrow": False,
        "text": shorten(name, _LONGEST, placeholder="…"), "font": {"size": 12, "color": house.INK},
        "bgcolor": "var(--paper)", "borderpad": 0,
    }  # fmt: skip


def _half(label: str, at: int, side: str) -> dict[str, Any]:
    return {
        "x": at, "xanchor": side, "yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False,
        "text": house.text(label), "font": {"size": 11, "color": house.MUTED},
    }  # fmt: skip

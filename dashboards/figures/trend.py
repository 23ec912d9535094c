"""Trend: lines over time, with a mark where a definition changed or provinces merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.figures import house


@dataclass(frozen=True)
class Point:
    """A value at the middle of its period; a missing value leaves a gap."""

    day: date
    value: float | None
    hover: str
    words: str = ""  # the value as it is said, and where it comes from: for the table, not for the drawing
    card: str = ""


@dataclass(frozen=True)
class Trend:
    """``role``: chosen (a full line of its own colour), predecessor (dotted, same family), median (ink),
    other-definition (open markers: never joined to the line that follows)."""

    name: str
    points: tuple[Point, ...]
    role: str = "chosen"


@dataclass(frozen=True)
class Mark:
    day: date
    label: str


def trend_figure(
    trends: Sequence[Trend],
    marks: Sequence[Mark],
    *,
    language: str,
    axis_title: str,
    ticks: Sequence[tuple[date, str]],
    height: int = 360,
) -> dict[str, Any]:
    """Lines in the order given; ``ticks``: the middles of periods with names. ValueError if empty."""
    if not any(trend.points for trend in trends):
        raise ValueError("A trend needs at least one point.")
    return house.as_data(
        [_line(trend, place) for place, trend in enumerate(trends)],
        house.layout(
            language,
            height=height,
            showlegend=True,
            legend={"orientation": "h", "y": -0.16, "x": 0, "yanchor": "top", "font": {"size": 12}},
            xaxis=house.name_axis(
                type="date",
                tickvals=[day.isoformat() for day, _ in ticks],
                ticktext=[house.text(label) for _, label in ticks],
            ),
            yaxis=house.value_axis(axis_title),
            shapes=[_upright(mark) for mark in marks],
            annotations=[_mark_label(mark) for mark in marks],
            margin={"l": 56, "r": 24, "t": 36, "b": 48},
        ),
    )


def _line(trend: Trend, place: int) -> dict[str, Any]:
    median = trend.role == "median"
    colour = house.INK if median else house.LINE_COLOURS[place % len(house.LINE_COLOURS)]
    dash = {"median": "dash", "predecessor": "dot", "other-definition": "dot"}.get(trend.role, "solid")
    marker = house.LINE_MARKERS[place % len(house.LINE_MARKERS)]
    return house.scatter(
        x=[point.day.isoformat() for point in trend.points],
        y=[None if point.value is None else float(point.value) for point in trend.points],
        name=house.text(trend.name),
        mode="lines+markers",
        connectgaps=False,
        hovertext=[point.hover for point in trend.points],
        hovertemplate="%{hovertext}<extra></extra>",
        line={"color": colour, "width": 1.75 if median else 2.5, "dash": dash},
        marker={"color": colour, "size": 8, "symbol": f"{marker}-open" if trend.role != "chosen" else marker},
    )


def _upright(mark: Mark) -> dict[str, Any]:
    return {
        "type": "line",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "x0": mark.day.isoformat(),
        "x1": mark.day.isoformat(),
        "line": {"color": house.MUTED, "width": 1, "dash": "longdash"},
    }


def _mark_label(mark: Mark) -> dict[str, Any]:
    return {
        "x": mark.day.isoformat(),
        "yref": "paper",
        "y": 1.0,
        "yanchor": "bottom",
        "text": house.text(mark.label),
        "showarrow": False,
        "font": {"color": house.MUTED, "size": 11},
    }

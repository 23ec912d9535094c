"""Small multiples: one small trend a province, all on the same scales, the median behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboards.figures import house

_COLUMNS = 4


@dataclass(frozen=True)
class Panel:
    """``points``: day, value (None leaves a gap), hover."""

    name: str
    points: tuple[tuple[date, float | None, str], ...]
    chosen: bool = False


def height(panels: int) -> int:
    return 40 + 130 * rows_of(panels)


def rows_of(panels: int) -> int:
    return -(-panels // _COLUMNS)


def multiples_figure(
    panels: Sequence[Panel],
    median: Sequence[tuple[date, float | None]],
    *,
    language: str,
    ticks: Sequence[tuple[date, str]],
) -> dict[str, Any]:
    """Panels row by row. ``median`` empty where too few report. ValueError without a panel."""
    if not panels:
        raise ValueError("Small multiples need at least one province.")
    values = [value for panel in panels for _, value, _ in panel.points if value is not None]
    values += [value for _, value in median if value is not None]
    room = (max(values) - min(values)) * 0.08 or 1.0
    span = [min(values) - room, max(values) + room]
    whole = _time_span(ticks)
    rows = rows_of(len(panels))
    traces: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    names = []
    for place, panel in enumerate(panels):
        number = "" if place == 0 else str(place + 1)
        across, down = place % _COLUMNS, place // _COLUMNS
        left, right = across / _COLUMNS + 0.025, (across + 1) / _COLUMNS - 0.015
        top, bottom = 1 - (down + 0.2) / rows, 1 - (down + 0.94) / rows
        axes[f"xaxis{number}"] = house.name_axis(
            type="date", domain=[left, right], anchor=f"y{number}", automargin=False, range=whole,
            tickvals=[day.isoformat() for day, _ in ends(ticks)],
            ticktext=[house.text(label) for _, label in ends(ticks)], tickangle=0,
            showticklabels=place + _COLUMNS >= len(panels), tickfont={"size": 10, "color": house.MUTED},
        )  # fmt: skip
        axes[f"yaxis{number}"] = house.value_axis(
            domain=[bottom, top], anchor=f"x{number}", range=span, nticks=4, automargin=False,
            showticklabels=across == 0, tickfont={"size": 10, "color": house.MUTED},
        )  # fmt: skip
        if median:
            traces.append(_median(median, number))
        traces.append(_line(panel, number))
        names.append(_name(panel, left, top))
    return house.as_data(
        traces,
        house.layout(
            language, height=height(len(panels)), annotations=names, **axes,
            margin={"l": 36, "r": 8, "t": 8, "b": 24},
        ),
    )  # fmt: skip


def _time_span(ticks: Sequence[tuple[date, str]]) -> list[str]:
    """From the first to the last period, with a little room: the same in each panel."""
    first, last = ticks[0][0], ticks[-1][0]
    room = (last - first) * 0.06
    return [(first - room).isoformat(), (last + room).isoformat()]


def ends(ticks: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    """Of many periods only the first and the last are named: a panel is narrow."""
    return [ticks[0], ticks[-1]] if len(ticks) > 1 else list(ticks)


def _line(panel: Panel, number: str) -> dict[str, Any]:
    colour = house.CHOSEN if panel.chosen else house.LINE_COLOURS[0]
    return house.scatter(
        x=[day.isoformat() for day, _, _ in panel.points],
        y=[None if value is None else float(value) for _, value, _ in panel.points],
        xaxis=f"x{number}",
        yaxis=f"y{number}",
        mode="lines+markers",
        connectgaps=False,
        hovertext=[hover for _, _, hover in panel.points],
        hovertemplate="%{hovertext}<extra></extra>",
        line={"color": colour, "width": 2},
        marker={"color": colour, "size": 5},
    )


def _median(median: Sequence[tuple[date, float | None]], number: str) -> dict[str, Any]:
    return house.scatter(
        x=[day.isoformat() for day, _ in median],
        y=[value for _, value in median],
        xaxis=f"x{number}",
        yaxis=f"y{number}",
        mode="lines",
        hoverinfo="skip",
        line={"color": house.MUTED, "width": 1.25, "dash": "dash"},
    )


def _name(panel: Panel, left: float, top: float) -> dict[str, Any]:
    return {
        "xref": "paper", "x": left, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom",
        "text": house.marked(panel.name, panel.chosen), "showarrow": False,
        "font": {"size": 12, "color": house.INK},
    }  # fmt: skip

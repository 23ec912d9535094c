"""Funnel: a share against the number of cases behind it, with what chance alone would leave it within."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house
from dashboards.figures.binomial import case_steps, limits


@dataclass(frozen=True)
class Case:
    """``cases``: the denominator; ``share`` 0–1."""

    name: str
    cases: int
    share: float
    hover: str
    chosen: bool = False


def outside(case: Case, centre: float) -> int:
    """2 beyond the limits of 99.8 %, 1 beyond those of 95 %, 0 within; negative below."""
    lowest, low, high, highest = limits(case.cases, centre)
    if case.share > high:
        return 2 if case.share > highest else 1
    if case.share < low:
        return -2 if case.share < lowest else -1
    return 0


def funnel_figure(
    cases: Sequence[Case],
    centre: float,
    *,
    language: str,
    titles: tuple[str, str],
    limit_labels: tuple[str, str],
    centre_label: str,
) -> dict[str, Any]:
    """``centre``: the share of all together (0–1, exclusive). ``limit_labels``: 95 %, 99.8 %. ValueError
    without a case."""
    if not cases:
        raise ValueError("A funnel needs at least one province with counts.")
    steps = case_steps([case.cases for case in cases])
    bounds = list(zip(*(limits(step, centre) for step in steps), strict=True))
    lines = [
        _line(steps, bounds[0], limit_labels[1], "dash", True),
        _line(steps, bounds[3], limit_labels[1], "dash", False),
        _line(steps, bounds[1], limit_labels[0], "dot", True),
        _line(steps, bounds[2], limit_labels[0], "dot", False),
    ]
    groups = [[case for case in cases if case.chosen is chosen] for chosen in (False, True)]
    return house.as_data(
        lines + [_points(group, centre, bool(place)) for place, group in enumerate(groups) if group],
        house.layout(
            language,
            height=480,
            showlegend=True,
            legend={"orientation": "h", "y": -0.2, "x": 0, "yanchor": "top", "itemclick": False},
            xaxis=house.value_axis(titles[0], tickformat=",.0f"),
            yaxis=house.value_axis(titles[1], ticksuffix=" %" if language == "vi" else "%"),
            shapes=[house.across(100.0 * centre)],
            annotations=[_centre(100.0 * centre, centre_label)],
            margin={"l": 64, "r": 24, "t": 16, "b": 56},
        ),
    )


def _line(steps: Sequence[int], bound: Sequence[float], label: str, dash: str, first: bool) -> dict[str, Any]:
    return house.scatter(
        x=list(steps),
        y=[round(100.0 * share, 4) for share in bound],
        mode="lines",
        name=house.text(label),
        showlegend=first,
        hoverinfo="skip",
        line={"color": house.MUTED, "width": 1.5, "dash": dash},
    )


def _points(cases: Sequence[Case], centre: float, chosen: bool) -> dict[str, Any]:
    beyond = [abs(outside(case, centre)) == 2 for case in cases]
    return house.scatter(
        x=[case.cases for case in cases],
        y=[100.0 * case.share for case in cases],
        mode="markers+text" if chosen else "markers",
        text=[house.text(case.name) for case in cases] if chosen else None,
        textposition="top center",
        textfont={"size": 12, "color": house.INK},
        showlegend=False,
        cliponaxis=False,
        hovertext=[case.hover for case in cases],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={
            "size": 13 if chosen else 10,
            # Filled beyond the outer limits, open within: told apart without colour.
            "symbol": [("diamond" if chosen else "circle") + ("" if far else "-open") for far in beyond],
            "color": house.CHOSEN if chosen else house.BAR,
            "line": {"color": house.CHOSEN if chosen else house.BAR, "width": 2},
        },
    )


def _centre(value: float, label: str) -> dict[str, Any]:
    return {
        "xref": "paper", "x": 1, "xanchor": "right", "y": value, "yanchor": "bottom", "showarrow": False,
        "text": house.text(label), "font": {"size": 12, "color": house.INK},
        "bgcolor": "var(--paper)", "borderpad": 2,
    }  # fmt: skip

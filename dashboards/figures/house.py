"""The house layout, and how a figure becomes data."""

from __future__ import annotations

from html import escape
from typing import Any

BAR, BAR_QUIET, CHOSEN, INK, MUTED, RULE, TARGET = (
    *("var(--bar)", "var(--bar-quiet)", "var(--chosen)", "var(--ink)", "var(--muted)", "var(--rule)"),
    "var(--target)",
)
# Lines are told apart by colour, dash and marker together.
LINE_COLOURS = tuple(f"var(--line-{n})" for n in range(1, 7))
LINE_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
LINE_MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "star")

_SEPARATORS = {"vi": ",.", "en": ".,"}


def layout(language: str, **changes: Any) -> dict[str, Any]:
    """The house layout: no gridlines but the value axis's, no legend unless asked, room for long names."""
    base: dict[str, Any] = {
        "separators": _SEPARATORS[language],
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "var(--font)", "size": 12, "color": INK},
        "margin": {"l": 48, "r": 16, "t": 16, "b": 40},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "var(--paper)", "bordercolor": RULE, "font": {"color": INK, "size": 13}},
        "dragmode": False,
        "bargap": 0.28,
    }
    return base | changes


def value_axis(title: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}},
        "gridcolor": RULE,
        "zeroline": False,
        "tickfont": {"color": MUTED},
        "fixedrange": True,
        "automargin": True,
    } | changes


def name_axis(**changes: Any) -> dict[str, Any]:
    return {
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"color": INK},
        "linecolor": RULE,
        "showline": True,
    } | changes


def text(words: str) -> str:
    """Plotly reads a small HTML in its texts: names are data, not markup."""
    return escape(words, quote=False)


def scatter(**properties: Any) -> dict[str, Any]:
    return _trace("scatter", properties)


def bar(**properties: Any) -> dict[str, Any]:
    return _trace("bar", properties)


def _trace(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind} | {name: value for name, value in properties.items() if value is not None}


def as_data(traces: list[dict[str, Any]], house_layout: dict[str, Any]) -> dict[str, Any]:
    """The figure as plain lists and numbers. Only ``scatter`` and ``bar`` are drawn, so that the smallest
    bundle of Plotly will do. Checking every property takes longer than all the rest of a page: the tests
    check each figure with ``plotly.graph_objects`` (tests/dashboards/conftest.py), nothing does it twice.
    """
    return {"data": traces, "layout": house_layout}

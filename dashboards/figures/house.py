"""The house layout, and how a figure becomes data."""

from __future__ import annotations

from html import escape
from typing import Any

import plotly.graph_objects as go

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
        "template": "none",
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


def as_data(traces: list[Any], house_layout: dict[str, Any]) -> dict[str, Any]:
    """Checked by graph_objects (a misspelt property raises ValueError), returned as plain lists and numbers.

    ``template="none"`` is expanded by Plotly into an object that plotly.js does not need: without any
    template its own defaults hold, and the layout states what differs.
    """
    checked = go.Figure(data=traces, layout=house_layout).to_plotly_json()
    checked["layout"].pop("template", None)
    return checked

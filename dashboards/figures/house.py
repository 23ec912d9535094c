"""The house layout, and how a figure becomes data."""

from __future__ import annotations

import textwrap
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

# Five bands from low to high, and what is written on each.
BANDS = tuple(f"var(--map-{n})" for n in range(1, 6))
BAND_INKS = tuple(f"var(--map-ink-{n})" for n in range(1, 6))

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


def across(value: float, dash: str = "dash", colour: str = INK) -> dict[str, Any]:
    """A line over the whole width, at a value of the upright axis."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": float(value), "y1": float(value),
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }  # fmt: skip


def upright(value: float) -> dict[str, Any]:
    """A line over the whole height, at a value of the lying axis."""
    return {
        "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": float(value), "x1": float(value),
        "line": {"color": INK, "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def broken(words: str, width: int = 18) -> str:
    """In lines of about ``width`` letters, for the heading of a narrow column; three lines at most."""
    lines = textwrap.wrap(words, width, max_lines=3, placeholder=" …")
    return "<br>".join(text(line) for line in lines)


def marked(name: str, chosen: bool) -> str:
    """A picked province among names. Bold would be a style that the Content-Security-Policy forbids."""
    return f"▸ {text(name)}" if chosen else text(name)


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

"""Distribution: a dot a province, stacked where many are alike, over the median and the middle half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house

_BINS = 40
#: Of the axis to either side of a dot, what its name may cover on a phone; and of the heights, what it takes.
_NAME_REACH, _NAME_HEIGHT = 0.16, 1.2


@dataclass(frozen=True)
class Dot:
    name: str
    value: float
    hover: str
    chosen: bool = False


@dataclass(frozen=True)
class Middle:
    """What is said of all together; ``label`` names the median with its value."""

    q1: float
    median: float
    q3: float
    label: str
    half_label: str


def stacks(values: Sequence[float], bins: int = _BINS) -> list[int]:
    """How high each value lies (1, 2, …) when those of one of ``bins`` equal steps are stacked."""
    lowest, highest = min(values), max(values)
    width = (highest - lowest) / bins or 1.0
    filled: dict[int, int] = {}
    heights = []
    for value in values:
        step = min(bins - 1, int((value - lowest) / width))
        filled[step] = filled.get(step, 0) + 1
        heights.append(filled[step])
    return heights


def distribution_figure(
    dots: Sequence[Dot], middle: Middle | None, *, language: str, axis_title: str
) -> dict[str, Any]:
    """``middle`` is missing where too few report to speak of all. ValueError without a dot."""
    if not dots:
        raise ValueError("A distribution needs at least one province.")
    ordered = sorted(dots, key=lambda dot: dot.value)
    heights = stacks([dot.value for dot in ordered])
    places = list(zip(ordered, heights, strict=True))
    traces = [
        _dots([pair for pair in places if pair[0].chosen is chosen], chosen) for chosen in (False, True)
    ]
    names = _names(places)
    top = max([*heights, *(name["ay"] for name in names)])
    return house.as_data(
        [trace for trace in traces if trace["x"]],
        house.layout(
            language,
            height=340,
            xaxis=house.value_axis(axis_title),
            yaxis={"visible": False, "fixedrange": True, "range": [-0.6, max(top + 1.4, 6)]},
            shapes=_marks(middle),
            annotations=_labels(middle) + names,
            margin={"l": 24, "r": 24, "t": 32, "b": 48},
        ),
    )


def _dots(places: Sequence[tuple[Dot, int]], chosen: bool) -> dict[str, Any]:
    return house.scatter(
        x=[float(dot.value) for dot, _ in places],
        y=[height - 0.5 for _, height in places],
        mode="markers",
        hovertext=[dot.hover for dot, _ in places],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={
            "size": 13 if chosen else 10,
            "symbol": "diamond" if chosen else "circle",
            "color": house.CHOSEN if chosen else house.BAR,
            "line": {"color": "var(--paper)", "width": 1},
        },
    )


def _marks(middle: Middle | None) -> list[dict[str, Any]]:
    if middle is None:
        return []
    band = {
        "type": "rect", "x0": middle.q1, "x1": middle.q3, "yref": "paper", "y0": 0, "y1": 1, "layer": "below",
        "fillcolor": "var(--ground)", "line": {"color": house.RULE, "width": 1},
    }  # fmt: skip
    return [band, house.upright(middle.median)]


def _labels(middle: Middle | None) -> list[dict[str, Any]]:
    if middle is None:
        return []
    label = {"yref": "paper", "showarrow": False, "bgcolor": "var(--paper)", "borderpad": 2}
    return [
        label | {"x": middle.median, "y": 1.0, "yanchor": "bottom", "text": house.text(middle.label)},
        label
        | {
            "x": middle.q3, "xanchor": "right", "y": 0.0, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)",
            "text": house.text(middle.half_label), "font": {"size": 11, "color": house.MUTED},
        },
    ]  # fmt: skip


def _names(places: Sequence[tuple[Dot, int]]) -> list[dict[str, Any]]:
    """The chosen provinces' names, each above all that lies beneath it, with a line to its dot. ``places``
    are in the order of their values."""
    reach = _NAME_REACH * (places[-1][0].value - places[0][0].value)
    names: list[dict[str, Any]] = []
    for dot, height in places:
        if dot.chosen:
            beneath = [other for one, other in places if abs(one.value - dot.value) <= reach]
            below = [name["ay"] + _NAME_HEIGHT for name in names if dot.value - name["x"] <= 2 * reach]
            names.append(_name(dot, height, at=max([*beneath, *below])))
    return names


def _name(dot: Dot, height: int, *, at: float) -> dict[str, Any]:
    return {
        "x": float(dot.value), "y": height - 0.5, "ax": float(dot.value), "ay": float(at) + 0.2,
        "axref": "x", "ayref": "y", "yanchor": "bottom", "standoff": 7, "arrowhead": 0, "arrowwidth": 1,
        "arrowcolor": house.INK, "text": house.text(dot.name), "font": {"size": 12, "color": house.INK},
        "bgcolor": "var(--paper)", "borderpad": 1,
    }  # fmt: skip

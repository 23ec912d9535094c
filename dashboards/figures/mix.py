"""Mix: what a whole is made of, province by province, as shares that add up to a hundred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import house

_SHADES = (4, 2, 0, 3, 1)  # far apart in lightness: told apart without colour


@dataclass(frozen=True)
class Whole:
    """``shares`` 0–100, one a part; ``hovers`` alike."""

    name: str
    shares: tuple[float, ...]
    hovers: tuple[str, ...]
    chosen: bool = False


def height(wholes: int) -> int:
    return 120 + 26 * max(wholes, 2)


def mix_figure(
    parts: Sequence[str], wholes: Sequence[Whole], *, language: str, axis_title: str
) -> dict[str, Any]:
    """First whole on top; lightness, order and share tell parts apart. ValueError under two parts."""
    if len(parts) < 2 or not wholes:
        raise ValueError("A mix needs two parts and a province.")
    names = [house.marked(whole.name, whole.chosen) for whole in wholes]
    return house.as_data(
        [_part(place, part, wholes) for place, part in enumerate(parts)],
        house.layout(
            language,
            height=height(len(wholes)),
            barmode="stack",
            bargap=0.22,
            showlegend=True,
            legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
            xaxis=house.value_axis(axis_title, range=[0, 100], ticksuffix=" %" if language == "vi" else "%"),
            yaxis=house.name_axis(
                range=[len(wholes) - 0.4, -0.6], tickvals=list(range(len(wholes))), ticktext=names,
                showline=False, tickfont={"size": 11, "color": house.INK},
            ),
            margin={"l": 8, "r": 24, "t": 48, "b": 48},
        ),
    )  # fmt: skip


def _part(place: int, part: str, wholes: Sequence[Whole]) -> dict[str, Any]:
    shade = _SHADES[place % len(_SHADES)]
    return house.bar(
        orientation="h",
        y=list(range(len(wholes))),
        x=[whole.shares[place] for whole in wholes],
        name=house.text(part),
        text=[f"{whole.shares[place]:.0f}" if whole.shares[place] >= 4 else "" for whole in wholes],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": 11, "color": house.BAND_INKS[shade]},
        hovertext=[whole.hovers[place] for whole in wholes],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={"color": house.BANDS[shade], "line": {"color": house.RULE, "width": 1}},
    )

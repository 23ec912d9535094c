"""Small drawings that the server puts into the page itself: geometry only, the template writes the SVG.

All in units of a view box; attributes carry everything, as the Content-Security-Policy forbids styles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Scale:
    """Maps ``lowest``–``highest`` to 0–100; a scale without width maps everything to 0."""

    lowest: float
    highest: float

    def at(self, value: float | None) -> float | None:
        if value is None:
            return None
        width = self.highest - self.lowest
        share = (value - self.lowest) / width if width else 0.0
        return round(100 * min(1.0, max(0.0, share)), 2)


@dataclass(frozen=True)
class CellBar:
    """A bar in a table's cell: its length, the median's place, and the whisker of a bounded value. ``marks``
    is what stands inside the SVG: numbers only, so that it needs no escaping."""

    length: float
    median: float | None = None
    lower: float | None = None
    upper: float | None = None

    @property
    def marks(self) -> str:
        drawn = f'<rect class="fill" y="2" width="{self.length}" height="12"/>'
        if self.lower is not None and self.upper is not None:
            width = round(self.upper - self.lower, 2)
            drawn += f'<path class="whisker" d="M{self.lower} 4v8m0-4h{width}m0-4v8"/>'
        if self.median is not None:
            drawn += f'<path class="median" d="M{self.median} 0v16"/>'
        return drawn


@dataclass(frozen=True)
class Columns:
    """A ranking as columns in a box of 100 × 100, drawn before any script has run: two paths,
    and what the median says."""

    bars: str
    chosen: str
    median: float | None = None
    median_label: str = ""


@dataclass(frozen=True)
class Sparkline:
    """Polylines (a gap starts a new one) in a box of 100 × 24, and its last point."""

    lines: tuple[str, ...]
    last_x: float
    last_y: float


def bar_scale(values: Sequence[float], upper_bound: float | None = None) -> Scale:
    """From zero (or the least value below it) to the greatest; a percentage's axis ends at 100."""
    highest = max(values, default=0.0)
    if upper_bound is not None and highest > upper_bound / 2:
        highest = upper_bound
    return Scale(min(0.0, min(values, default=0.0)), highest)


def cell_bar(
    value: float,
    scale: Scale,
    median: float | None = None,
    lower: float | None = None,
    upper: float | None = None,
) -> CellBar:
    return CellBar(
        length=scale.at(value) or 0.0, median=scale.at(median), lower=scale.at(lower), upper=scale.at(upper)
    )


def columns(
    values: Sequence[tuple[float, bool]], median: float | None = None, median_label: str = ""
) -> Columns:
    """``values`` in the order of the bars, and whether a bar stands out."""
    scale = bar_scale([value for value, _ in values])
    step = 100 / len(values) if values else 0.0
    paths = {False: "", True: ""}
    for place, (value, chosen) in enumerate(values):
        height = scale.at(value) or 0.0
        paths[chosen] += f"M{place * step + step * 0.14:.2f} 100v-{height}h{step * 0.72:.2f}v{height}z"
    at = scale.at(median)
    return Columns(paths[False], paths[True], None if at is None else round(100 - at, 2), median_label)


def with_gaps(points: Sequence[tuple[date, float]], breaks: Sequence[date]) -> list[float | None]:
    """Values in order, with a gap wherever a break lies between two of them. ``points`` hold the last day of
    their period: a break on 1 January 2024 parts the year 2024 from 2023."""
    values: list[float | None] = []
    for place, (day, value) in enumerate(points):
        if place and any(points[place - 1][0] < mark <= day for mark in breaks):
            values.append(None)
        values.append(value)
    return values


def sparkline(values: Sequence[float | None]) -> Sparkline | None:
    """None where fewer than two values are there: one point is no trend."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    scale = Scale(min(known), max(known))
    step = 96 / (len(values) - 1)
    lines: list[list[tuple[float, float]]] = [[]]
    for place, value in enumerate(values):
        height = scale.at(value)
        if height is None:
            lines.append([])
        else:
            flat = scale.lowest == scale.highest
            lines[-1].append((round(2 + place * step, 1), 12.0 if flat else round(21 - height * 0.18, 1)))
    drawn = [line for line in lines if line]
    last_x, last_y = drawn[-1][-1]
    return Sparkline(tuple(" ".join(f"{x},{y}" for x, y in line) for line in drawn), last_x, last_y)

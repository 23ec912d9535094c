"""Which other indicators a chart shows beside the first, and of which period."""

from __future__ import annotations

from dashboards.pages.compared import Compared
from dashboards.rows import Slice


def beside(c: Compared, *, most: int) -> list[Slice]:
    """Those that the reader picked, else the closest: of the same pillar, well covered, in the same period.

    Each in the period asked for where it has it, else in the newest well-covered one that ended before.
    """
    if c.question.others:
        found = [nearest(c, code) for code in c.question.others]
        return [row for row in found if row is not None][:most]
    return [*_alike(c, same_pillar=True), *_alike(c, same_pillar=False)][:most]


def nearest(c: Compared, code: str) -> Slice | None:
    """None where the indicator has nothing in this geography."""
    geography, period = c.question.geography, c.group.period
    same = c.availability.on(code, period, geography)
    if same is not None:
        return same
    rows = c.availability.of(code, geography)  # newest first
    before = [row for row in rows if row.period.end <= period.end]
    return next((row for row in before if row.complete), None) or next(iter(before or rows), None)


def _alike(c: Compared, *, same_pillar: bool) -> list[Slice]:
    found = []
    for code, row in c.indicators.items():
        if (
            code == c.indicator.code
            or not row.ranked
            or (row.pillar == c.indicator.pillar) is not same_pillar
        ):
            continue
        same = c.availability.on(code, c.group.period, c.question.geography)
        if same is not None and same.complete:
            found.append(same)
    return found

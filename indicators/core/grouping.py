"""Groups of provinces side by side in one array, so that many small ones cost as little as a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indicators.core.arrays import FloatArray
from indicators.core.frames import Booleans, Group, Integers, Layout

#: Groups share an array while the smallest has at least this share of the members of the largest.
_ALIKE = 0.5


@dataclass(frozen=True)
class Batch:
    """Groups of about one size: their places among the groups of the layout (G,), and those of their members
    among its provinces (G, W); where a group has fewer than the largest, one beyond the last province."""

    groups: Integers
    members: Integers
    expected: Integers

    def gathered(self, cells: FloatArray) -> FloatArray:
        """(S, P) by province → (S, G, W) by group and member; missing where a group has none."""
        beyond = np.full((len(cells), 1), np.nan)
        gathered: FloatArray = np.concatenate([cells, beyond], axis=1).take(self.members, axis=1)
        return gathered


def batches(layout: Layout) -> list[Batch]:
    """All groups that have members, the largest first. Which groups share an array depends on the layout
    alone: numbers are added up in one order, whatever is asked for."""
    sizes = [int(group.members.sum()) for group in layout.groups]
    places = sorted((place for place, size in enumerate(sizes) if size), key=lambda place: -sizes[place])
    found: list[list[int]] = []
    for place in places:
        if not found or sizes[place] < _ALIKE * sizes[found[-1][0]]:
            found.append([])
        found[-1].append(place)
    return [_batch(layout.groups, places, len(layout.provinces)) for places in found]


def _batch(groups: Sequence[Group], places: list[int], beyond: int) -> Batch:
    expected = np.array([groups[place].members.sum() for place in places], dtype=np.int64)
    members = np.full((len(places), int(expected.max())), beyond, dtype=np.int64)
    for row, place in enumerate(places):
        members[row, : expected[row]] = np.flatnonzero(groups[place].members)
    return Batch(np.array(places, dtype=np.int64), members, expected)


def holding(layout: Layout, batch: Batch, periods: Integers) -> Booleans | None:
    """(S, G): whether the group's membership held in the period; None where all of them always hold."""
    limits = [layout.groups[place].periods for place in batch.groups.tolist()]
    if all(limit is None for limit in limits):
        return None
    always = np.ones(len(periods), dtype=np.bool_)
    columns = [always if limit is None else np.isin(periods, limit) for limit in limits]
    return np.stack(columns, axis=1)

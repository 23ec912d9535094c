"""What the aggregation engine works on: facts as columns, and the frame of provinces, periods and
definitions.

Keys are whole numbers of the caller's choosing, from 1 on; 0 says "none". Arrays of one class have one
length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.core.ranking import Direction
from indicators.core.restatement import Bounded, Content

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Columns = dict[str, NDArray[Any]]

NONE = 0  # no category (the whole province), no observation, no such period


@dataclass(frozen=True)
class Facts:
    """Preferred, usable facts, one row each; each has a value with its interval, counts are NaN where there
    are none.

    ``counts`` (N, 4) is how far words leave the counts open ("hơn 4,3 triệu"): numerator from, to,
    denominator from, to; None where all of them are exact.
    """

    indicator: Integers
    period: Integers
    category: Integers
    province: Integers
    observation: Integers
    value: Floats
    lower: Floats
    upper: Floats
    numerator: Floats
    denominator: Floats
    counts: Floats | None = None

    def __len__(self) -> int:
        return len(self.indicator)

    def taken(self, rows: Integers) -> Facts:
        """Some rows, in this order."""
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        return Facts(**columns, counts=None if self.counts is None else self.counts[rows])

    def joined(self, other: Facts) -> Facts:
        """The rows of both."""
        columns = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in COLUMNS}
        exact = self.counts is None and other.counts is None
        counts = None if exact else np.concatenate([self.bounds_of_counts(), other.bounds_of_counts()])
        return Facts(**columns, counts=counts)

    def bounds_of_counts(self) -> Floats:
        """``counts``, of exact ones too."""
        if self.counts is not None:
            return self.counts
        columns = (self.numerator, self.numerator, self.denominator, self.denominator)
        return np.stack(columns, axis=-1)

    def numerators(self) -> Bounded:
        if self.counts is None:
            return Bounded.exact(self.numerator)
        return Bounded(self.numerator, self.counts[:, 0], self.counts[:, 1])

    def denominators(self) -> Bounded:
        if self.counts is None:
            return Bounded.exact(self.denominator)
        return Bounded(self.denominator, self.counts[:, 2], self.counts[:, 3])


COLUMNS = tuple(name for name in Facts.__dataclass_fields__ if name != "counts")


@dataclass(frozen=True)
class Definition:
    """What the arithmetic needs to know of an indicator.

    ``accumulates``: figures of successive periods add up. ``continues``: the indicator before it whose
    series goes on in this one (a link that is comparable), or NONE. ``breaks``: days (ordinals) from which
    its figures are not comparable with those before, those of the definitions before it included. The
    threshold is a share, 0 to 1; figures lie between ``least`` and ``greatest``.
    """

    direction: Direction
    content: Content
    coverage_threshold: float = 0.8
    accumulates: bool = False
    continues: int = NONE
    breaks: tuple[int, ...] = ()
    least: float = -inf
    greatest: float = inf

    def is_broken(self, after: int, until: int) -> bool:
        """Whether figures of periods that end on these two days (ordinals) are not comparable."""
        return any(after < day <= until for day in self.breaks)


@dataclass(frozen=True)
class Calendar:
    """Periods in the order of their keys (N,), with their neighbours (keys, or NONE).

    ``comparison`` numbers the classes of periods that may stand beside each other; ``start`` and ``end`` are
    the first and the last day as ordinals. ``quarters`` lists (quarter, whole, earlier): whole − earlier is
    that quarter; ``sums`` lists (whole, part, part …): the quarters, or the months, that make up a whole.
    """

    period: Integers
    comparison: Integers
    start: Integers
    end: Integers
    previous: Integers
    year_before: Integers
    quarters: Sequence[tuple[int, int, int]] = ()
    sums: Sequence[tuple[int, ...]] = ()

    def days(self, dates: Integers, periods: Sequence[int]) -> list[int]:
        """Of ``start`` or ``end`` those of some periods (keys)."""
        found: list[int] = dates[np.searchsorted(self.period, periods)].tolist()
        return found

    def around(self, periods: Iterable[int]) -> set[int]:
        """All periods that contain one of these, themselves among them."""
        found: set[int] = set()
        for key in periods:
            first, last = self.days(self.start, [key]) + self.days(self.end, [key])
            found |= set(self.period[(self.start <= first) & (self.end >= last)].tolist())
        return found


@dataclass(frozen=True)
class Group:
    """Some provinces of a layout (P,); ``periods`` limits a membership that did not hold at all times."""

    code: str
    members: Booleans
    periods: Integers | None = None


@dataclass(frozen=True)
class Layout:
    """One geography: its provinces (P,) and the groups among them.

    ``exclusive`` marks provinces that only this geography has; ``in_force`` lists the periods that end
    within its lifetime; ``edges`` are (predecessor, successor) of the changes that led to it. ``weights``
    are the populations of provinces, of predecessors too.
    """

    geography: int
    provinces: Integers
    exclusive: Booleans
    in_force: Integers
    groups: Sequence[Group]
    edges: Sequence[tuple[int, int]] = ()
    weights: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Goal:
    """A target: ``province`` NONE means every province; ``due`` is an ordinal. Simulated ones are for
    simulated figures, real ones for real figures."""

    indicator: int
    category: int
    province: int
    due: int
    value: float
    simulated: bool = False


@dataclass(frozen=True)
class Frame:
    """Everything that facts are read against; ``layouts`` are the geographies."""

    calendar: Calendar
    definitions: Mapping[int, Definition]
    goals: Sequence[Goal] = ()
    layouts: Sequence[Layout] = ()

    def before(self, indicator: int) -> list[int]:
        """The comparable definitions whose series goes on in this one, the nearest first."""
        found = [indicator]
        while (key := self.definitions[found[-1]].continues) in self.definitions and key not in found:
            found.append(key)
        return found[1:]

"""What simulated reports break down: counts into their parts, a composite index into its components.

Parts add up to what is reported of the whole, and components to the published total, but for a few slips that
are planted for the rules to find. Arrays are quarters × provinces, as in ``simulation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indicators.core.simulation import Booleans, Chance, Floats, Integers, Series

#: Of the wholes that are told exactly.
FIGURES_PER_SLIP = 400
#: What a slip adds, as a share of the whole.
_SLIP = (0.05, 0.15)
#: Of the totals of an index, how many are off, and by how many points.
TOTALS_PER_SLIP = 200
_POINTS = (2, 5)
#: Of an index, how many provinces say nothing in a quarter.
_SILENCE = 0.02
#: Scores have one decimal.
SCORE_UNIT = 0.1


@dataclass(frozen=True)
class Split:
    """Parts of some counts (N, C), which add up to them but for the ``slip`` (N,)."""

    parts: Integers
    slip: Booleans


def shares(shape: tuple[int, int], parts: int, chance: Chance) -> Floats:
    """How a whole divides, quarters × provinces × parts: each part has its weight, slowly won or lost."""
    years = (np.arange(shape[0], dtype=np.float64) - (shape[0] - 1)) / 4
    level = chance.normal(scale=0.7, size=parts)
    slope = chance.normal(scale=0.12, size=parts)
    own = chance.normal(scale=0.3, size=(shape[1], parts))
    wavering = chance.normal(scale=0.02, size=(*shape, parts))
    weight = np.exp(level + slope * years[:, None, None] + own + wavering)
    divided: Floats = weight / weight.sum(axis=-1, keepdims=True)
    return divided


def split(counts: Integers, among: Floats, exact: Booleans, chance: Chance) -> Split:
    """``counts`` (N,) by the shares ``among`` (N, C), whole numbers; slips only where ``exact``."""
    parts = np.floor(counts[:, None] * among).astype(np.int64)
    parts[:, -1] += counts - parts.sum(axis=1)
    slip = exact & (counts >= 100) & (chance.random(len(counts)) < 1 / FIGURES_PER_SLIP)
    more = np.ceil(counts * chance.uniform(*_SLIP, size=len(counts))).astype(np.int64)
    parts[:, 0] += np.where(slip, more, 0)
    return Split(parts, slip)


@dataclass(frozen=True)
class Scores:
    """An index in units of ``SCORE_UNIT``: components (C, T, P), totals (T, P), where the total is off and
    where nothing is reported."""

    components: Integers
    totals: Integers
    slip: Booleans
    silent: Booleans


def scores(series: Sequence[Series], highest: Sequence[float], chance: Chance) -> Scores:
    """Components as shares of their best scores, and their totals."""
    components = np.stack(
        [
            np.rint(part.numerator / _whole(part) * best / SCORE_UNIT)
            for part, best in zip(series, highest, strict=True)
        ]
    ).astype(np.int64)
    totals = components.sum(axis=0)
    slip = chance.random(totals.shape) < 1 / TOTALS_PER_SLIP
    points = chance.integers(*_POINTS, size=totals.shape, endpoint=True) / SCORE_UNIT
    totals = totals - np.where(slip, points, 0).astype(np.int64)
    silent = chance.random(totals.shape) < _SILENCE
    return Scores(components, totals, slip & ~silent, silent)


def _whole(part: Series) -> Integers:
    assert part.denominator is not None
    return part.denominator

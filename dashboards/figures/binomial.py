"""Exact binomial control limits of a funnel plot.

D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in Medicine 24 (2005)
1185–1202, appendix A.1.1: for a target proportion θ, n cases and a tail probability p, let r be the smallest
count with P(R ≤ r) ≥ p. The limit is (r − α) / n with α = (P(R ≤ r) − p) / (P(R ≤ r) − P(R ≤ r − 1)),
which interpolates between counts. Limits of 95 % take p = 0.025 and 0.975, of 99.8 % 0.001 and 0.999.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt

import numpy as np

TAILS = (0.001, 0.025, 0.975, 0.999)  # lower 99.8 %, lower 95 %, upper 95 %, upper 99.8 %
_REACH = 9.0  # standard deviations: less than 10⁻¹⁸ of the probability lies beyond


@lru_cache(maxsize=4096)
def limits(cases: int, share: float, tails: tuple[float, ...] = TAILS) -> tuple[float, ...]:
    """One limit a tail, as shares 0–1. ``share`` strictly between 0 and 1; ValueError otherwise."""
    if cases < 1 or not 0.0 < share < 1.0:
        raise ValueError("Limits need cases, and a share between 0 and 1.")
    lowest, below = _cumulative(cases, share)
    return tuple(_limit(cases, lowest, below, tail) for tail in tails)


def _cumulative(cases: int, share: float) -> tuple[int, np.ndarray]:
    """The least count that is looked at, and P(R ≤ r) from there on.

    Weights follow from one another, P(r + 1) / P(r) = (n − r) / (r + 1) · θ / (1 − θ), and are scaled to add
    up to one: no factorial is needed, however large n is.
    """
    spread = _REACH * sqrt(cases * share * (1.0 - share)) + 10.0
    first, last = max(0, int(cases * share - spread)), min(cases, int(cases * share + spread) + 1)
    counts = np.arange(first, last, dtype=np.float64)
    steps = np.log((cases - counts) / (counts + 1.0)) + np.log(share / (1.0 - share))
    weights = np.concatenate([[0.0], np.cumsum(steps)])
    chances = np.exp(weights - weights.max())
    return first, np.cumsum(chances / chances.sum())


def _limit(cases: int, lowest: int, below: np.ndarray, tail: float) -> float:
    place = min(int(np.searchsorted(below, tail)), len(below) - 1)
    less = float(below[place - 1]) if place else 0.0
    alpha = (float(below[place]) - tail) / (float(below[place]) - less)
    return min(1.0, max(0.0, (lowest + place - alpha) / cases))


def case_steps(counts: Sequence[int], steps: int = 48) -> list[int]:
    """Numbers of cases at which to draw a limit: even on a square-root scale."""
    low, high = sqrt(min(counts) * 0.8), sqrt(max(counts) * 1.05)
    return sorted({max(1, round((low + (high - low) * place / (steps - 1)) ** 2)) for place in range(steps)})

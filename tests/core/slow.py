"""The second implementation: slow, obvious, one province at a time, in plain Python. None = missing."""

from __future__ import annotations

import math
from itertools import combinations


def present(values):
    return [v for v in values if v is not None]


def mean(values):
    return math.fsum(values) / len(values)


def type_7(values, p):
    ordered = sorted(values)
    position = (len(ordered) - 1) * p
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def deviation(values):
    middle = mean(values)
    return math.sqrt(math.fsum((v - middle) ** 2 for v in values) / len(values))


def ratio_of_sums(values, numerators, denominators):
    for value, top, bottom in zip(values, numerators, denominators, strict=True):
        if value is not None and (top is None or bottom is None):
            return None
    pairs = [(t, b) for t, b in zip(numerators, denominators, strict=True) if t is not None and b is not None]
    whole = math.fsum(b for _, b in pairs)
    return None if whole == 0 else 100 * math.fsum(t for t, _ in pairs) / whole


def better(a, b, direction):
    return a > b if direction == "higher" else a < b


def ranks(values, direction):
    if direction == "none":
        return [None] * len(values)
    return [None if v is None else 1 + sum(better(w, v, direction) for w in present(values)) for v in values]


def surely_better(a, b, direction):
    """Whether province `a` = (value, lower, upper) beats `b` for certain: no overlap, touching is none."""
    if a[0] == b[0]:
        return False
    return a[1] >= b[2] if direction == "higher" else a[2] <= b[1]


def rank_bounds(provinces, direction):
    """(from, to) of each (value, lower, upper) or None."""
    if direction == "none":
        return [None] * len(provinces)
    result = []
    for i, province in enumerate(provinces):
        if province is None:
            result.append(None)
            continue
        others = [p for j, p in enumerate(provinces) if j != i and p is not None]
        ahead = sum(surely_better(other, province, direction) for other in others)
        behind = sum(surely_better(province, other, direction) for other in others)
        result.append((1 + ahead, 1 + len(others) - behind))
    return result


def percentiles(values, direction):
    others = len(present(values)) - 1
    if direction == "none" or others < 1:
        return [None] * len(values)
    result = []
    for i, v in enumerate(values):
        if v is None:
            result.append(None)
            continue
        no_better = sum(not better(w, v, direction) for j, w in enumerate(values) if j != i and w is not None)
        result.append(100 * no_better / others)
    return result


def trend(series):
    """The sign of the Mann–Kendall verdict."""
    points = present(series)
    n = len(points)
    if n < 5:
        return None
    score = sum((b > a) - (b < a) for a, b in combinations(points, 2))
    groups = [points.count(v) for v in set(points)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in groups)) / 18
    if score == 0 or variance <= 0:
        return 0
    z = (abs(score) - 1) / math.sqrt(variance)
    return (1 if score > 0 else -1) if z >= 1.959963984540054 else 0

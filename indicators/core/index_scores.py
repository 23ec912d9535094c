"""One composite index in one slice (period × geography): scores, what components give, how firm ranks are.

Values are `(P,)` float64 by component code, NaN = missing. A component may have children *and* a value of its
own (766/QĐ-TTg: tables by year give online services and online payment only together): its children count
where all of them are there, its own value otherwise. `joined` turns such a component into a leaf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from indicators.core.arrays import FloatArray
from indicators.core.composite import (
    Component,
    Decomposition,
    IndexVersion,
    decompose,
    rank_stability,
    score,
)
from indicators.core.ranking import Direction, ranks

#: Every slice sees the same thousand sets of weights, so that a rebuild gives the same percentiles.
STABILITY_SEED = 922
Values = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class IndexSlice:
    """(P,) each; NaN where a component with a weight is missing, everywhere while a weight is unpublished.

    `contributions` are in points of the score, for every node of the tree: those of the nodes at the top
    add up to the score, those of children to their parent's where all children are there.
    """

    score: FloatArray
    rank: FloatArray
    rank_p5: FloatArray
    rank_p95: FloatArray
    contributions: dict[str, FloatArray]


def joined(index: IndexVersion, values: Values) -> tuple[IndexVersion, dict[str, FloatArray]]:
    """The index with every component that has a value of its own as a leaf, and the values of its leaves."""
    found = dict(values)
    components = tuple(_joined(node, found) for node in index.components)
    return replace(index, components=components), found


def scored(index: IndexVersion, values: Values, provinces: int) -> IndexSlice:
    """The whole slice. `values` holds each leaf, and the components above leaves that are published too."""
    missing = np.full(provinces, np.nan)
    contributions: dict[str, FloatArray] = {}
    _contribute(index.components, float(index.scale), values, missing, contributions)
    leaves, found = joined(index, values)
    if leaves.missing_weights:
        return IndexSlice(missing, missing, missing, missing, contributions)
    points = score(leaves, found)
    # equal components give equal scores only up to the last digits of floating point
    rank = ranks(np.round(points, 12), Direction.HIGHER)
    low, high = missing.copy(), missing.copy()
    there = ~np.isnan(points)
    if there.any():
        complete = {code: found[code][there] for code in leaves.leaves()}
        low[there], high[there] = rank_stability(leaves, complete, seed=STABILITY_SEED)
    return IndexSlice(points, rank, low, high, contributions)


def moved(before: tuple[IndexVersion, Values], now: tuple[IndexVersion, Values]) -> Decomposition | None:
    """What the change since `before` is made of; None where one of the two versions cannot be computed."""
    earlier, later = joined(*before), joined(*now)
    if earlier[0].missing_weights or later[0].missing_weights:
        return None
    return decompose(*earlier, *later)


def _joined(node: Component, found: dict[str, FloatArray]) -> Component:
    opened = replace(node, children=tuple(_joined(child, found) for child in node.children))
    if not opened.children or node.code not in found:
        return opened
    composed = float(node.lowest) + float(node.highest - node.lowest) * _share(opened, found)
    found[node.code] = np.where(np.isnan(composed), found[node.code], composed)
    return replace(node, children=())


def _share(node: Component, values: Values) -> FloatArray:
    """The share of a leaf, or that which its children give: NaN while a weight of theirs is unpublished."""
    if not node.children:
        return node.share(values[node.code])
    within = IndexVersion(node.code, "", Decimal(1), node.children)
    if within.missing_weights:
        return np.full_like(next(iter(values.values())), np.nan)
    return score(within, values)


def _contribute(
    siblings: tuple[Component, ...],
    whole: float,
    values: Values,
    missing: FloatArray,
    found: dict[str, FloatArray],
) -> None:
    """Write into `found` what each node under one parent gives, of the parent's `whole` points."""
    weights = [node.weight for node in siblings]
    total = sum(weight for weight in weights if weight is not None)
    for node, weight in zip(siblings, weights, strict=True):
        points = float("nan") if None in weights else whole * float((weight or 0) / (total or 1))
        if node.children:
            _contribute(node.children, points, values, missing, found)
        if points:
            settled = dict(values)
            found[node.code] = points * _share(_joined(node, settled), settled)
        else:
            found[node.code] = np.zeros_like(missing)

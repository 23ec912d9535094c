"""Composite indices as data: a tree of weighted components, versions apart, scores that keep their parts.

A node's share is Σ w·share / Σ w over its children; a leaf's is its published value between the ends of its
own scale. The score is the root's share times the scale of the index. Values are `(..., P)` float64 per leaf,
NaN = missing; one missing component with a weight leaves the score missing. Legal sources of the weights
belong to the data (922/QĐ-BTTTT, 405/QĐ-BKHCN, 766/QĐ-TTg), not to this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

import numpy as np

from indicators.core.arrays import FloatArray
from indicators.core.ranking import Direction, ranks

#: How far a weight is moved to see how stable the ranks are.
WEIGHT_SPREAD = 0.25
_DRAWS = 1000


class WeightsMissing(ValueError):
    """An index that cannot be computed because weights are not published; `components` names them."""

    def __init__(self, index: str, components: tuple[str, ...]) -> None:
        super().__init__(index, components)
        self.index = index
        self.components = components


@dataclass(frozen=True, slots=True)
class Component:
    """A node of an index. `weight` None = not published. `lowest` and `highest` are the ends of the scale of
    a leaf's value, worst to best: 0 to 1, 0 to 18, goalposts of an indicator, or 100 to 0 where less is
    better. `capped` keeps an indicator beyond its goalposts at their ends."""

    code: str
    weight: Decimal | None
    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(1)
    capped: bool = False
    children: tuple[Component, ...] = ()

    def share(self, values: FloatArray) -> FloatArray:
        """Where values lie between the ends of the scale, 0 to 1."""
        share = (values - float(self.lowest)) / float(self.highest - self.lowest)
        return np.clip(share, 0.0, 1.0) if self.capped else share


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """One version of a composite index. `scale` is the best score that it gives (1, 100)."""

    code: str
    version: str
    scale: Decimal
    components: tuple[Component, ...]

    @property
    def missing_weights(self) -> tuple[str, ...]:
        """The components without a published weight, in the order of the tree."""
        return tuple(node.code for node in self._nodes() if node.weight is None)

    def leaves(self) -> dict[str, tuple[Component, float]]:
        """Each leaf that weighs something, with its part of the whole; the parts add up to 1.

        Raises WeightsMissing while a weight is not published, ValueError where siblings weigh nothing or
        two components share a code.
        """
        if self.missing_weights:
            raise WeightsMissing(self.code, self.missing_weights)
        codes = [node.code for node in self._nodes()]
        if len(set(codes)) < len(codes):
            raise ValueError(f"two components of {self.code} {self.version} have one code")
        return dict(_leaf_parts(self.components, Decimal(1)))

    def _nodes(self) -> list[Component]:
        waiting, nodes = list(reversed(self.components)), []
        while waiting:
            node = waiting.pop()
            nodes.append(node)
            waiting.extend(reversed(node.children))
        return nodes


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change of score by component: `by_value` where the component moved, `by_weight` where its weight did.

    `change` is the sum of all of them.
    """

    by_value: dict[str, FloatArray]
    by_weight: dict[str, FloatArray]
    change: FloatArray


def parts(index: IndexVersion, values: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """What each leaf contributes to the score, in points of the score. KeyError for a leaf without values."""
    scale = float(index.scale)
    return {
        code: scale * weight * component.share(values[code])
        for code, (component, weight) in index.leaves().items()
    }


def score(index: IndexVersion, values: Mapping[str, FloatArray]) -> FloatArray:
    """scale · Σ w·share / Σ w, `(..., P)`: the sum of `parts`. Components that weigh 0 need no values."""
    return _added(parts(index, values).values())


def decompose(
    earlier: IndexVersion,
    earlier_values: Mapping[str, FloatArray],
    later: IndexVersion,
    later_values: Mapping[str, FloatArray],
) -> Decomposition:
    """Split later score − earlier score into its components so that the parts add up to it.

    With weights w → w' and shares s → s', a component gives (w + w')/2 · (s' − s) by its value and
    (s + s')/2 · (w' − w) by its weight, together w's' − ws and no remainder (T. L. Bennet, "The Theory of
    Measurement of Changes in Cost of Living", JRSS 83 (1920), 455–462). Of a component that one of the two
    versions does not have, all is by weight. Raises ValueError for two scales.
    """
    if earlier.scale != later.scale:
        raise ValueError(f"scores up to {earlier.scale} and up to {later.scale} have no difference")
    before, after, scale = earlier.leaves(), later.leaves(), float(later.scale)
    by_value, by_weight = {}, {}
    for code in [*before, *(code for code in after if code not in before)]:
        then = before[code][0].share(earlier_values[code]) if code in before else None
        now = after[code][0].share(later_values[code]) if code in after else None
        s, t = _both(then, now)
        w, v = (side[code][1] if code in side else 0.0 for side in (before, after))
        by_value[code] = scale * (w + v) / 2 * (t - s)
        by_weight[code] = scale * (s + t) / 2 * (v - w)
    return Decomposition(by_value, by_weight, _added([*by_value.values(), *by_weight.values()]))


def rank_stability(
    index: IndexVersion, values: Mapping[str, FloatArray], *, seed: int, draws: int = _DRAWS
) -> tuple[FloatArray, FloatArray]:
    """5th and 95th percentile of each province's rank `(..., P)` when every weight varies by up to ±25 %.

    Weights are drawn independently and uniformly, then made to add up to 1 again; the percentiles are ranks
    that occurred. The same seed gives the same answer. NaN where the score is missing.
    """
    leaves = index.leaves()
    shares = np.stack([component.share(values[code]) for code, (component, _) in leaves.items()], axis=-1)
    weights = np.array([weight for _, weight in leaves.values()])
    random = np.random.default_rng(seed)
    drawn = weights * random.uniform(1 - WEIGHT_SPREAD, 1 + WEIGHT_SPREAD, size=(draws, len(weights)))
    drawn /= drawn.sum(axis=1, keepdims=True)
    scores = np.moveaxis(shares @ drawn.T, -1, 0)
    # equal components give equal scores only up to the last digits of floating point
    ordered = np.sort(ranks(np.round(scores, 12), Direction.HIGHER), axis=0)
    low, high = (int(np.ceil(p * draws)) - 1 for p in (0.05, 0.95))
    return ordered[low], ordered[high]


def _leaf_parts(siblings: tuple[Component, ...], whole: Decimal) -> list[tuple[str, tuple[Component, float]]]:
    weights = [node.weight or Decimal(0) for node in siblings]
    if any(weight < 0 for weight in weights) or not sum(weights):
        raise ValueError(f"weights of {[node.code for node in siblings]} do not add up to anything")
    found: list[tuple[str, tuple[Component, float]]] = []
    for node, weight in zip(siblings, weights, strict=True):
        part = whole * weight / sum(weights)
        if part and node.children:
            found += _leaf_parts(node.children, part)
        elif part:
            found.append((node.code, (node, float(part))))
    return found


def _added(contributions: Iterable[FloatArray]) -> FloatArray:
    """One after the other, so that a province alone gets the same bits as among all."""
    return reduce(np.add, contributions)


def _both(then: FloatArray | None, now: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """The two shares; one that does not exist is that of the other side."""
    known = now if then is None else then
    assert known is not None
    return known if then is None else then, known if now is None else now

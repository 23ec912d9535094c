"""Published totals of additive indices against the components that the same source publishes with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import polars as pl

from indicators.core import contradictions as rules
from indicators.core.frames import Floats
from indicators.models import CompositeIndex, IndexComponent, Observation
from indicators.models.facts import ObservationQuerySet
from indicators.services.columns import read_columns
from indicators.services.stating import stated_observation

#: indicator → its row, of one fact: province, period, source.
Beside = dict[int, Observation]
#: Components by their parents.
Tree = Mapping[int | None, list[IndexComponent]]
_BESIDE = ["province", "period", "source"]
#: What rounding to floating point may hide, as a share of a number.
_SLACK = 1e-9


def against_components(
    stated: ObservationQuerySet, totals: Iterable[int], everything: ObservationQuerySet
) -> Iterator[tuple[Observation, rules.Contradiction]]:
    """The ``totals`` (keys) among ``stated`` that the sum of all their components in ``everything``
    contradicts, beyond the rounding of the publisher (``CompositeIndex.rounding``; an index without one is
    not additive and not looked at)."""
    indices = CompositeIndex.objects.exclude(rounding=None).filter(total__in=list(totals))
    for index in indices.prefetch_related("components"):
        assert index.rounding is not None
        tree: dict[int | None, list[IndexComponent]] = defaultdict(list)
        for component in index.components.all():
            tree[component.parent_id].append(component)
        published = _in_force(stated.filter(indicator=index.total_id, category=None), index)
        suspects = _suspects(published, everything, tree, float(index.rounding))
        if not suspects:
            continue
        found_totals = list(published.filter(pk__in=suspects))
        beside = _beside(found_totals, index, everything)
        for total in found_totals:
            parts = _parts(beside[total.province_id, total.period_id, total.source_id], tree, None)
            if parts and (
                found := rules.parts_against_whole(
                    stated_observation(total),
                    [stated_observation(part) for part in parts],
                    tolerance=index.rounding,
                )
            ):
                yield total, found


def _suspects(
    totals: ObservationQuerySet, everything: ObservationQuerySet, tree: Tree, tolerance: float
) -> list[int]:
    """A quick sieve over whole columns, rather too much than too little: the totals (keys) that the intervals
    of their components do not reach."""
    whole = pl.DataFrame(read_columns(totals.order_by(), [*_BESIDE, "observation"], ["lower", "upper"]))
    indicators = [one.indicator_id for siblings in tree.values() for one in siblings if one.indicator_id]
    known = everything.exclude(value=None).filter(indicator__in=indicators, category=None)
    parts = pl.DataFrame(read_columns(known.order_by(), [*_BESIDE, "indicator"], ["lower", "upper"]))
    ends = {
        key: whole.join(of_one, on=_BESIDE, how="left", maintain_order="left", suffix=" of part")
        .select(least="lower of part", most="upper of part")
        .to_numpy()
        for (key,), of_one in parts.group_by("indicator")
    }
    least, most = _summed(tree, None, ends, whole.height).T
    slack = _SLACK * np.maximum(1, np.abs(least))
    over = whole["upper"].to_numpy() <= least - tolerance + slack
    under = whole["lower"].to_numpy() >= most + tolerance - slack
    found: list[int] = whole["observation"].to_numpy()[over | under].tolist()
    return found


def _summed(tree: Tree, parent: int | None, ends: Mapping[int, Floats], size: int) -> Floats:
    """The least and the greatest sum of what is under ``parent``, (size, 2); NaN where a part is missing."""
    nothing = np.full((size, 2), np.nan)
    total = np.zeros((size, 2))
    for component in tree[parent]:
        if component.weight == 0:
            continue
        own = ends.get(component.indicator_id or 0, nothing)
        if component.pk in tree:
            inner = _summed(tree, component.pk, ends, size)
            own = np.where(np.isnan(inner), own, inner)
        total = total + own
    return total


def _in_force(totals: ObservationQuerySet, index: CompositeIndex) -> ObservationQuerySet:
    if index.valid_from:
        totals = totals.filter(period__end__gte=index.valid_from)
    if index.valid_to:
        totals = totals.filter(period__end__lte=index.valid_to)
    return totals


def _beside(
    totals: list[Observation], index: CompositeIndex, everything: ObservationQuerySet
) -> dict[tuple[int, int, int], Beside]:
    """The components that are published with these totals, by (province, period, source)."""
    rows = everything.exclude(value=None).filter(
        indicator__in=[component.indicator_id for component in index.components.all()],
        period__in={total.period_id for total in totals},
        source__in={total.source_id for total in totals},
        category=None,
    )
    found: dict[tuple[int, int, int], Beside] = defaultdict(dict)
    for row in rows.select_related("indicator"):
        found[row.province_id, row.period_id, row.source_id][row.indicator_id] = row
    return found


def _parts(beside: Beside, tree: Tree, parent: int | None) -> list[Observation]:
    """The figures that make up the whole: of each component its parts, or its own figure where they are not
    all there. Empty where something is missing."""
    parts: list[Observation] = []
    for component in tree[parent]:
        if component.weight == 0:
            continue
        own = beside.get(component.indicator_id or 0)
        found = (_parts(beside, tree, component.pk) if component.pk in tree else []) or ([own] if own else [])
        if not found:
            return []
        parts += found
    return parts

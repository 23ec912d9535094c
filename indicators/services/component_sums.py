"""Published totals of additive indices against the components that the same source publishes with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from indicators.core import contradictions as rules
from indicators.models import CompositeIndex, IndexComponent, Observation
from indicators.models.facts import ObservationQuerySet
from indicators.services.stating import stated_observation

#: indicator → its row, of one fact: province, period, source.
Beside = dict[int, Observation]


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
        found_totals = _in_force(stated.filter(indicator=index.total_id, category=None), index)
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


def _in_force(totals: ObservationQuerySet, index: CompositeIndex) -> list[Observation]:
    if index.valid_from:
        totals = totals.filter(period__end__gte=index.valid_from)
    if index.valid_to:
        totals = totals.filter(period__end__lte=index.valid_to)
    return list(totals)


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


def _parts(
    beside: Beside, tree: dict[int | None, list[IndexComponent]], parent: int | None
) -> list[Observation]:
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

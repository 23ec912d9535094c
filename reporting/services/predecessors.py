"""The provinces that a reporting province was made of, and what they had reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from indicators.core.restatement import Content
from indicators.core.stated import Qualifier
from indicators.models import Indicator
from provinces.models import BoundaryChange, Province
from reporting.core.merged import Figure, Sum, together
from reporting.services.known import Known


@dataclass(frozen=True)
class Predecessor:
    """``divided``: it went to several successors, so that its figures cannot be added to one of them."""

    province: Province
    divided: bool


@dataclass(frozen=True)
class Merged:
    """Each predecessor's figure of one period (None where there is none), and all of them together; ``known``
    is that sum as a figure, where there is one."""

    figures: Sequence[tuple[Predecessor, Known | None]]
    sum: Sum
    known: Known | None = None


def predecessors_of(province: Province) -> list[Predecessor]:
    """Empty, without a query, for a province that has always been there."""
    if province.valid_from is None:
        return []
    edges = (
        BoundaryChange.objects.filter(successor=province)
        .select_related("predecessor")
        .annotate(successors=Count("predecessor__successor_changes"))
        .order_by("predecessor__sort_key")
    )
    return [Predecessor(edge.predecessor, edge.successors > 1) for edge in edges]


def merged(indicator: Indicator, found: Sequence[tuple[Predecessor, Known | None]]) -> Merged:
    divided = any(one.divided for one, _known in found)
    figures = [_figure(known) if known else None for _one, known in found]
    result = together(_content(indicator), figures, divided=divided, decimals=indicator.decimals)
    if result.value is None:
        return Merged(found, result)
    qualifier = Qualifier.EXACT if result.exact else Qualifier.ABOUT
    return Merged(found, result, Known(result.value, qualifier.value, indicator.measure))


def _figure(known: Known) -> Figure:
    return Figure(known.value, known.numerator, known.denominator, known.qualifier == Qualifier.EXACT.value)


def _content(indicator: Indicator) -> Content:
    return {Indicator.Kind.COUNT.value: Content.COUNT, Indicator.Kind.RATIO.value: Content.RATIO}.get(
        indicator.kind, Content.OTHER
    )

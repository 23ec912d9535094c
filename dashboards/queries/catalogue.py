"""Indicators, what is computed of them, their breaks, and the mergers."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from dashboards import lens, rows
from dashboards.caching import once_a_generation, once_a_table
from dashboards.queries import mapping
from dashboards.questions import Availability
from indicators.models import Aggregate, Contradiction, Indicator, IndicatorLink, SeriesBreak, Target
from provinces.models import BoundaryChange


@once_a_generation
def indicators() -> dict[str, rows.IndicatorRow]:
    """All definitions by code, in the order of the catalogue. One query."""
    return {row.code: mapping.indicator_row(row) for row in Indicator.objects.all()}


@once_a_generation
def availability() -> Availability:
    """Every slice over the whole country, breakdowns left out. One query."""
    found = Aggregate.objects.nation().filter(category=None, simulated=lens.simulated())
    return Availability(tuple(mapping.slices(found)))


@once_a_table
def slices_of(indicator: str, period: str, geography: str) -> dict[str, rows.Slice]:
    """Group → slice, for one indicator, period and geography. One query."""
    found = Aggregate.objects.filter(
        indicator__code=indicator,
        period__code=period,
        geography__code=geography,
        category=None,
        simulated=lens.simulated(),
    )
    return {row.group: row for row in mapping.slices(found)}


@once_a_generation
def goals(indicator: str) -> list[rows.Goal]:
    """Targets set for an indicator as a whole. One query."""
    found = Target.objects.filter(indicator__code=indicator, category=None)
    found = found.filter(source__simulated=lens.simulated())
    found = found.select_related("province", "indicator", "category", "source")
    return [mapping.goal_row(row) for row in found]


@once_a_generation
def series_breaks() -> dict[str, list[rows.Break]]:
    """Indicator → days from which its figures are not comparable with those before. One query."""
    found: dict[str, list[rows.Break]] = {}
    for row in SeriesBreak.objects.select_related("indicator"):
        mark = rows.Break(day=row.date, label=_("Not comparable"), reason=row.reason)
        found.setdefault(row.indicator.code, []).append(mark)
    return found


@once_a_generation
def definition_breaks(indicator: str) -> list[rows.Break]:
    """Where this definition began or gave way to another. One query."""
    links = IndicatorLink.objects.filter(
        Q(predecessor__code=indicator) | Q(successor__code=indicator)
    ).select_related("predecessor", "successor")
    return [_definition_break(link, indicator) for link in links]


def _definition_break(link: IndicatorLink, indicator: str) -> rows.Break:
    forward = link.predecessor.code == indicator
    other = link.successor if forward else link.predecessor
    return rows.Break(
        day=link.date,
        label=_("New definition"),
        reason=link.reason,
        other=other.code,
        other_name=other.name,
        forward=forward,
        comparable=link.comparable,
    )


@once_a_generation
def mergers() -> list[rows.Merger]:
    """All edges predecessor → successor. One query."""
    edges = BoundaryChange.objects.select_related("predecessor", "successor")
    return [
        rows.Merger(
            predecessor=mapping.province_row(edge.predecessor),
            successor=mapping.province_row(edge.successor),
            day=edge.date,
            legal_basis=edge.legal_basis,
        )
        for edge in edges
    ]


def contradictions(observations: Sequence[int]) -> dict[int, list[str]]:
    """Observation → the sentences that say what contradicts it. One query."""
    english = mapping.reads_english()
    found: dict[int, list[str]] = {}
    for row in Contradiction.objects.filter(observation__in=observations):
        found.setdefault(row.observation_id, []).append(row.sentence_en if english else row.sentence_vi)
    return found

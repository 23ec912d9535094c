"""Every target, and the figures that tell whether it was reached."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards import lens, rows
from dashboards.queries import mapping
from dashboards.queries.province import Figure, figure_row
from indicators.models import Observation, Target
from provinces.models import Province


def every() -> list[rows.Goal]:
    """All targets in the order of their day. One query."""
    found = Target.objects.select_related("province", "indicator", "category", "source")
    return [mapping.goal_row(row) for row in found.filter(source__simulated=lens.simulated())]


def figures(indicators: Iterable[str]) -> dict[tuple[str, str], list[Figure]]:
    """(province, indicator) → current figures that may be ranked, the preferred of each fact. One query."""
    found = Observation.objects.current().usable().preferred().with_context()
    listed: dict[tuple[str, str], list[Figure]] = {}
    for row in found.filter(indicator__code__in=set(indicators), simulated=lens.simulated()):
        listed.setdefault((row.province.slug, row.indicator.code), []).append(figure_row(row))
    return listed


def provinces() -> list[rows.ProvinceRow]:
    """In the Vietnamese alphabet. One query."""
    return [mapping.province_row(row) for row in Province.objects.all()]

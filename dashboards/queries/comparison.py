"""What the comparison page reads: places of provinces, their series, and the peers to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from dashboards import lens, rows
from dashboards.caching import once_a_generation
from dashboards.queries import mapping
from indicators.models import Standing
from provinces.models import Geography, Province, ProvinceDesignation, Region


def places(indicator: str, period: str, geography: str, group: str) -> list[rows.Place]:
    """The provinces of a group, best first; by value where nothing is ranked. One query."""
    found = Standing.objects.filter(
        indicator__code=indicator,
        period__code=period,
        geography__code=geography,
        group=group,
        category=None,
        simulated=lens.simulated(),
    )
    listed = mapping.places(found.order_by("province__sort_key"))
    # Equal places keep the Vietnamese alphabet.
    return sorted(listed, key=lambda place: (place.rank or 0, -place.value))


def series(indicators: Iterable[str], provinces: Iterable[str]) -> list[rows.Place]:
    """Every place of some provinces over time, in their own geographies, oldest first. One query."""
    found = Standing.objects.filter(
        indicator__code__in=set(indicators),
        province__slug__in=set(provinces),
        group="nation",
        category=None,
        simulated=lens.simulated(),
    ).order_by("period__end", "period__start", "geography__valid_from")
    return mapping.places(found)


@once_a_generation
def provinces_of(geography: str) -> list[rows.ProvinceRow]:
    """All provinces of a geography in the Vietnamese alphabet. Two queries; empty before data are loaded."""
    found = Geography.objects.filter(code=geography).first()
    if found is None:
        return []
    return [mapping.province_row(row) for row in Province.objects.of(found)]


@once_a_generation
def regions(geography: str) -> list[rows.Group]:
    """The regions of a geography, north to south. One query."""
    found = Region.objects.filter(geography__code=geography)
    return [rows.Group(f"region:{region.code}", region.name) for region in found]


def kind_groups() -> list[rows.Group]:
    return [
        rows.Group(f"kind:{ProvinceDesignation.Kind.CITY}", _("Centrally run cities")),
        rows.Group(f"kind:{ProvinceDesignation.Kind.PROVINCE}", _("Provinces")),
    ]

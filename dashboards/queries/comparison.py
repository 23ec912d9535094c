"""What the comparison page reads: places of provinces, their series, and the peers to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from dashboards import lens, rows
from dashboards.caching import once_a_generation, once_a_table
from dashboards.queries import catalogue, mapping
from indicators.core.periods import Period
from indicators.models import Standing
from provinces.models import Geography, Province, ProvinceDesignation, Region


@once_a_table
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


@once_a_table
def contradicted(indicator: str, period: str, geography: str, group: str) -> dict[int, list[str]]:
    """Observation → what contradicts it, in sentences, of these ``places``. One query beside theirs."""
    listed = places(indicator, period, geography, group)
    return catalogue.contradictions([place.observation for place in listed if place.stated])


def places_in(indicator: str, slices: Iterable[rows.Slice]) -> dict[tuple[Period, str], list[rows.Place]]:
    """The places of some slices by period and geography, best first. One query."""
    wanted = {(row.period, row.geography) for row in slices}
    found = Standing.objects.filter(
        indicator__code=indicator,
        period__code__in={period.code for period, _geography in wanted},
        group="nation",
        category=None,
        simulated=lens.simulated(),
    )
    by_slice: dict[tuple[Period, str], list[rows.Place]] = {pair: [] for pair in wanted}
    for place in sorted(mapping.places(found), key=lambda place: (place.rank or 0, -place.value)):
        by_slice.get((place.period, place.geography), []).append(place)
    return by_slice


@once_a_table
def series(indicators: tuple[str, ...], provinces: tuple[str, ...]) -> list[rows.Place]:
    """Every place of some provinces over time, in their own geographies, oldest first. One query."""
    found = Standing.objects.filter(
        indicator__code__in=indicators,
        province__slug__in=provinces,
        group="nation",
        category=None,
        simulated=lens.simulated(),
    ).order_by("period__end", "period__start", "geography__valid_from")
    return mapping.places(found)


def places_at(
    wanted: Iterable[tuple[str, Period]], geography: str, group: str
) -> dict[str, list[rows.Place]]:
    """Indicator → its places in a period of its own, in the Vietnamese alphabet. One query."""
    pairs = list(wanted)
    asked = Q()
    for indicator, period in pairs:
        asked |= Q(indicator__code=indicator, period__start=period.start, period__end=period.end)
    found = Standing.objects.filter(
        asked, geography__code=geography, group=group, category=None, simulated=lens.simulated()
    )
    places: dict[str, list[rows.Place]] = {indicator: [] for indicator, _ in pairs}
    for place in mapping.places(found.order_by("province__sort_key")) if pairs else ():
        places[place.indicator].append(place)
    return places


def counts(indicator: str, period: str, geography: str) -> dict[str, tuple[float, float]]:
    """Slug → numerator and denominator, where both stand behind the figure. One query."""
    found = Standing.objects.filter(
        indicator__code=indicator,
        period__code=period,
        geography__code=geography,
        group="nation",
        category=None,
        simulated=lens.simulated(),
        numerator__isnull=False,
        denominator__gt=0,
    )
    listed = found.values_list("province__slug", "numerator", "denominator")
    return {slug: (numerator, denominator) for slug, numerator, denominator in listed}


def breakdown(indicator: str, period: str, geography: str) -> list[rows.Part]:
    """The values of an indicator's categories, province by province. One query."""
    found = Standing.objects.filter(
        indicator__code=indicator,
        period__code=period,
        geography__code=geography,
        group="nation",
        category__isnull=False,
        category__parent=None,
        value__isnull=False,
        simulated=lens.simulated(),
    ).select_related("category__dimension", "province")
    return [
        rows.Part(
            province=row.province.slug,
            dimension=row.category.dimension.code,
            dimension_name=mapping.local(row.category.dimension, "name"),
            category=row.category.code,
            category_name=mapping.local(row.category, "name"),
            value=row.value,
        )
        for row in found.order_by("category__dimension__code", "category__id")
        if row.category and row.value is not None
    ]


def not_restatable(indicator: str, period: str, geography: str) -> list[str]:
    """Slugs of provinces whose predecessors reported, and whose own figure cannot follow from those. One
    query."""
    found = Standing.objects.filter(
        indicator__code=indicator,
        period__code=period,
        geography__code=geography,
        group="nation",
        category=None,
        value=None,
        simulated=lens.simulated(),
    )
    return list(found.order_by("province__sort_key").values_list("province__slug", flat=True))


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

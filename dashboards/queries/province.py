"""What a province's page reads: the province in its time, all its figures, its places, its targets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from dashboards import lens, rows
from dashboards.queries import mapping
from indicators.core.periods import Period
from indicators.models import Observation, Standing, Target
from provinces.models import BoundaryChange, Population, Province


@dataclass(frozen=True)
class Figure:
    """One published figure of a province, as its source states it."""

    province: str
    indicator: str
    period: Period
    category: str
    stated: rows.Stated
    numerator: Decimal | None
    numerator_as_stated: str
    denominator: Decimal | None
    denominator_as_stated: str
    note: str
    missing_reason: str
    status: str
    published: str


@dataclass(frozen=True)
class ProvinceCard:
    """The province with what it was called, where it lies and whom it came from. Missing texts are empty."""

    province: rows.ProvinceRow
    official_name: str
    kind: str
    regions: tuple[str, ...]
    population: int | None
    population_words: str
    predecessors: tuple[rows.Merger, ...]
    successors: tuple[rows.Merger, ...]
    siblings: tuple[rows.ProvinceRow, ...]


def province_card(slug: str) -> ProvinceCard | None:
    """None where no province has this slug. Six queries."""
    found = Province.objects.filter(slug=slug).prefetch_related("designations", "regions__geography").first()
    if found is None:
        return None
    edges = BoundaryChange.objects.filter(
        Q(predecessor=found) | Q(successor=found) | Q(successor__predecessor_changes__predecessor=found)
    )
    mergers = [_merger(edge) for edge in edges.select_related("predecessor", "successor").distinct()]
    census = Population.objects.filter(province=found, definition=Population.Definition.CENSUS).first()
    last = list(found.designations.all())[-1:]
    return ProvinceCard(
        province=mapping.province_row(found),
        official_name=last[0].name if last else found.name,
        kind=str(last[0].get_kind_display()) if last else "",
        regions=_regions(found),
        population=census.persons if census else None,
        population_words=str(census.get_definition_display()) if census else "",
        predecessors=tuple(edge for edge in mergers if edge.successor.slug == slug),
        successors=tuple(edge for edge in mergers if edge.predecessor.slug == slug),
        siblings=tuple(
            edge.predecessor for edge in mergers if slug not in (edge.predecessor.slug, edge.successor.slug)
        ),
    )


def _regions(province: Province) -> tuple[str, ...]:
    """With the geography each belongs to, where they differ between the two."""
    names = {region.geography.code: region.name for region in province.regions.all()}
    if len(set(names.values())) == 1:
        return tuple(names.values())[:1]
    return tuple(f"{name} ({code})" for code, name in names.items())


def _merger(edge: BoundaryChange) -> rows.Merger:
    return rows.Merger(
        mapping.province_row(edge.predecessor),
        mapping.province_row(edge.successor),
        edge.date,
        edge.legal_basis,
    )


def figures(slug: str) -> list[Figure]:
    """All current figures of a province: the preferred source of each fact first. One query."""
    found = Observation.objects.current().filter(province__slug=slug, simulated=lens.simulated())
    return [figure_row(row) for row in found.with_context().by_preference()]


def figure_row(row: Observation) -> Figure:
    return Figure(
        province=row.province.slug,
        indicator=row.indicator.code,
        period=mapping.period_row(row.period),
        category=row.category.name if row.category else "",
        stated=mapping.stated_row(row),
        numerator=row.numerator,
        numerator_as_stated=row.numerator_as_stated,
        denominator=row.denominator,
        denominator_as_stated=row.denominator_as_stated,
        note=row.note,
        missing_reason=str(row.get_missing_reason_display()) if row.missing_reason else "",
        status=str(row.get_status_display()),
        published=row.source.published,
    )


def places(slug: str) -> list[rows.Place]:
    """Where it stands in the whole country, for every indicator and period, oldest first. One query."""
    found = Standing.objects.filter(
        province__slug=slug, group="nation", category=None, simulated=lens.simulated()
    ).order_by("period__end", "period__start", "geography__valid_from")
    return mapping.places(found)


def goals(slug: str) -> list[rows.Goal]:
    """Targets of this province and those for all. One query."""
    found = Target.objects.filter(Q(province__slug=slug) | Q(province=None))
    found = found.filter(source__simulated=lens.simulated())
    return [
        mapping.goal_row(row) for row in found.select_related("province", "indicator", "category", "source")
    ]


def every() -> list[tuple[rows.ProvinceRow, str]]:
    """Every province with its region's name, in the Vietnamese alphabet. Three queries."""
    found = Province.objects.prefetch_related("regions__geography")
    return [(mapping.province_row(row), _region(row)) for row in found]


def matching(text: str) -> set[str]:
    """Slugs of provinces whose name contains ``text``, accents optional. One query."""
    return set(Province.objects.matching(text).values_list("slug", flat=True))


def _region(province: Province) -> str:
    """The region in the newest geography that the province belongs to."""
    regions = sorted(province.regions.all(), key=lambda region: region.geography.valid_from)
    return regions[-1].name if regions else ""

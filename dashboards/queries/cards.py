"""What a figure's card reads: the record, its revisions, other sources, what a computed one is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from dashboards import lens, rows
from dashboards.queries import mapping
from dashboards.queries.province import Figure, figure_row
from indicators.core.periods import Period
from indicators.models import Aggregate, Contradiction, Observation, Standing
from provinces.models import BoundaryChange


@dataclass(frozen=True)
class Record:
    """One published row, with when it was recorded, by which act, and when another took its place."""

    key: int
    figure: Figure
    province: rows.ProvinceRow
    recorded_at: datetime
    superseded_at: datetime | None
    cause: str
    reason: str
    actor: str
    source_note: str


@dataclass(frozen=True)
class Contradicted:
    sentence: str
    stated: tuple[Decimal | None, Decimal | None]
    computed: tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True)
class Summed:
    """A place in a group with the counts that a ratio of sums is made of."""

    place: rows.Place
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True)
class Statistics:
    """A slice with what only its card shows."""

    slice: rows.Slice
    total: float | None
    deviation: float | None


def records(key: int) -> list[Record]:
    """Every row of the fact that ``key`` belongs to, of every source, oldest first; empty where there is no
    such row in view. Two queries."""
    one = Observation.objects.filter(pk=key, simulated=lens.simulated()).first()
    if one is None:
        return []
    fact = {name: getattr(one, name) for name in ("province_id", "indicator_id", "period_id", "category_id")}
    found = Observation.objects.filter(**fact, simulated=one.simulated).with_context().order_by("id")
    return [_record(row) for row in found.select_related("publication__actor")]


def _record(row: Observation) -> Record:
    act = row.publication
    return Record(
        key=row.pk,
        figure=figure_row(row),
        province=mapping.province_row(row.province),
        recorded_at=row.recorded_at,
        superseded_at=row.superseded_at,
        cause=str(act.get_cause_display()),
        reason=act.reason,
        actor=(act.actor.get_full_name() or act.actor.get_username()) if act.actor else "",
        source_note=mapping.local(row.source, "note"),
    )


def contradictions(key: int) -> list[Contradicted]:
    """One query."""
    english = mapping.reads_english()
    return [
        Contradicted(
            row.sentence_en if english else row.sentence_vi,
            (row.stated_lower, row.stated_upper),
            (row.computed_lower, row.computed_upper),
        )
        for row in Contradiction.objects.filter(observation=key)
    ]


def standings(key: int) -> list[tuple[rows.Place, datetime]]:
    """Where a published figure stands in the whole country, in each geography. One query."""
    found = Standing.objects.filter(observation=key, group="nation", simulated=lens.simulated())
    times = dict(found.values_list("geography__code", "computed_at"))
    return [(place, times[place.geography]) for place in mapping.places(found)]


def statistics(indicator: str, period: Period, geography: str, group: str) -> Statistics | None:
    """One query."""
    found = Aggregate.objects.filter(**_slice(indicator, period, geography, group))
    listed = list(mapping.slices(found))
    if not listed:
        return None
    total, deviation = found.values_list("sum", "standard_deviation")[0]
    return Statistics(listed[0], total, deviation)


def members(indicator: str, period: Period, geography: str, group: str) -> list[Summed]:
    """The places that an aggregate is made of, in the Vietnamese alphabet. Two queries."""
    found = Standing.objects.filter(**_slice(indicator, period, geography, group), value__isnull=False)
    counts = {
        slug: counted for slug, *counted in found.values_list("province__slug", "numerator", "denominator")
    }
    places = mapping.places(found.order_by("province__sort_key"))
    return [Summed(place, *counts[place.province.slug]) for place in places]


def standing(indicator: str, period: Period, geography: str, group: str, province: str) -> Standing | None:
    """With its province. One query."""
    found = Standing.objects.filter(**_slice(indicator, period, geography, group), province__slug=province)
    return found.select_related("province").first()


def predecessors(indicator: str, period: Period, province: str) -> list[Summed]:
    """The figures of the provinces that merged into this one. Three queries."""
    merged = BoundaryChange.objects.filter(successor__slug=province).values_list(
        "predecessor__slug", flat=True
    )
    own = set(merged)
    return [row for row in members(indicator, period, "63", "nation") if row.place.province.slug in own]


def within_year(indicator: str, province: str, period: Period) -> list[Record]:
    """Published figures of the year up to the end of ``period``, from its first day: what a quarter is taken
    from. One query."""
    found = Observation.objects.current().filter(
        Q(period__start__year=period.year, period__end__lte=period.end),
        province__slug=province,
        indicator__code=indicator,
        category=None,
        simulated=lens.simulated(),
    )
    listed = found.with_context().select_related("publication__actor").order_by("period__end", "id")
    first = min((row.period.start for row in listed), default=None)
    return [_record(row) for row in listed if row.period.start == first]


def _slice(indicator: str, period: Period, geography: str, group: str) -> dict[str, object]:
    return {
        "indicator__code": indicator,
        "period__start": period.start,
        "period__end": period.end,
        "geography__code": geography,
        "group": group,
        "category": None,
        "simulated": lens.simulated(),
    }

"""Scores of composite indices out of the standings of their components, in the transaction that wrote these.

Whoever recomputes a component holds the lock of the index's published total too (``totals_of``), so that one
worker at a time composes an index and each sees what the others have committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, isnan
from typing import Any

import numpy as np
import polars as pl
from django.utils import timezone

from indicators.core.composite import Component, IndexVersion
from indicators.core.engine import NATION
from indicators.core.frames import NONE, Calendar, Floats, Frame
from indicators.core.index_scores import moved, scored
from indicators.models import CompositeIndex, IndexComponent, IndexScore, Observation, Standing
from indicators.services.contradicting import refresh_component_sums

#: province → indicator → value, of one geography and period.
Slice = dict[int, dict[int, float]]
#: (geography, period) → slice.
Slices = dict[tuple[int, int], Slice]
_SLICED = ("geography_id", "period_id", "province_id", "indicator_id", "value")
_COMPARED = [
    *("score", "published", "complete", "parts", "rank", "rank_of", "rank_p5", "rank_p95", "change"),
    "change_parts",
]


@dataclass(frozen=True)
class Version:
    """A version of an index as the core has it: ``held`` says which indicator (key) holds a component's
    value, ``first`` and ``last`` are the days on which it is in force (ordinals)."""

    row: CompositeIndex
    components: list[IndexComponent]
    index: IndexVersion
    held: dict[str, int]
    leaves: set[str]
    first: int
    last: float

    @property
    def indicators(self) -> set[int]:
        return {*self.held.values(), self.row.total_id}


def totals_of(indicators: Iterable[int]) -> set[int]:
    """The published totals (keys) of the indices that ``indicators`` belong to: to be locked with them."""
    return set(CompositeIndex.objects.made_from(indicators).values_list("total_id", flat=True))


def recompose(*, indicators: Iterable[int], periods: set[int], context: Frame, simulated: bool) -> int:
    """Compute again the indices that ``indicators`` belong to, for ``periods`` (keys) and the period after
    each, whose change refers to it; returns how many rows changed.

    Call in the transaction that wrote the standings of ``indicators``, holding their locks and those of
    ``totals_of(indicators)``.
    """
    indicators = set(indicators)
    rows = list(CompositeIndex.objects.made_from(indicators).values_list("code", "total_id"))
    if not rows:
        return 0
    calendar = context.calendar
    given = periods | {quarter for quarter, *parts in calendar.quarters if periods & set(parts)}
    touched = given | set(calendar.period[np.isin(calendar.previous, list(given))].tolist())
    totals = {total for _, total in rows} - indicators  # those of the given ones are looked at by the caller
    stated = Observation.objects.current().filter(simulated=simulated)
    refresh_component_sums(stated, totals, given, simulated=simulated)
    codes = {code for code, _ in rows}
    return _put_in_place(codes, touched, _composed(codes, touched, context, simulated), simulated)


def scores_of(
    standings: pl.DataFrame, *, codes: set[str], context: Frame, simulated: bool
) -> list[IndexScore]:
    """The scores, as rows that are not saved, that follow from ``standings`` just computed of everything that
    the indices are made from (columns as in the table)."""
    found: Slices = defaultdict(lambda: defaultdict(dict))
    if not standings.is_empty():
        whole = pl.col("category_id").is_null() & (pl.col("group") == NATION)
        for geography, period, province, indicator, value in (
            standings.filter(whole, pl.col("value").is_not_null()).select(_SLICED).iter_rows()
        ):
            found[geography, period][province][indicator] = value
    return _composed(codes, set(context.calendar.period.tolist()), context, simulated, found)


def versions(codes: Iterable[str]) -> list[Version]:
    """All versions of these indices."""
    found = CompositeIndex.objects.filter(code__in=list(codes)).prefetch_related("components")
    return [_version(row) for row in found]


def _composed(
    codes: set[str], periods: set[int], context: Frame, simulated: bool, given: Slices | None = None
) -> list[IndexScore]:
    """The rows of ``periods`` out of the ``given`` slices, or of those that stand."""
    known = versions(codes)
    calendar = context.calendar
    before = calendar.previous[np.isin(calendar.period, list(periods))].tolist()
    components = {key for v in known for key in v.indicators}
    slices = _slices(components, {*periods, *before}, simulated) if given is None else given
    rows: list[IndexScore] = []
    for (geography, period), values in slices.items():
        if period not in periods:
            continue
        for version in _in_force(known, calendar, period):
            common = {"geography_id": geography, "period_id": period, "simulated": simulated}
            earlier = _comparable(version, known, context, period)
            past = slices.get((geography, earlier[1])) if earlier else None
            rows += _scores(version, values, earlier[0] if earlier and past else None, past or {}, common)
    return rows


def _put_in_place(codes: set[str], periods: set[int], rows: list[IndexScore], simulated: bool) -> int:
    """Replace what differs; a row that stands keeps the instant at which it was computed first."""
    standing = IndexScore.objects.filter(index__code__in=codes, period__in=periods, simulated=simulated)
    fresh, stale = compared_scores(standing, rows)
    IndexScore.objects.filter(pk__in=[row.pk for row in stale]).delete()
    IndexScore.objects.bulk_create(fresh, batch_size=1000)
    return max(len(fresh), len(stale))


def compared_scores(
    standing: Iterable[IndexScore], rows: list[IndexScore]
) -> tuple[list[IndexScore], list[IndexScore]]:
    """(those of ``rows`` that do not stand, those that stand and are not among ``rows``)."""
    old, new = {_key(row): row for row in standing}, {_key(row): row for row in rows}
    fresh = [row for key, row in new.items() if key not in old or _content(old[key]) != _content(row)]
    stale = [row for key, row in old.items() if key not in new or _content(new[key]) != _content(row)]
    return fresh, stale


def _key(row: IndexScore) -> tuple[int, ...]:
    return row.index_id, row.period_id, row.geography_id, row.province_id


def _content(row: IndexScore) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _COMPARED)


def _version(row: CompositeIndex) -> Version:
    components = list(row.components.all())
    of_parent: dict[int | None, list[IndexComponent]] = defaultdict(list)
    for component in components:
        of_parent[component.parent_id].append(component)

    def nodes(parent: int | None) -> tuple[Component, ...]:
        return tuple(_node(component, nodes(component.pk)) for component in of_parent[parent])

    return Version(
        row=row,
        components=components,
        index=IndexVersion(row.code, row.version, row.scale, nodes(None)),
        held={c.code: c.indicator_id for c in components if c.indicator_id},
        leaves={c.code for c in components if c.pk not in of_parent},
        first=row.valid_from.toordinal() if row.valid_from else 0,
        last=row.valid_to.toordinal() if row.valid_to else float("inf"),
    )


def _node(component: IndexComponent, children: tuple[Component, ...]) -> Component:
    ends = {}
    if component.highest is not None:
        ends = {"lowest": component.lowest or Decimal(0), "highest": component.highest}
    capped = component.rule in (IndexComponent.Rule.SHARE_OF_MAXIMUM, IndexComponent.Rule.MIN_MAX)
    return Component(component.code, component.weight, capped=capped, children=children, **ends)


def _slices(indicators: set[int], periods: set[int], simulated: bool) -> Slices:
    """The standings' values as they stand."""
    standings = Standing.objects.filter(
        indicator__in=indicators,
        period__in=periods,
        category=None,
        group=NATION,
        simulated=simulated,
        value__isnull=False,
    )
    found: Slices = defaultdict(lambda: defaultdict(dict))
    for geography, period, province, indicator, value in standings.order_by().values_list(*_SLICED):
        found[geography, period][province][indicator] = value
    return found


def _in_force(known: list[Version], calendar: Calendar, period: int) -> list[Version]:
    """The version of each index that held on the last day of the period."""
    end = _end(calendar, period)
    return [version for version in known if version.first <= end <= version.last]


def _comparable(
    version: Version, known: list[Version], context: Frame, period: int
) -> tuple[Version, int] | None:
    """The period before and the version that held in it; None where there is none or a series breaks between
    the two."""
    calendar = context.calendar
    before = int(calendar.previous[calendar.period == period][0])
    if before == NONE:
        return None
    start, end = _end(calendar, before), _end(calendar, period)
    days = {day for key in version.indicators for day in context.definitions[key].breaks}
    if any(start < day <= end for day in days):
        return None
    held = [v for v in _in_force(known, calendar, before) if v.row.code == version.row.code]
    return (held[0], before) if held else None


def _end(calendar: Calendar, period: int) -> int:
    return int(calendar.end[calendar.period == period][0])


def _scores(
    version: Version, values: Slice, earlier: Version | None, past: Slice, common: dict[str, Any]
) -> list[IndexScore]:
    """The rows of the provinces that have any component of the index."""
    components = set(version.held.values())
    provinces = sorted(province for province, own in values.items() if components & own.keys())
    if not provinces:
        return []
    columns = _columns(version, values, provinces)
    found = scored(version.index, columns, len(provinces))
    change = None
    if earlier:
        change = moved((earlier.index, _columns(earlier, past, provinces)), (version.index, columns))
    now, complete = timezone.now(), int(np.count_nonzero(~np.isnan(found.score)))
    rows = []
    for place, province in enumerate(provinces):
        effects = {"by_value": change.by_value, "by_weight": change.by_weight} if change else {}
        moves = _change_parts(effects, place)
        rows.append(
            IndexScore(
                index=version.row,
                province_id=province,
                score=_known(found.score[place]),
                published=values[province].get(version.row.total_id),
                complete=not isnan(found.score[place]),
                parts=_parts(version, columns, found.contributions, place),
                rank=_whole(found.rank[place]),
                rank_of=complete,
                rank_p5=_whole(found.rank_p5[place]),
                rank_p95=_whole(found.rank_p95[place]),
                change=fsum(n for both in moves.values() for n in both.values()) if moves else None,
                change_parts=moves,
                computed_at=now,
                **common,
            )
        )
    return rows


def _columns(version: Version, values: Slice, provinces: list[int]) -> dict[str, Floats]:
    """Component code → values (P,), for every leaf and whatever else an indicator holds."""
    return {
        code: np.array([values.get(p, {}).get(version.held.get(code, NONE), np.nan) for p in provinces])
        for code in version.leaves | version.held.keys()
    }


def _parts(version: Version, columns: dict[str, Floats], given: dict[str, Floats], place: int) -> Any:
    missing = [float("nan")] * (place + 1)
    return {
        component.code: {
            "value": _known(columns.get(component.code, missing)[place]),
            "weight": None if component.weight is None else float(component.weight),
            "contribution": _known(given[component.code][place]),
        }
        for component in version.components
    }


def _change_parts(effects: dict[str, dict[str, Floats]], place: int) -> dict[str, dict[str, float]] | None:
    """What each component moved; None where one of the two scores is missing. Read with ``math.fsum``: its
    sum does not depend on the order."""
    codes = effects["by_value"] if effects else {}
    parts = {code: {name: float(columns[code][place]) for name, columns in effects.items()} for code in codes}
    whole = parts and not any(isnan(number) for part in parts.values() for number in part.values())
    return parts if whole else None


def _known(number: float) -> float | None:
    return None if isnan(number) else float(number)


def _whole(number: float) -> int | None:
    return None if isnan(number) else int(number)

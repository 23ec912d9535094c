"""Composite indices: their versions as trees of weighted components, and the scores computed of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from dashboards import lens, rows
from dashboards.queries import mapping
from indicators.core.periods import Period
from indicators.models import CompositeIndex, IndexComponent, IndexScore


@dataclass(frozen=True)
class Component:
    """A node of a version's tree. ``weight`` is missing while nobody has published it."""

    code: str
    name: str
    weight: float | None
    depth: int
    indicator: str
    has_parts: bool


@dataclass(frozen=True)
class Version:
    key: int
    code: str
    version: str
    name: str
    legal_basis: str
    scale: float
    decimals: int
    total: str
    inferred: bool
    computable: bool
    note: str
    valid_from: date | None
    valid_to: date | None
    components: tuple[Component, ...]


@dataclass(frozen=True)
class ScoredSlice:
    """For which period and geography scores exist: of ``rows`` provinces ``complete`` have all components."""

    version: int
    period: Period
    geography: str
    rows: int
    complete: int


@dataclass(frozen=True)
class Score:
    """``parts`` and ``change_parts`` as in ``indicators.models.IndexScore``."""

    version: int
    period: Period
    geography: str
    province: rows.ProvinceRow
    score: float | None
    published: float | None
    parts: dict[str, dict[str, float | None]]
    rank: int | None
    rank_of: int
    rank_p5: int | None
    rank_p95: int | None
    change: float | None
    change_parts: dict[str, dict[str, float]] | None
    computed_at: Any


def versions(code: str = "") -> list[Version]:
    """All versions of one index, or of all, oldest first. Three queries."""
    found = CompositeIndex.objects.with_components()
    return [_version(row) for row in (found.filter(code=code) if code else found)]


def slices(keys: Iterable[int]) -> list[ScoredSlice]:
    """What is scored of these versions, newest first, the longest of periods that end together. One query."""
    found = IndexScore.objects.filter(index__in=list(keys), simulated=lens.simulated())
    counted = found.order_by().values_list("index_id", "period__start", "period__end", "geography__code")
    listed = [
        ScoredSlice(key, mapping.period_between(start, end), geography, count, complete)
        for key, start, end, geography, count, complete in counted.annotate(Count("id"), Count("score"))
    ]
    return sorted(listed, key=lambda one: (one.period.end, one.period.days, one.complete), reverse=True)


def league(chosen: ScoredSlice) -> list[Score]:
    """The best first; provinces of which a component is missing last. One query."""
    found = IndexScore.objects.league().filter(
        index=chosen.version,
        period__start=chosen.period.start,
        period__end=chosen.period.end,
        geography__code=chosen.geography,
        simulated=lens.simulated(),
    )
    return _scores(found)


def of_province(slug: str) -> list[Score]:
    """Every score of a province, complete or not, oldest first. One query."""
    found = IndexScore.objects.filter(province__slug=slug, simulated=lens.simulated())
    return _scores(found.order_by("period__end", "period__start", "geography__valid_from"))


def _scores(found: Any) -> list[Score]:
    return [
        Score(
            version=row.index_id,
            period=mapping.period_row(row.period),
            geography=row.geography.code,
            province=mapping.province_row(row.province),
            score=row.score,
            published=row.published,
            parts=row.parts,
            rank=row.rank,
            rank_of=row.rank_of,
            rank_p5=row.rank_p5,
            rank_p95=row.rank_p95,
            change=row.change,
            change_parts=row.change_parts,
            computed_at=row.computed_at,
        )
        for row in found.select_related("period", "geography", "province")
    ]


def _version(row: CompositeIndex) -> Version:
    return Version(
        key=row.pk,
        code=row.code,
        version=row.version.split(" (")[0],  # "2024 (inferred)": a tag says so in the reader's language
        name=row.name,
        legal_basis=row.legal_basis,
        scale=float(row.scale),
        decimals=row.total.decimals,
        total=row.total.code,
        inferred=row.inferred,
        computable=row.computable,
        note=row.note,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        components=tuple(_tree(list(row.components.all()), None, 0)),
    )


def _tree(components: list[IndexComponent], parent: int | None, depth: int) -> list[Component]:
    """Each node before its children."""
    nodes = []
    for one in components:
        if one.parent_id != parent:
            continue
        below = _tree(components, one.pk, depth + 1)
        weight = None if one.weight is None else float(one.weight)
        indicator = one.indicator.code if one.indicator else ""
        nodes += [Component(one.code, one.name, weight, depth, indicator, bool(below)), *below]
    return nodes

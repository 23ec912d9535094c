"""Documents, and the figures read in each."""

from __future__ import annotations

from django.db.models import Count, Q

from dashboards import lens, rows
from dashboards.queries import mapping
from dashboards.queries.province import Figure, figure_row
from indicators.models import Observation, Source
from provinces.vietnamese import search_key

_CURRENT = Q(observations__superseded_at=None)


def sources(text: str = "") -> list[rows.Source]:
    """Documents by how many current figures each gives; ``text`` finds titles and publishers with or without
    accents. One query."""
    found = Source.objects.select_related("province").filter(simulated=lens.simulated())
    counted = found.annotate(
        figures=Count("observations", filter=_CURRENT),
        indicators=Count("observations__indicator", filter=_CURRENT, distinct=True),
    )
    wanted = search_key(text)
    return [
        _source(row, row.figures, row.indicators)
        for row in counted.order_by("-figures", "title")
        if wanted in search_key(f"{row.title} {row.publisher}")
    ]


def source(code: str) -> rows.Source | None:
    """None where there is no such document. One query."""
    found = Source.objects.select_related("province").filter(code=code).first()
    return _source(found) if found else None


def figures(code: str, start: int, count: int) -> tuple[int, list[tuple[rows.ProvinceRow, str, Figure]]]:
    """How many current figures a document gives, and ``count`` of them from ``start``. Two queries."""
    found = Observation.objects.current().filter(source__code=code)
    ordered = found.with_context().order_by(
        "indicator__position", "indicator__code", "-period__end", "province__sort_key", "id"
    )
    listed = [
        (mapping.province_row(row.province), row.indicator.name, figure_row(row))
        for row in ordered[start : start + count]
    ]
    return found.count(), listed


def _source(row: Source, figures: int = 0, indicators: int = 0) -> rows.Source:
    return rows.Source(
        code=row.code,
        title=row.title,
        publisher=row.publisher,
        published=row.published,
        reference=row.reference,
        figures=figures,
        province=row.province.name if row.province else "",
        province_slug=row.province.slug if row.province else "",
        note=mapping.local(row, "note"),
        simulated=row.simulated,
        indicators=indicators,
    )

"""From model instances to plain rows, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from dashboards import formatting, rows
from indicators import models
from indicators.core.periods import Period
from provinces.models import Province


def indicator_row(indicator: models.Indicator) -> rows.IndicatorRow:
    return rows.IndicatorRow(
        code=indicator.code,
        name=indicator.name,
        definition=indicator.definition,
        pillar=indicator.pillar,
        pillar_name=str(indicator.get_pillar_display()),
        kind=indicator.kind,
        measure=indicator.measure,
        unit=indicator.unit,
        direction=indicator.direction,
        decimals=indicator.decimals,
        threshold=indicator.coverage_threshold,
        lower_bound=_float(indicator.lower_bound),
        upper_bound=_float(indicator.upper_bound),
        headline=indicator.headline,
        legal_basis=indicator.legal_basis,
        numerator=local(indicator, "numerator"),
        denominator=local(indicator, "denominator"),
        valid_from=indicator.valid_from,
        valid_to=indicator.valid_to,
    )


def province_row(province: Province) -> rows.ProvinceRow:
    return rows.ProvinceRow(
        slug=province.slug,
        name=province.name,
        code=province.code,
        valid_from=province.valid_from,
        valid_to=province.valid_to,
    )


_SLICE_COLUMNS = (
    *("indicator__code", "period__start", "period__end", "geography__code", "group", "reporting", "expected"),
    *("complete", "median", "mean", "ratio_of_sums", "q1", "q3", "minimum", "maximum", "computed_at"),
    "simulated",
)


def slices(found: QuerySet[models.Aggregate]) -> Iterator[rows.Slice]:
    """Read as plain columns: instances of four models a row cost several times the query."""
    for indicator, start, end, *rest in found.values_list(*_SLICE_COLUMNS):
        yield rows.Slice(indicator, period_between(start, end), *rest)


def period_row(period: models.Period) -> Period:
    return period_between(period.start, period.end)


@lru_cache(maxsize=4096)
def period_between(start: date, end: date) -> Period:
    return Period(start, end)


def stated_row(observation: models.Observation) -> rows.Stated:
    """Needs ``source`` fetched along."""
    return rows.Stated(
        value=observation.value,
        qualifier=observation.qualifier,
        as_stated=observation.as_stated,
        status=observation.status,
        lower=observation.lower,
        upper=observation.upper,
        stated_rank=observation.stated_rank,
        stated_rank_of=observation.stated_rank_of,
        confidence=observation.confidence,
        simulated=observation.simulated,
        source_code=observation.source.code,
        source_title=observation.source.title,
        place=observation.place,
        observation=observation.pk,
    )


_PROVINCE_COLUMNS = ("slug", "name_vi", "name_en", "code", "valid_from", "valid_to")
_STATED_COLUMNS = (
    *("value", "qualifier", "as_stated", "status", "lower", "upper", "stated_rank", "stated_rank_of"),
    *("confidence", "simulated", "source__code", "source__title", "place", "id"),
)
_PLACE_COLUMNS = (
    *("value", "restated", "derived", "lower", "upper", "simulated", "rank", "rank_from", "rank_to"),
    *("percentile", "quartile", "difference_to_median", "change_previous", "change_year"),
    *("distance_to_target", "trend"),
)
_SLICE_OF_PLACE = ("period__start", "period__end", "indicator__code", "geography__code")


def places(found: QuerySet[models.Standing]) -> list[rows.Place]:
    """Standings that have a value, read as plain columns (see ``slices``)."""
    english = reads_english()
    columns = (
        *_SLICE_OF_PLACE,
        *(f"province__{name}" for name in _PROVINCE_COLUMNS),
        *(f"observation__{name}" for name in _STATED_COLUMNS),
        *_PLACE_COLUMNS,
    )
    listed = found.filter(value__isnull=False).values_list(*columns)
    return [_place(row, english) for row in listed]


def _place(row: tuple[Any, ...], english: bool) -> rows.Place:
    start, end, indicator, geography = row[:4]
    slug, name_vi, name_en, code, valid_from, valid_to = row[4:10]
    stated = row[10 : 10 + len(_STATED_COLUMNS)]
    value, *rest = row[10 + len(_STATED_COLUMNS) :]
    province = rows.ProvinceRow(slug, (name_en if english else "") or name_vi, code, valid_from, valid_to)
    return rows.Place(
        province,
        period_between(start, end),
        indicator,
        geography,
        value,
        # A computed figure has no observation behind it: all its columns are empty.
        rows.Stated(*stated) if stated[-1] is not None else None,
        *rest,
    )


def goal_row(target: models.Target) -> rows.Goal:
    """Needs province, indicator, category and source fetched along."""
    return rows.Goal(
        indicator=target.indicator.code,
        due=target.due,
        operator=target.operator,
        value=target.value,
        as_stated=target.as_stated,
        stated_outcome=target.stated_outcome,
        basis=target.basis,
        province=target.province.slug if target.province else "",
        province_name=target.province.name if target.province else "",
        category=target.category.name if target.category else "",
        source_code=target.source.code,
        source_title=target.source.title,
        place=target.place,
    )


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def reads_english() -> bool:
    return formatting.language_of(get_language()) == "en"


def local(instance: object, field: str) -> str:
    text: str = getattr(instance, f"{field}_en") if reads_english() else ""
    return text or str(getattr(instance, f"{field}_vi"))

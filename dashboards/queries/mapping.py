"""From model instances to plain rows, in the reader's language."""

from __future__ import annotations

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


def slice_row(aggregate: models.Aggregate) -> rows.Slice:
    """Needs ``indicator``, ``period`` and ``geography`` fetched along."""
    return rows.Slice(
        indicator=aggregate.indicator.code,
        period=period_row(aggregate.period),
        geography=aggregate.geography.code,
        group=aggregate.group,
        reporting=aggregate.reporting,
        expected=aggregate.expected,
        complete=aggregate.complete,
        median=aggregate.median,
        mean=aggregate.mean,
        ratio_of_sums=aggregate.ratio_of_sums,
        q1=aggregate.q1,
        q3=aggregate.q3,
        minimum=aggregate.minimum,
        maximum=aggregate.maximum,
        computed_at=aggregate.computed_at,
        simulated=aggregate.simulated,
    )


def period_row(period: models.Period) -> Period:
    return Period(period.start, period.end)


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


def place_row(standing: models.Standing) -> rows.Place:
    """Needs a value, and province, period, indicator, geography, observation and its source fetched along."""
    return rows.Place(
        province=province_row(standing.province),
        period=period_row(standing.period),
        indicator=standing.indicator.code,
        geography=standing.geography.code,
        value=_known(standing.value),
        stated=stated_row(standing.observation) if standing.observation else None,
        restated=standing.restated,
        derived=standing.derived,
        lower=standing.lower,
        upper=standing.upper,
        simulated=standing.simulated,
        rank=standing.rank,
        rank_from=standing.rank_from,
        rank_to=standing.rank_to,
        percentile=standing.percentile,
        quartile=standing.quartile,
        difference_to_median=standing.difference_to_median,
        change_previous=standing.change_previous,
        change_year=standing.change_year,
        distance_to_target=standing.distance_to_target,
        trend=standing.trend,
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


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("A place needs a value; standings without one are told apart.")
    return value


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def reads_english() -> bool:
    return formatting.language_of(get_language()) == "en"


def local(instance: object, field: str) -> str:
    text: str = getattr(instance, f"{field}_en") if reads_english() else ""
    return text or str(getattr(instance, f"{field}_vi"))

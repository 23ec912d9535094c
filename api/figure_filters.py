"""Which parameters facts, targets and computed figures take, and what they select."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from api.common_filters import (
    by_category,
    by_computed_geography,
    by_from,
    by_group,
    by_indicator,
    by_of_geography,
    by_period,
    by_province,
    by_simulated,
    by_source,
    by_to,
)
from api.filtering import ApiFilterSet, By, CursorListing, FeedListing
from api.parameters import Truth, WhichGeography, Words
from api.time_parameters import Instant
from indicators.core.contradictions import Rule
from indicators.core.verdicts import State
from indicators.models import Observation, Status

AS_OF = Instant(
    end_of_day=True,
    past=True,
    help_text="What was published, and what followed from it, at this instant or end of this day in Vietnam.",
)


def by_as_of(how: Callable[[QuerySet, Any], QuerySet] = lambda rows, instant: rows) -> By:
    """Rows are looked for in tables as of that instant (``api.past``)."""
    return By(AS_OF, how)


def _as_of(queryset: QuerySet[Observation], instant: datetime | None) -> QuerySet[Observation]:
    return queryset.current() if instant is None else queryset.as_of(instant)


class ObservationFilter(ApiFilterSet):
    indicator = by_indicator()
    province = by_province("province__in")
    period = by_period()
    from_ = by_from()
    to = by_to()
    category = by_category()
    status = By(Words(words=list(Status.values), help_text="Statuses."), "status__in")
    source = by_source()
    geography = By(
        WhichGeography(
            help_text="`as-reported`: every province in its own time, every source. `63`, `34`: one figure "
            "a fact, that of the preferred source, in the provinces of that geography: what was reported of "
            "provinces that merged is `restated`, or missing with the reason."
        ),
        by_of_geography("province"),
    )
    as_of = by_as_of(_as_of)
    updated_after = By(
        Instant(end_of_day=True, help_text="Recorded after this instant, or after this day in Vietnam."),
        "recorded_at__gt",
    )
    simulated = by_simulated()

    class Meta:
        form = CursorListing


class RestatedFilter(ObservationFilter):
    """The same parameters on the figures of one geography, which are those of its standings."""

    status = By(ObservationFilter.base_filters["status"].parameter, "observation__status__in")
    source = by_source("observation__source__in")
    geography = By(ObservationFilter.base_filters["geography"].parameter, "geography")
    as_of = by_as_of()
    updated_after = By(ObservationFilter.base_filters["updated_after"].parameter, "computed_at__gt")

    class Meta:
        form = CursorListing


class ChangeFilter(ApiFilterSet):
    indicator = by_indicator()
    province = by_province("province__in")
    simulated = by_simulated()

    class Meta:
        form = FeedListing


class AggregateFilter(ApiFilterSet):
    indicator = by_indicator()
    period = by_period()
    from_ = by_from()
    to = by_to()
    category = by_category()
    group = by_group()
    geography = by_computed_geography()
    as_of = by_as_of()
    simulated = by_simulated()

    class Meta:
        form = CursorListing


class StandingFilter(AggregateFilter):
    province = by_province("province__in")

    class Meta:
        form = CursorListing


class ScoreFilter(ApiFilterSet):
    period = by_period()
    province = by_province("province__in")
    geography = by_computed_geography()
    as_of = by_as_of()
    simulated = by_simulated()


class TargetFilter(ApiFilterSet):
    indicator = by_indicator("target__indicator__in")
    province = by_province("province__in")
    met = By(
        Truth(help_text="Met (`true`), or missed (`false`), as `verdict` says; neither where that is open."),
        lambda rows, met: rows if met is None else rows.filter(verdict=State.MET if met else State.MISSED),
    )
    verdict = By(Words(words=[state.value for state in State], help_text="What became of it."), "verdict__in")
    simulated = by_simulated("target__source__simulated")


class ContradictionFilter(ApiFilterSet):
    province = by_province("observation__province__in")
    indicator = by_indicator("observation__indicator__in")
    rule = By(Words(words=[rule.value for rule in Rule], help_text="Names of rules."), "rule__in")
    as_of = by_as_of()
    simulated = by_simulated("observation__simulated")

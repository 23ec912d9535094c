"""Which parameters provinces, definitions, periods and sources take, and what they select."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from api.common_filters import by_from, by_of_geography, by_simulated, by_to
from api.filtering import Answer, ApiFilterSet, By
from api.parameters import Codes, Text, WhichGeography, Words
from api.search import containing
from api.time_parameters import Day
from indicators.core import periods as core_periods
from indicators.core.calendar_rules import Calendar
from indicators.models import Indicator, Observation, Pillar, Status
from provinces.models import Province, ProvinceDesignation, Region, RegionMembership


class ProvinceFilter(ApiFilterSet):
    geography = By(
        WhichGeography(help_text="Provinces of this geography; `as-reported`: all, each in its own time."),
        by_of_geography("pk"),
    )
    on = By(
        Day(help_text="Provinces valid on this day."), lambda rows, day: rows.valid_on(day) if day else rows
    )
    region = By(
        Codes(model=Region, help_text="Codes of regions, of the geography asked for or of any."),
        lambda rows, regions: rows,  # with the geography, in filter_queryset
    )
    kind = By(
        Words(
            words=list(ProvinceDesignation.Kind.values),
            help_text="Of this kind on the day `on`, otherwise at the end of its time or today.",
        ),
        "kind_then__in",
    )
    q = By(
        Text(help_text="Part of the name, accents and case optional."),
        lambda rows, text: rows.matching(text) if text else rows,
    )

    def filter_queryset(self, queryset: QuerySet[Province]) -> QuerySet[Province]:
        queryset = super().filter_queryset(with_kind(queryset, self.values["on"]))
        if self.values["region"] is None:
            return queryset
        memberships = RegionMembership.objects.filter(region__in=self.values["region"])
        if self.values["geography"]:
            memberships = memberships.filter(geography=self.values["geography"])
        return queryset.filter(pk__in=memberships.values("province"))


def with_kind(queryset: QuerySet[Province], day: date | None = None) -> QuerySet[Province]:
    """``kind_then``: the kind on ``day``; without it at the end of the province's time, or today."""
    then = Value(day) if day else Coalesce(OuterRef("valid_to"), Value(timezone.localdate()))
    designations = ProvinceDesignation.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=then),
        Q(valid_to=None) | Q(valid_to__gte=then),
        province=OuterRef("pk"),
    ).order_by(F("valid_from").desc(nulls_last=True))
    return queryset.annotate(kind_then=Subquery(designations.values("kind")[:1]))


class PlainFilter(ApiFilterSet):
    """Nothing but the parameters of every list."""


class OneFilter(ApiFilterSet):
    """The parameters of one row's address."""

    class Meta:
        form = Answer


class IndicatorFilter(ApiFilterSet):
    pillar = By(Words(words=list(Pillar.values), help_text="Pillars and foundations."), "pillar__in")
    kind = By(Words(words=list(Indicator.Kind.values), help_text="Kinds."), "kind__in")
    valid_on = By(
        Day(help_text="Definitions in force on this day."),
        lambda rows, day: (
            rows.filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day))
            if day
            else rows
        ),
    )
    q = By(
        Text(help_text="Part of code, name or definition, accents and case optional."),
        lambda rows, text: (
            containing(rows, text, "code", "name_vi", "name_en", "definition_vi", "definition_en")
            if text
            else rows
        ),
    )


class PeriodFilter(ApiFilterSet):
    kind = By(Words(words=[kind.value for kind in core_periods.Kind], help_text="Kinds."), "kind__in")
    calendar = By(
        Words(
            words=[calendar.value for calendar in Calendar], help_text="The calendar year, or Decree 09/2019."
        ),
        "calendar__in",
    )
    from_ = by_from("start__gte")
    to = by_to("end__lte")
    simulated = By(
        by_simulated().parameter,
        lambda rows, value: rows.filter(Exists(_figures(value).filter(period=OuterRef("pk")))),
    )


def _figures(simulated: str) -> QuerySet[Observation]:
    figures = Observation.objects.current().exclude(status=Status.WITHDRAWN)
    return figures if simulated == "all" else figures.filter(simulated=simulated == "true")


class SourceFilter(ApiFilterSet):
    q = By(
        Text(help_text="Part of code, title, publisher or reference, accents and case optional."),
        lambda rows, text: (
            containing(rows, text, "code", "title", "publisher", "reference") if text else rows
        ),
    )
    simulated = by_simulated()

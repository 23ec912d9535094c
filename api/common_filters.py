"""Filters that several resources have. Each says the path by which its rows lead to what is asked for."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from api.filtering import By
from api.parameters import Categories, Codes, Pattern, WhichGeography, Words
from api.time_parameters import Edge, Periods
from indicators.models import Category, Indicator, Source
from provinces.models import Province


def by_province(how: str) -> By:
    parameter = Codes(
        model=Province, code="slug", at="api:provinces", help_text="Slugs of provinces, as in `ha-giang`."
    )
    return By(parameter, how)


def by_indicator(how: str = "indicator__in") -> By:
    return By(Codes(model=Indicator, at="api:indicators", help_text="Codes of indicators."), how)


def by_source(how: str = "source__in") -> By:
    return By(Codes(model=Source, at="api:sources", help_text="Codes of sources."), how)


def by_period(how: str = "period__code__in") -> By:
    return By(
        Periods(
            help_text="Codes of periods: `2022-Q1`, `2021-H1`, `2019`, `2024-YTD-09`, `2020-06-01`, "
            "`2019-01-01..2019-04-04`; with `-ND09` in the calendar of Decree 09/2019."
        ),
        how,
    )


def by_from(how: str = "period__start__gte") -> By:
    return By(
        Edge(end=False, help_text="Periods that begin on this date, or with this period, or later."), how
    )


def by_to(how: str = "period__end__lte") -> By:
    return By(
        Edge(end=True, help_text="Periods that end on this date, or with this period, or earlier."), how
    )


def by_category() -> By:
    words = "Codes of categories; `none` for figures of the whole province."
    return By(Categories(model=Category, help_text=words), _of_categories)


def by_simulated(path: str = "simulated") -> By:
    def choose(queryset: QuerySet, value: str) -> QuerySet:
        return queryset if value == "all" else queryset.filter(**{path: value == "true"})

    words = "Simulated figures, made for demonstration: left out (`false`), alone (`true`), or `all`."
    return By(Words(words=["false", "true", "all"], many=False, initial="false", help_text=words), choose)


def by_group() -> By:
    return By(
        Pattern(
            pattern=r"nation|(region|kind|population):[a-z0-9-]+",
            examples=["nation", "region:red-river-delta", "kind:city", "population:over-2-million"],
            help_text="Groups of provinces: `nation`, `region:…`, `kind:…`, `population:…`.",
        ),
        "group__in",
    )


def by_computed_geography() -> By:
    words = "The geography that is compared in; `as-reported` takes them all."
    return By(WhichGeography(help_text=words), "geography")


def _of_categories(queryset: QuerySet, codes: list[str | None] | None) -> QuerySet:
    if codes is None:
        return queryset
    wanted = Q(category__code__in=[code for code in codes if code is not None])
    return queryset.filter(wanted | Q(category=None) if None in codes else wanted)


def by_of_geography(path: str) -> Any:
    def choose(queryset: QuerySet, geography: Any) -> QuerySet:
        if geography is None:
            return queryset
        return queryset.filter(**{f"{path}__in": Province.objects.of(geography)})

    return choose

"""Provinces in the administration: to look at. They are kept in ``provinces/data`` and loaded from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from provinces.models import (
    BoundaryChange,
    Geography,
    Population,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)
from provinces.vietnamese import search_key


class ReadOnly:
    """Nothing is added, changed or deleted here: what is shown is kept in files or published by a service."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def keys_matching(rows: QuerySet[Any], fields: Sequence[str], word: str) -> list[int]:
    """Keys of the ``rows`` that have ``word`` in one of ``fields``, accents and case optional.

    For tables of some hundred rows: PostgreSQL has no accent-free comparison without an extension.
    """
    wanted = search_key(word)
    return [row[0] for row in rows.values_list("pk", *fields) if wanted in search_key(" ".join(row[1:]))]


class AccentFreeSearch:
    """Every word typed must be in one of ``search_fields``: "ty le dung han" finds "Tỷ lệ đúng hạn"."""

    search_fields: Sequence[str]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in search_term.split():
            everything = queryset.model._default_manager.order_by()
            queryset = queryset.filter(pk__in=keys_matching(everything, self.search_fields, word))
        return queryset, False


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    extra = 0
    can_delete = False


class DesignationInline(ReadOnlyInline):
    model = ProvinceDesignation
    fields = ["name_vi", "name_en", "kind", "valid_from", "valid_to", "legal_basis"]


class PopulationInline(ReadOnlyInline):
    model = Population
    fields = ["definition", "year", "persons", "confidence", "note"]


class PredecessorInline(ReadOnlyInline):
    model = BoundaryChange
    fk_name = "successor"
    fields = ["predecessor", "date", "legal_basis"]
    verbose_name_plural = _("predecessors")


class SuccessorInline(ReadOnlyInline):
    model = BoundaryChange
    fk_name = "predecessor"
    fields = ["successor", "date", "legal_basis"]
    verbose_name_plural = _("successors")


class MembershipInline(ReadOnlyInline):
    model = RegionMembership
    fields = ["geography", "region"]


class InForce(admin.SimpleListFilter):
    title = _("geography")
    parameter_name = "geography"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(geography.code, geography.name) for geography in Geography.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        geography = Geography.objects.filter(code=self.value() or "").first()
        return queryset.filter(pk__in=Province.objects.of(geography)) if geography else queryset


@admin.register(Province)
class ProvinceAdmin(ReadOnly, AccentFreeSearch, admin.ModelAdmin):
    list_display = ["name_vi", "code", "slug", "kind", "valid_from", "valid_to"]
    list_filter = [InForce]
    search_fields = ["name_vi", "name_en", "code", "slug"]
    fields = ["name_vi", "name_en", "slug", "code", "iso_3166_2", "valid_from", "valid_to"]
    inlines = [DesignationInline, PredecessorInline, SuccessorInline, MembershipInline, PopulationInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Province]:
        return super().get_queryset(request).prefetch_related("designations")

    @admin.display(description=_("kind"))
    def kind(self, province: Province) -> str:
        """The kind today, or on the last day of a province that has ended."""
        day = province.valid_to or date.today()
        kinds = [
            designation.get_kind_display()
            for designation in province.designations.all()
            if (designation.valid_from or date.min) <= day <= (designation.valid_to or date.max)
        ]
        return kinds[0] if kinds else ""


@admin.register(Geography)
class GeographyAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name_vi", "code", "valid_from", "valid_to", "legal_basis"]


@admin.register(Region)
class RegionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name_vi", "geography", "size", "legal_basis"]
    list_filter = ["geography"]
    list_select_related = ["geography"]
    fields = ["geography", "name_vi", "name_en", "code", "legal_basis", "members"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        return super().get_queryset(request).annotate(provinces_in=models.Count("memberships"))

    @admin.display(description=_("provinces"))
    def size(self, region: Any) -> int:
        return int(region.provinces_in)

    @admin.display(description=_("provinces"))
    def members(self, region: Region) -> str:
        return ", ".join(province.name for province in region.provinces.all())


@admin.register(BoundaryChange)
class BoundaryChangeAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["predecessor", "successor", "date", "legal_basis"]
    list_select_related = ["predecessor", "successor"]
    list_display_links = None

"""Facts and definitions in the administration: to look at.

Definitions and reports are kept in ``indicators/data``; a published fact is corrected or withdrawn by
publishing, never by hand. Each fact shows every version of itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from indicators.models import (
    Category,
    Contradiction,
    Dimension,
    Indicator,
    IndicatorLink,
    Observation,
    Publication,
    RecomputeRun,
    Source,
    Target,
)
from provinces.admin import AccentFreeSearch, ReadOnly, ReadOnlyInline, keys_matching
from provinces.models import Province

_FACT_CONTEXT = ["province", "indicator", "period", "category", "source"]


class SuccessorLinkInline(ReadOnlyInline):
    model = IndicatorLink
    fk_name = "predecessor"
    fields = ["successor", "date", "comparable", "reason_vi"]


class PredecessorLinkInline(ReadOnlyInline):
    model = IndicatorLink
    fk_name = "successor"
    fields = ["predecessor", "date", "comparable", "reason_vi"]


@admin.register(Indicator)
class IndicatorAdmin(ReadOnly, AccentFreeSearch, admin.ModelAdmin):
    list_display = ["name_vi", "code", "pillar", "kind", "unit_vi", "direction", "headline"]
    list_filter = ["pillar", "kind", "direction"]
    search_fields = ["name_vi", "name_en", "code", "definition_vi"]
    inlines = [PredecessorLinkInline, SuccessorLinkInline]


class CategoryInline(ReadOnlyInline):
    model = Category
    fields = ["name_vi", "name_en", "code", "parent"]


@admin.register(Dimension)
class DimensionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["name_vi", "code"]
    inlines = [CategoryInline]


@admin.register(Source)
class SourceAdmin(ReadOnly, AccentFreeSearch, admin.ModelAdmin):
    list_display = ["title", "publisher", "publisher_body", "published", "simulated"]
    list_filter = ["publisher_body", "simulated"]
    search_fields = ["title", "publisher", "code", "reference"]


class Currency(admin.SimpleListFilter):
    """Which versions are listed: those that count now, unless one asks for the others."""

    title = _("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("superseded", _("superseded")), ("all", _("all"))]

    def choices(self, changelist: Any) -> Any:
        everything, *others = super().choices(changelist)
        return [{**everything, "display": _("current")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(superseded_at__isnull=self.value() != "superseded")


class ContradictionInline(ReadOnlyInline):
    model = Contradiction
    fields = ["rule", "sentence_vi"]


@admin.register(Observation)
class ObservationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = [
        *("province", "indicator", "category", "period", "stated", "status", "confidence", "source")
    ]
    list_display_links = ["stated"]
    list_filter = [Currency, "status", "confidence", "qualifier", "simulated", "indicator__pillar"]
    list_select_related = _FACT_CONTEXT
    list_per_page = 50
    search_fields = ["province", "indicator", "source", "period"]
    search_help_text = _("Province, indicator, source or period; accents are optional.")
    show_full_result_count = False
    readonly_fields = ["history"]
    inlines = [ContradictionInline]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in search_term.split():
            queryset = queryset.filter(
                Q(province__in=keys_matching(Province.objects.order_by(), ["name_vi", "slug"], word))
                | Q(indicator__in=keys_matching(Indicator.objects.order_by(), ["name_vi", "code"], word))
                | Q(source__in=keys_matching(Source.objects.order_by(), ["title", "publisher"], word))
                | Q(period__code__istartswith=word)
            )
        return queryset, False

    @admin.display(description=_("as stated"), ordering="value")
    def stated(self, observation: Observation) -> str:
        if observation.value is None:
            if observation.stated_rank is None:
                return observation.get_missing_reason_display()
            return str(_("rank %(rank)s") % {"rank": observation.stated_rank})
        return observation.as_stated or str(observation.value)

    @admin.display(description=_("every version"))
    def history(self, observation: Observation) -> SafeString:
        versions = Observation.objects.filter(
            province=observation.province_id,
            indicator=observation.indicator_id,
            period=observation.period_id,
            category=observation.category_id,
            source=observation.source_id,
        )
        return format_html_join(
            "",
            "<div>{}: {} {} ({}) {}</div>",
            (
                (
                    localize(localtime(version.recorded_at)),
                    self.stated(version),
                    version.get_status_display(),
                    version.publication.get_cause_display(),
                    version.publication.reason,
                )
                for version in versions.select_related("publication").order_by("recorded_at", "id")
            ),
        )


@admin.register(Target)
class TargetAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["indicator", "province", "operator", "value", "due", "stated_outcome", "source"]
    list_filter = ["due", "stated_outcome"]
    list_select_related = ["indicator", "province", "source"]


@admin.register(Publication)
class PublicationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["id", "instant", "cause", "actor", "reason"]
    list_filter = ["cause"]
    list_select_related = ["actor"]
    date_hierarchy = "instant"


@admin.register(RecomputeRun)
class RecomputeRunAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["started_at", "finished_at", "cause", "scope", "units", "rows", "result"]
    list_filter = ["result", "cause"]

"""Forms, people and the trail in the administration. Submissions have pages of their own."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from provinces.vietnamese import sort_key
from reporting.models import AuditRecord, FormLine, FormSection, ProvinceAssignment, ReportingForm
from reporting.services.forms import new_version


def in_use(form: ReportingForm | None) -> bool:
    return form is not None and form.pk is not None and form.submissions.exists()


class FrozenOnceUsed:
    """A used form is read, not changed; the database would refuse it anyway."""

    def form_of(self, obj: Any) -> ReportingForm | None:
        return obj.form if isinstance(obj, FormSection) else obj

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and not in_use(self.form_of(obj))  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not in_use(self.form_of(obj))  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not in_use(self.form_of(obj))  # type: ignore[misc]


class SectionInline(FrozenOnceUsed, admin.TabularInline):
    model = FormSection
    extra = 0
    show_change_link = True


class OncePerForm(BaseInlineFormSet):
    """Says in words what the trigger line_once_per_form would refuse."""

    def clean(self) -> None:
        super().clean()
        asked = FormLine.objects.filter(section__form=self.instance.form_id).exclude(section=self.instance)
        seen = set(asked.values_list("indicator_id", "category_id"))
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if not data or data.get("DELETE") or "indicator" not in data:
                continue
            key = (data["indicator"].pk, data["category"].pk if data.get("category") else None)
            if key in seen:
                raise ValidationError(
                    _("The form asks for “%(name)s” twice."), params={"name": data["indicator"]}
                )
            seen.add(key)


class LineInline(FrozenOnceUsed, admin.TabularInline):
    model = FormLine
    formset = OncePerForm
    extra = 0
    autocomplete_fields = ["indicator"]


@admin.register(ReportingForm)
class ReportingFormAdmin(admin.ModelAdmin):
    list_display = ["code", "version", "name", "calendar", "applies_from", "applies_to", "used"]
    list_filter = ["calendar"]
    search_fields = ["code", "name_vi", "name_en"]
    filter_horizontal = ["provinces"]
    inlines = [SectionInline]
    actions = ["make_new_version"]
    change_form_template = "admin/reporting_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: ReportingForm | None = None) -> list[str]:
        """Of a used form only the day of its retirement stays open."""
        if not in_use(obj):
            return []
        fields = [*ReportingForm._meta.fields, *ReportingForm._meta.many_to_many]
        opened = ("id", "applies_to")
        return [field.name for field in fields if field.editable and field.name not in opened]

    def has_delete_permission(self, request: HttpRequest, obj: ReportingForm | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not in_use(obj)

    @admin.display(boolean=True, description=_("in use"))
    def used(self, form: ReportingForm) -> bool:
        return in_use(form)

    @admin.action(description=_("Make a new version of the chosen form"), permissions=["change"])
    def make_new_version(self, request: HttpRequest, chosen: QuerySet[ReportingForm]) -> HttpResponse | None:
        if len(chosen) != 1:
            self.message_user(request, _("Choose one form."), messages.ERROR)
            return None
        copy = new_version(form=chosen[0])
        return HttpResponseRedirect(reverse("admin:reporting_reportingform_change", args=[copy.pk]))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ReportingForm]) -> None:
        """Many at once: a used one among them is refused by the database, and none is deleted."""
        try:
            with transaction.atomic():
                super().delete_queryset(request, queryset)
        except (IntegrityError, models.ProtectedError):
            self.message_user(request, _("A form in use cannot be deleted."), messages.ERROR)


@admin.register(FormSection)
class FormSectionAdmin(FrozenOnceUsed, admin.ModelAdmin):
    list_display = ["form", "position", "name"]
    list_filter = ["form"]
    inlines = [LineInline]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # sections are made on the page of their form

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Who may change people neither makes a superuser, nor changes one, nor gives single permissions: roles
    are groups. Only a superuser does."""

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, "is_superuser", "user_permissions"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above


@admin.register(ProvinceAssignment)
class ProvinceAssignmentAdmin(admin.ModelAdmin):
    list_display = ["user", "province", "role"]
    list_filter = ["role"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "province__search_key"]
    autocomplete_fields = ["user", "province"]


class OfWhat(admin.SimpleListFilter):
    """By table, with the names that people know."""

    title = _("of what")
    parameter_name = "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tables = AuditRecord.objects.order_by("table").values_list("table", flat=True).distinct()
        return sorted(((table, named(table)) for table in tables), key=lambda pair: sort_key(pair[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
        return queryset.filter(table=self.value()) if self.value() else queryset


def named(table: str) -> str:
    """What people call the rows of a table of the database."""
    between = {
        "auth_user_groups": gettext("role of a user"),
        "auth_group_permissions": gettext("permission of a role"),
        "auth_user_user_permissions": gettext("permission of a user"),
        "reporting_reportingform_provinces": gettext("province of a form"),
    }
    models_of = {model._meta.db_table: model._meta.verbose_name for model in apps.get_models()}
    return between.get(table) or str(models_of.get(table, table))


@admin.register(AuditRecord)
class AuditRecordAdmin(admin.ModelAdmin):
    """Read and searched only."""

    list_display = ["at", "who", "what", "label", "change"]
    list_filter = ["action", OfWhat]
    search_fields = ["actor_name", "label", "table", "address", "old", "new"]
    date_hierarchy = "instant"
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditRecord | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditRecord | None = None) -> bool:
        return False

    @admin.display(description=_("instant"), ordering="id")
    def at(self, record: AuditRecord) -> str:
        return timezone.localtime(record.instant).strftime("%d/%m/%Y %H:%M:%S")

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, record: AuditRecord) -> str:
        name = record.actor_name or gettext("the system")
        return f"{name} ({record.address})" if record.address else name

    @admin.display(description=_("of what"), ordering="table")
    def what(self, record: AuditRecord) -> str:
        return f"{record.get_action_display()}: {named(record.table)}"

    @admin.display(description=_("old → new"))
    def change(self, record: AuditRecord) -> str:
        names = sorted({*(record.old or {}), *(record.new or {})})
        parts = [
            f"{name}: {_short((record.old or {}).get(name))} → {_short((record.new or {}).get(name))}"
            for name in names
            if name not in {"id", "version", "changed_at", "changed_by_id"}
        ]
        return "; ".join(parts[:6]) + (" …" if len(parts) > 6 else "")


def _short(value: Any) -> str:
    text = "–" if value in (None, "") else value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else text[:39] + "…"

"""Tokens and refused requests, for administrators: to look at, and to revoke."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from api.models import Refusal, Token
from api.tokens import revoke_token


class _ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(_ReadOnly):
    list_display = ["name", "user", "beginning", "scopes", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "beginning"]
    fields = readonly_fields = [
        *("user", "name", "beginning", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at")
    ]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        for token in chosen:
            revoke_token(token=token)


@admin.register(Refusal)
class RefusalAdmin(_ReadOnly):
    list_display = ["day", "reason", "count"]
    list_display_links = None
    list_filter = ["reason"]
    date_hierarchy = "day"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

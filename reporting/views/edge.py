"""What all these pages share: who may enter, and the frame of the administration around them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from reporting.models import Submission
from reporting.services.access import Access, access_of

View = Callable[..., HttpResponse]


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def reporting_view(view: View) -> View:
    """For those who report, review or administer. A script whose session has expired is told so, with 401."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff):
            login = reverse("admin:login")
            if wants_json(request):
                return JsonResponse({"login": login}, status=401)
            return redirect_to_login(request.get_full_path(), login)
        request.access = access_of(user)  # type: ignore[attr-defined]
        if not request.access.anything:  # type: ignore[attr-defined]
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def access(request: HttpRequest) -> Access:
    found: Access = request.access  # type: ignore[attr-defined]
    return found


def visible_submission(request: HttpRequest, pk: int) -> Submission:
    """404 for one of another province: whether it exists is nobody else's business."""
    found = (
        Submission.objects.with_context()
        .select_related("opened_by", "submitted_by", "decided_by", "correction_of")
        .filter(pk=pk)
        .first()
    )
    if found is None or not access(request).sees(found.province_id):
        raise Http404
    return found


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    frame = {
        "site_header": admin.site.site_header,
        "site_title": admin.site.site_title,
        "site_url": "/",
        "has_permission": True,
        "is_nav_sidebar_enabled": False,
        "access": access(request),
    }
    return render(request, f"reporting/{template}", frame | context, status=status)

"""How figures are read, compared and computed, in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboards.views.page import page


@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return page(request, "method/page.html", {}, section="method")

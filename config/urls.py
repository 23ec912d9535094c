"""Every address of the site: dashboards at the root, the API under /api/v1/, health, administration."""

from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from config import health

admin.site.site_header = _("Tỉnh Số: administration")
admin.site.site_title = _("Tỉnh Số")
admin.site.index_title = _("Administration of the system")

handler404 = "dashboards.views.searching.not_found"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("quan-tri/bao-cao/", include("reporting.urls")),
    path("quan-tri/api/", include("api.staff_urls")),
    path("quan-tri/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    path("", include("dashboards.urls")),
]

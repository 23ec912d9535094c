"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, path

from dashboards import display
from dashboards.views import catalogue, comparison, method, overview, provinces, reporting, sources

app_name = "dashboards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("so-sanh/", comparison.comparison, name="comparison"),
    path("ban-do/", overview.map_figure, name="map"),
    path("tinh/", provinces.province_list, name="provinces"),
    path("tinh/<slug:slug>/", provinces.province, name="province"),
    path("chi-tieu/", catalogue.indicator_list, name="indicators"),
    path("chi-tieu/<slug:code>/", catalogue.indicator, name="indicator"),
    path("nguon/", sources.source_list, name="sources"),
    path("nguon/<slug:code>/", sources.source, name="source"),
    path("phuong-phap/", method.method, name="method"),
    path("bao-cao/", reporting.reporting_status, name="reporting"),
    path("hien-thi/", display.set_display, name="display"),
    path("ngon-ngu/", display.set_language, name="language"),
]

"""Addresses of the pages."""

from django.urls import URLPattern, URLResolver, path

from dashboards import display
from dashboards.caching import whole_page
from dashboards.views import (
    cards,
    catalogue,
    comparison,
    indices,
    method,
    overview,
    provinces,
    reporting,
    sources,
    targets,
)

app_name = "dashboards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", whole_page(overview.overview), name="overview"),
    path("so-sanh/", whole_page(comparison.comparison), name="comparison"),
    path("ban-do/", whole_page(overview.map_figure), name="map"),
    path("tinh/", whole_page(provinces.province_list), name="provinces"),
    path("tinh/<slug:slug>/", whole_page(provinces.province), name="province"),
    path("chi-tieu/", whole_page(catalogue.indicator_list), name="indicators"),
    path("chi-tieu/<slug:code>/", whole_page(catalogue.indicator), name="indicator"),
    path("chi-so/", whole_page(indices.indices), name="indices"),
    path("chi-so/<slug:code>/", whole_page(indices.index), name="index"),
    path("so-lieu/<int:key>/", whole_page(cards.card), name="card"),
    path("so-lieu/tinh-toan/", whole_page(cards.computed_card), name="computed-card"),
    path("muc-tieu/", whole_page(targets.targets), name="targets"),
    path("nguon/", whole_page(sources.source_list), name="sources"),
    path("nguon/<slug:code>/", whole_page(sources.source), name="source"),
    path("phuong-phap/", whole_page(method.method), name="method"),
    path("bao-cao/", reporting.reporting_status, name="reporting"),
    path("hien-thi/", display.set_display, name="display"),
    path("ngon-ngu/", display.set_language, name="language"),
]

"""Addresses of the pages."""

from collections.abc import Callable

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.clickjacking import xframe_options_exempt

from dashboards import display
from dashboards.views import (
    cards,
    catalogue,
    comparison,
    indices,
    method,
    overview,
    provinces,
    reporting,
    searching,
    sending,
    sources,
    targets,
)
from dashboards.views.looking import looked_at, of_the_present


def framed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Other sites may show this page in a frame; no other page."""
    return xframe_options_exempt(csp_replace({"frame-ancestors": ["*"]})(view))


app_name = "dashboards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", looked_at(overview.overview), name="overview"),
    path("so-sanh/", looked_at(comparison.comparison), name="comparison"),
    path("ban-do/", looked_at(overview.map_figure), name="map"),
    path("tinh/", looked_at(provinces.province_list), name="provinces"),
    path("tinh/<slug:slug>/", looked_at(provinces.province), name="province"),
    path("chi-tieu/", looked_at(catalogue.indicator_list), name="indicators"),
    path("chi-tieu/<slug:code>/", looked_at(catalogue.indicator), name="indicator"),
    path("chi-so/", looked_at(indices.indices), name="indices"),
    path("chi-so/<slug:code>/", looked_at(indices.index), name="index"),
    path("so-lieu/<int:key>/", looked_at(cards.card), name="card"),
    path("so-lieu/tinh-toan/", looked_at(cards.computed_card), name="computed-card"),
    path("muc-tieu/", looked_at(targets.targets), name="targets"),
    path("nguon/", looked_at(sources.source_list), name="sources"),
    path("nguon/<slug:code>/", looked_at(sources.source), name="source"),
    path("tim/", looked_at(searching.search), name="search"),
    path("phuong-phap/", looked_at(method.method), name="method"),
    path("nhung/", framed(looked_at(sending.embedded)), {"address": ""}),
    path("nhung/<path:address>/", framed(looked_at(sending.embedded)), name="embedded"),
    path("bao-cao/", of_the_present(reporting.reporting_status), name="reporting"),
    path("hien-thi/", display.set_display, name="display"),
    path("ngon-ngu/", display.set_language, name="language"),
]

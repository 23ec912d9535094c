"""Addresses of the REST API, below /api/v1/."""

from django.urls import URLPattern, URLResolver, path, re_path

from api import pages, submission_views, views

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.Root.as_view(), name="root"),
    path("provinces/", views.Provinces.as_view(), name="provinces"),
    path("provinces/<slug:slug>/", views.OneProvince.as_view(), name="province"),
    path("geographies/", views.Geographies.as_view(), name="geographies"),
    path("boundary-changes/", views.BoundaryChanges.as_view(), name="boundary-changes"),
    path("indicators/", views.Indicators.as_view(), name="indicators"),
    path("indicators/<slug:code>/", views.OneIndicator.as_view(), name="indicator"),
    path("periods/", views.Periods.as_view(), name="periods"),
    path("observations/", views.Observations.as_view(), name="observations"),
    path("aggregates/", views.Aggregates.as_view(), name="aggregates"),
    path("standings/", views.Standings.as_view(), name="standings"),
    path("targets/", views.Targets.as_view(), name="targets"),
    path("indices/", views.Indices.as_view(), name="indices"),
    path("indices/<slug:code>/scores/", views.IndexScores.as_view(), name="index-scores"),
    path("sources/", views.Sources.as_view(), name="sources"),
    path("contradictions/", views.Contradictions.as_view(), name="contradictions"),
    path("changes/", views.Changes.as_view(), name="changes"),
    path("recompute-runs/", views.RecomputeRuns.as_view(), name="recompute-runs"),
    path("structure/", pages.Structure.as_view(), name="structure"),
    path("submissions/", submission_views.Submissions.as_view(), name="submissions"),
    path("submissions/<int:id>/", submission_views.OneSubmission.as_view(), name="submission"),
    path("schema/", pages.Schema.as_view(), name="schema"),
    path("docs/", pages.docs, name="docs"),
    path("problems/<slug:code>/", pages.Problem.as_view(), name="problem"),
    re_path(r"^[\s\S]*/$", pages.Unknown.as_view()),
]

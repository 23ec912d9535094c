"""Errors are RFC 9457 problem details: what to do, in the reader's language, nothing of the inside."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from api.views import Observations


def test_an_unknown_parameter_is_an_error_that_lists_the_known_ones(api, cast):
    problem = api.problem("observations/?provinz=ha-giang")
    assert problem["parameter"] == "provinz"
    assert {"province", "as_of", "format", "cursor"} <= set(problem["allowed"])
    assert problem["type"].endswith("/api/v1/problems/bad-parameter/")


@pytest.mark.parametrize(
    ("query", "parameter", "allowed"),
    [
        ("observations/?province=atlantis", "province", "ha-giang"),
        ("observations/?province=ha-giang,,cao-bang", "province", None),
        ("observations/?province=", "province", None),
        ("observations/?province=ha%00giang", "province", None),
        ("observations/?indicator=no", "indicator", "dossiers-received"),
        ("observations/?period=H1-2021", "period", "2021-H1"),
        ("observations/?period=9999-12-32", "period", "2021-H1"),
        ("observations/?from=soon", "from", "2021-H1"),
        ("observations/?category=no", "category", "online"),
        ("observations/?status=good", "status", "final"),
        ("observations/?source=no", "source", "ha-giang-2021"),
        ("observations/?geography=65", "geography", "63"),
        ("observations/?as_of=yesterday", "as_of", "2025-06-30"),
        ("observations/?as_of=2021-01-01T00:00:00", "as_of", "2025-06-30"),
        ("observations/?simulated=maybe", "simulated", "all"),
        ("observations/?format=xml", "format", "csv"),
        ("observations/?shape=cube", "shape", "columns"),
        ("provinces/?on=2025-02-30", "on", "2025-06-30"),
        ("provinces/?kind=county", "kind", "city"),
        ("provinces/?region=nowhere", "region", "northern-midlands-and-mountains"),
        ("provinces/?q=" + "x" * 201, "q", None),
        ("provinces/ha-giang/?depth=2", "depth", "format"),
        ("indicators/?pillar=money", "pillar", "digital-government"),
        ("periods/?calendar=lunar", "calendar", "decree09"),
        ("aggregates/?group=all", "group", "nation"),
        ("targets/?met=1", "met", "true"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(api, cast, query, parameter, allowed):
    problem = api.problem(query)
    assert problem["parameter"] == parameter
    assert allowed is None or allowed in problem["allowed"]


def test_every_parameter_at_fault_is_named(api, cast):
    problem = api.problem("observations/?what=1&province=no&period=no")
    assert [error["parameter"] for error in problem["errors"]] == ["what", "province", "period"]


def test_sentences_follow_the_reader(api, cast):
    english = api.problem("observations/?status=good")["detail"]
    assert api.problem("observations/?status=good", headers={"Accept-Language": "fr"})["detail"] == english
    vietnamese = api.get("observations/?status=good", headers={"Accept-Language": "vi-VN,en;q=0.5"})
    assert vietnamese["Content-Language"] == "vi"


@pytest.mark.parametrize(
    "address", ["nothing/", "not%0Athere/", "provinces/atlantis/", "indicators/none/", "problems/none/"]
)
def test_what_is_not_there(api, cast, address):
    assert api.problem(address, 404)["type"].endswith("/problems/not-found/")


def test_an_address_without_its_last_slash_leads_to_the_one_with_it(api, cast):
    assert api.get("observations?province=ha-giang")["Location"] == "/api/v1/observations/?province=ha-giang"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_writing_is_refused(api, cast, method):
    response = getattr(api.client, method)("/api/v1/observations/", "{}", content_type="application/json")
    assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_a_format_nobody_writes(api, cast):
    assert api.problem("observations/", 406, headers={"Accept": "image/png"})["status"] == 406


def test_a_failure_shows_nothing_of_the_inside(api, cast, monkeypatch, caplog):
    def fail(self):
        raise OperationalError("SELECT secret FROM /var/lib")

    monkeypatch.setattr(Observations, "queryset", fail)
    body = api.get("observations/")
    assert (body.status_code, body["Content-Type"]) == (500, "application/problem+json")
    assert not {"SELECT", "secret", "/var", "Traceback"} & set(body.content.decode().split())
    assert "SELECT secret" in caplog.text  # it is in the log


def test_a_problem_type_explains_itself(api, cast):
    address = api.problem("observations/?a=b")["type"].partition("/api/v1/")[2]
    assert api.read(address)["code"] == "bad-parameter"


def test_too_many_requests_are_told_when_to_come_back(api, cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    address = {"REMOTE_ADDR": "192.0.2.77"}
    answers = [api.client.get("/api/v1/provinces/", **address) for _ in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused and 1 <= int(refused[0]["Retry-After"]) <= 60
    assert refused[0]["Content-Type"] == "application/problem+json"
    assert answers[0]["RateLimit-Policy"] == '"anonymous";q=3;w=60'
    assert answers[0]["RateLimit"].startswith('"anonymous";r=2;t=')


def test_any_origin_may_read(api, cast):
    response = api.get("provinces/", headers={"Origin": "https://example.org"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    asked = api.client.options("/api/v1/observations/", headers={"Origin": "https://example.org"})
    assert (asked.status_code, asked["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, OPTIONS")


def test_no_cookie_is_set_or_read(api, cast):
    response = api.get("observations/")
    assert not response.cookies and "Cookie" not in response["Vary"]

"""How often one may ask: what the headers say, and that a Redis that is away stops nobody."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from api import limits
from api.limits import Counts, Limit, Verdict

AWAY = "redis://127.0.0.1:1/0"  # nothing listens there


@pytest.fixture(autouse=True)
def one_minute(monkeypatch):
    """No test runs across the end of a minute."""
    now = int(time.time())
    monkeypatch.setattr(limits, "_seconds", lambda: now)


def test_every_answer_tells_what_is_left(api, cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 5
    first = api.get("provinces/", REMOTE_ADDR="192.0.2.1")
    again = api.get("provinces/", REMOTE_ADDR="192.0.2.1", headers={"If-None-Match": first["ETag"]})
    bad = api.get("provinces/?what=1", REMOTE_ADDR="192.0.2.1")
    assert (first.status_code, again.status_code, bad.status_code) == (200, 304, 400)
    left = [answer["RateLimit"].partition(";t=")[0] for answer in (first, again, bad)]
    assert left == ['"anonymous";r=4', '"anonymous";r=3', '"anonymous";r=2']
    assert first["RateLimit-Policy"] == '"anonymous";q=5;w=60'


def test_another_address_has_a_quota_of_its_own(api, cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    statuses = [api.get("provinces/", REMOTE_ADDR=f"192.0.2.{who}").status_code for who in (2, 2, 3)]
    assert statuses == [200, 429, 200]


def test_no_limit_is_not_told(api, cast):
    assert "RateLimit" not in api.get("provinces/")


def test_while_redis_is_away_the_process_counts(api, cast, settings):
    settings.API_REQUESTS_PER_MINUTE, settings.REDIS_URL = 2, AWAY
    answers = [api.get("provinces/", REMOTE_ADDR="192.0.2.4") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_a_redis_that_is_away_is_not_asked_at_every_request():
    counts = Counts(AWAY)
    assert counts.add("away") == 1
    started = time.perf_counter()
    assert [counts.add("away") for _ in range(100)] == list(range(2, 102))
    assert time.perf_counter() - started < 0.1


def test_a_request_is_counted_once():
    limit, asked = Limit(), SimpleNamespace(api_limit=Verdict("anonymous", 1, 1, 30))
    assert limit.allow_request(SimpleNamespace(_request=asked), None)
    asked.api_limit = Verdict("anonymous", 1, 2, 30)
    assert not limit.allow_request(SimpleNamespace(_request=asked), None) and limit.wait() == 30

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


def test_redis_is_told_of_some_requests_together(monkeypatch):
    """Of a fiftieth of the quota at most, and of what a moment has; the count is right once it was told."""
    told: list[int] = []

    def tell(key: str, given: int) -> int:
        told.append(given)
        return 1000 + sum(told)  # another process has counted a thousand

    counts = Counts("")
    monkeypatch.setattr(counts, "_tell", tell)
    clock = SimpleNamespace(monotonic=lambda: 5.0)
    monkeypatch.setattr(limits, "time", clock)
    assert [counts.add("a", 200) for _ in range(9)] == list(range(1001, 1010))
    assert told == [1, 4, 4]
    clock.monotonic = lambda: 6.0
    assert (counts.add("a", 200), told[3:]) == (1010, [1])
    counts.add("a", 49)
    assert told[4:] == [1]  # of a small quota every one


def test_so_many_addresses_are_remembered(monkeypatch):
    monkeypatch.setattr(limits, "_ADDRESSES", 2)
    counts = Counts("")
    assert [counts.add(key) for key in ("a", "b", "a", "c", "a", "b")] == [1, 1, 2, 1, 3, 1]


def test_a_proxy_says_whom_it_asks_for(settings):
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7, 198.51.100.4"}
    for proxies, address in ((0, "10.0.0.1"), (1, "198.51.100.4"), (2, "192.0.2.7"), (3, "192.0.2.7")):
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
        assert limits._address(environ) == address
        assert limits._address({"REMOTE_ADDR": "10.0.0.1"}) == "10.0.0.1"


def test_a_request_is_counted_once():
    limit, asked = Limit(), SimpleNamespace(api_limit=Verdict("anonymous", 1, 1, 30))
    assert limit.allow_request(SimpleNamespace(_request=asked), None)
    asked.api_limit = Verdict("anonymous", 1, 2, 30)
    assert not limit.allow_request(SimpleNamespace(_request=asked), None) and limit.wait() == 30

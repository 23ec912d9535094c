"""How often one address or token may ask, told in headers (draft-ietf-httpapi-ratelimit-headers-11).

The count stands in Redis, so that all processes share it; each tells a few requests at a time, so that it may
let pass a fiftieth of the quota too much. While Redis does not answer, and where there is none, each process
counts by itself: the API answers all the same.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

WINDOW = 60
_PATIENCE = 0.2  # seconds that Redis may take
_PAUSE = 5  # seconds for which a Redis that did not answer is not asked
# What a process counts by itself: at most this part of a quota, so many requests, for so many seconds.
_SHARE, _TOGETHER, _MOMENT = 50, 20, 0.1
_ADDRESSES = 10_000  # of which a process knows what they asked


@dataclass(frozen=True)
class Verdict:
    """What one request leaves of its quota: ``asked`` requests of ``quota``, new in ``reset`` seconds."""

    policy: str
    quota: int
    asked: int
    reset: int

    @property
    def allowed(self) -> bool:
        return self.asked <= self.quota

    def headers(self) -> tuple[tuple[str, str], tuple[str, str]]:
        left = max(0, self.quota - self.asked)
        return (
            ("RateLimit-Policy", f'"{self.policy}";q={self.quota};w={WINDOW}'),
            ("RateLimit", f'"{self.policy}";r={left};t={self.reset}'),
        )


@dataclass
class _Tally:
    """Of one key: what all had counted when Redis was last asked, and what this process counted since."""

    known: int = 0
    since: int = 0
    until: float = 0.0


class Counts:
    """Counts by key within the current window. Redis is told of some requests together: asking it costs more
    than an answer kept in memory."""

    def __init__(self, url: str) -> None:
        self._redis = None
        self._silent_until = 0.0
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()
        self._lock = threading.Lock()
        if url:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )

    def add(self, key: str, quota: int = 0) -> int:
        """One more. A process counts up to a fiftieth of ``quota`` by itself, for a moment."""
        now = time.monotonic()
        with self._lock:
            tally = self._tally(key)
            tally.since += 1
            if tally.since < min(quota // _SHARE, _TOGETHER) and now < tally.until:
                return tally.known + tally.since
            given, tally.since = tally.since, 0
            tally.known, tally.until = tally.known + given, now + _MOMENT
        told = self._tell(key, given)
        with self._lock:
            tally.known = max(tally.known, told)
            return tally.known + tally.since

    def _tally(self, key: str) -> _Tally:
        tally = self._tallies.setdefault(key, _Tally())
        self._tallies.move_to_end(key)
        while len(self._tallies) > _ADDRESSES:
            self._tallies.popitem(last=False)
        return tally

    def _tell(self, key: str, given: int) -> int:
        """What all have counted; 0 where Redis does not say."""
        if self._redis is None or time.monotonic() < self._silent_until:
            return 0
        try:
            told = int(self._redis.incrby(key, given))  # type: ignore[arg-type]
            if told == given:
                self._redis.expire(key, 2 * WINDOW)
            return told
        except redis.RedisError:
            self._silent_until = time.monotonic() + _PAUSE
            return 0


_counts: dict[str, Counts] = {}
_lock = threading.Lock()


def counts() -> Counts:
    """Those of the Redis that the settings name."""
    with _lock:
        if settings.REDIS_URL not in _counts:
            _counts[settings.REDIS_URL] = Counts(settings.REDIS_URL)
        return _counts[settings.REDIS_URL]


def count_address(environ: dict[str, Any]) -> Verdict | None:
    """Count a request of nobody in particular; None where there is no limit."""
    return _count("anonymous", _address(environ), settings.API_REQUESTS_PER_MINUTE)


def count_token(key: int) -> Verdict | None:
    return _count("token", str(key), settings.API_TOKEN_REQUESTS_PER_MINUTE)


def _address(environ: dict[str, Any]) -> str:
    """Who asks, as the outermost of so many proxies that may say so tells it."""
    proxies, told = api_settings.NUM_PROXIES, environ.get("HTTP_X_FORWARDED_FOR")
    if not proxies or told is None:
        return str(environ.get("REMOTE_ADDR"))
    addresses = str(told).split(",")
    return addresses[-min(proxies, len(addresses))].strip()


def _count(policy: str, who: str, quota: int) -> Verdict | None:
    if not quota:
        return None
    now = _seconds()
    asked = counts().add(f"tinhso:limit:{policy}:{who}:{now // WINDOW}", quota)
    return Verdict(policy, quota, asked, WINDOW - now % WINDOW)


def _seconds() -> int:
    return int(time.time())


class Limit(BaseThrottle):
    """One address in each minute, or one token. A request that was counted already is not counted again."""

    def allow_request(self, request: Request, view: Any) -> bool:
        asked = request._request
        if not hasattr(asked, "api_limit"):
            asked.api_limit = count_token(request.auth.pk) if request.auth else count_address(asked.META)
        self.verdict: Verdict | None = asked.api_limit
        return self.verdict is None or self.verdict.allowed

    def wait(self) -> float:
        return self.verdict.reset if self.verdict else 0


def tell_limit(request: HttpRequest, response: HttpResponse) -> None:
    """RateLimit headers, where a limit was looked at."""
    verdict: Verdict | None = getattr(request, "api_limit", None)
    if verdict is not None:
        for name, text in verdict.headers():
            response[name] = text

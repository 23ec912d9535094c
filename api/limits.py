"""How often one address or token may ask, told in headers (draft-ietf-httpapi-ratelimit-headers-11).

The count stands in Redis, so that all processes share it. While Redis does not answer, and where there is
none, each process counts by itself: the API answers all the same.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60
_PATIENCE = 0.2  # seconds that Redis may take
_PAUSE = 5  # seconds for which a Redis that did not answer is not asked


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


class Counts:
    """Counts by key within the current window."""

    def __init__(self, url: str) -> None:
        self._redis = None
        self._silent_until = 0.0
        if url:
            self._redis = redis.Redis.from_url(
                url,
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )

    def add(self, key: str) -> int:
        if self._redis is not None and time.monotonic() >= self._silent_until:
            try:
                asked = int(self._redis.incr(key))  # type: ignore[arg-type]
                if asked == 1:
                    self._redis.expire(key, 2 * WINDOW)
                return asked
            except redis.RedisError:
                self._silent_until = time.monotonic() + _PAUSE
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key)


_counts: dict[str, Counts] = {}
_lock = threading.Lock()


def counts() -> Counts:
    """Those of the Redis that the settings name."""
    with _lock:
        if settings.REDIS_URL not in _counts:
            _counts[settings.REDIS_URL] = Counts(settings.REDIS_URL)
        return _counts[settings.REDIS_URL]


def count_address(request: HttpRequest | Request) -> Verdict | None:
    """Count a request of nobody in particular; None where there is no limit."""
    ident = BaseThrottle().get_ident(request)  # type: ignore[arg-type]
    return _count("anonymous", ident, settings.API_REQUESTS_PER_MINUTE)


def count_token(key: int) -> Verdict | None:
    return _count("token", str(key), settings.API_TOKEN_REQUESTS_PER_MINUTE)


def _count(policy: str, who: str, quota: int) -> Verdict | None:
    if not quota:
        return None
    now = _seconds()
    asked = counts().add(f"tinhso:limit:{policy}:{who}:{now // WINDOW}")
    return Verdict(policy, quota, asked, WINDOW - now % WINDOW)


def _seconds() -> int:
    return int(time.time())


class Limit(BaseThrottle):
    """One address in each minute, or one token. A request that was counted already is not counted again."""

    def allow_request(self, request: Request, view: Any) -> bool:
        asked = request._request
        if not hasattr(asked, "api_limit"):
            asked.api_limit = count_token(request.auth.pk) if request.auth else count_address(request)
        self.verdict: Verdict | None = asked.api_limit
        return self.verdict is None or self.verdict.allowed

    def wait(self) -> float:
        return self.verdict.reset if self.verdict else 0


def tell_limit(request: HttpRequest, response: HttpResponse) -> None:
    """RateLimit headers, where a limit was looked at."""
    verdict: Verdict | None = getattr(request, "api_limit", None)
    if verdict is not None:
        left = max(0, verdict.quota - verdict.asked)
        response["RateLimit-Policy"] = f'"{verdict.policy}";q={verdict.quota};w={WINDOW}'
        response["RateLimit"] = f'"{verdict.policy}";r={left};t={verdict.reset}'

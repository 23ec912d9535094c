"""How often one address may ask, told in headers (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW = 60


class AnonymousLimit(BaseThrottle):
    """``API_REQUESTS_PER_MINUTE`` of one address in each minute; 0 sets no limit. Counted in each process."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.quota = settings.API_REQUESTS_PER_MINUTE
        if not self.quota:
            return True
        now = time.time()
        self.reset = WINDOW - int(now) % WINDOW
        key = f"api-limit/{self.get_ident(request)}/{int(now) // WINDOW}"
        cache.add(key, 0, timeout=2 * WINDOW)
        asked = cache.incr(key)
        request.rate_limit = (self.quota, max(0, self.quota - asked), self.reset)
        return asked <= self.quota

    def wait(self) -> float:
        return self.reset


def tell_limit(request: Request, response: HttpResponse) -> None:
    """RateLimit headers, where a limit was looked at."""
    quota, left, reset = getattr(request, "rate_limit", (0, 0, 0))
    if quota:
        response["RateLimit-Policy"] = f'"anonymous";q={quota};w={WINDOW}'
        response["RateLimit"] = f'"anonymous";r={left};t={reset}'

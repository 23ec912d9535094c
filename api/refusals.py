"""Every request that was refused is counted, by its reason."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

_COUNT = """
INSERT INTO api_refusal (day, reason, count) VALUES (%s, %s, 1)
ON CONFLICT (day, reason) DO UPDATE SET count = api_refusal.count + 1
"""


def count_refusal(reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [timezone.localdate(), reason])

"""Small upkeep that beat asks for: what the API keeps for itself and needs no more."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from api.models import SubmissionKey

#: For so long the same Idempotency-Key gives the same answer.
KEYS_KEPT = timedelta(days=366)
# The newest change of any slice stays the newest: what goes has a later one of just the same rows, or one of
# all rows of its kind. Numbers are given at the commit; a row without one is still being written.
_REPEATED = """
DELETE FROM api_datachange WHERE id IN (
    SELECT id FROM (
        SELECT id, number,
            row_number() OVER (
                PARTITION BY kind, indicators, provinces, periods ORDER BY number DESC
            ) AS place,
            max(number) FILTER (WHERE indicators IS NULL AND provinces IS NULL AND periods IS NULL)
                OVER (PARTITION BY kind) AS newest_of_all
        FROM api_datachange WHERE number IS NOT NULL
    ) AS listed
    WHERE place > 1 OR number < newest_of_all
)
"""
# What was superseded is never current again, and nothing but the current rows is read as it is written.
_SUPERSEDED = """
DELETE FROM api_writtenrow AS written USING indicators_observation AS fact
WHERE fact.id = written.observation_id AND fact.superseded_at IS NOT NULL
"""


def compact_changes() -> int:
    """Delete changes that no answer depends on any more; returns how many. The feed of changes is made of
    observations and has nothing to do with them."""
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED)
        return int(cursor.rowcount)


def delete_superseded_rows() -> int:
    """Delete the written rows of facts that were superseded; returns how many. The facts stay."""
    with connection.cursor() as cursor:
        cursor.execute(_SUPERSEDED)
        return int(cursor.rowcount)


def delete_old_keys() -> int:
    """Returns how many. A key that was deleted may be used for another report."""
    old = SubmissionKey.objects.filter(used_at__lt=timezone.now() - KEYS_KEPT)
    return old.delete()[0]

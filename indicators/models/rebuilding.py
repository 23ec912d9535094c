"""The work of a full rebuild, cut into pieces that several workers share."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from indicators.models.computed import RecomputeRun


class RebuildChunk(models.Model):
    """Some indicators of a full rebuild. A worker claims one with ``SKIP LOCKED`` and marks it done in the
    transaction that stages its result."""

    run = models.ForeignKey(RecomputeRun, models.CASCADE, related_name="chunks")
    indicators = ArrayField(models.BigIntegerField())
    simulated = models.BooleanField()
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.run_id}: {len(self.indicators)}"

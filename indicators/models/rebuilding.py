"""The work of a full rebuild, cut into pieces that several workers share."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from indicators.models.computed import RecomputeRun


class RebuildChunk(models.Model):
    """Some indicators of a full rebuild, or the scores of one index (``index`` is its code) out of the
    ``indicators`` that it is made from, or an index of the database (``makes`` is its name) upon a table that
    is filled anew, once all its rows are there. A worker claims one with ``SKIP LOCKED`` and marks it done in
    the transaction that stages its result; ``rows`` is how many it computed, and ``waiting`` names the
    indicators that waited to be recomputed when it did."""

    run = models.ForeignKey(RecomputeRun, models.CASCADE, related_name="chunks")
    indicators = ArrayField(models.BigIntegerField())
    index = models.CharField(max_length=40, blank=True)
    makes = models.CharField(max_length=63, blank=True)
    simulated = models.BooleanField()
    rows = models.PositiveIntegerField(default=0)
    waiting = ArrayField(models.BigIntegerField(), default=list)
    done = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.index or self.makes or len(self.indicators)}"

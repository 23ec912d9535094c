"""What the API keeps for itself: that reference data changed, so that cached answers are known to be old."""

from __future__ import annotations

from django.db import models


class ReferenceChange(models.Model):
    """One transaction that wrote provinces, definitions, periods, sources or targets. Database triggers write
    the row in that very transaction: whatever wrote, the row becomes visible together with the change."""

    transaction = models.BigIntegerField()
    instant = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transaction", "instant"], name="reference_change_once")
        ]

    def __str__(self) -> str:
        return f"{self.instant:%Y-%m-%d %H:%M:%S}"

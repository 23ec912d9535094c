"""That a reminder was sent, so that none is sent twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ReminderSent(models.Model):
    """At most one message of each kind to a person on a day."""

    class Kind(models.TextChoices):
        DUTIES = "duties"
        REVIEW = "review"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    day = models.DateField()

    class Meta:
        ordering = ["day", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "day"], name="reminder_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.user_id}"

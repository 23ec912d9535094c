"""What the API keeps for itself: what changed, in order, so that old copies are known to be old."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class DataChange(models.Model):
    """Something that answers are made of was changed by one transaction. Database triggers write the row in
    that very transaction, whoever wrote (migration 0004).

    ``number`` is given at the commit, one transaction after the other: whoever sees a number sees every lower
    one. ``indicators``, ``provinces`` (keys) and ``periods`` (codes) say where; missing means anywhere.
    """

    class Kind(models.TextChoices):
        FACTS = "facts"  # observations, or what contradicts them
        COMPUTED = "computed"  # aggregates and standings
        PERIODS = "periods"  # a period more
        SOURCES = "sources"  # a document more
        TARGETS = "targets"
        RUNS = "runs"
        REFERENCE = "reference"  # whatever else

    number = models.BigIntegerField(null=True, unique=True)
    instant = models.DateTimeField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    indicators = ArrayField(models.BigIntegerField(), null=True)
    provinces = ArrayField(models.BigIntegerField(), null=True)
    periods = ArrayField(models.TextField(), null=True)
    transaction = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "kind"],
                condition=Q(number=None, indicators=None, provinces=None, periods=None),
                name="data_change_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class DataState(models.Model):
    """The number of the newest change. One row, read at every request."""

    number = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_data_state")]

    def __str__(self) -> str:
        return str(self.number)

"""How every reference table stood at any instant. Database triggers write it (migration 0013), whoever
changes a row: a load, the administration, a migration, a shell."""

from __future__ import annotations

from django.db import models


class ReferenceChange(models.Model):
    """What one transaction changed, all of it at one ``instant``: that of its first publication, so that
    facts and what they refer to become known together; otherwise that of its commit.

    ``transaction`` is the number of the one that is writing it, missing from the commit on.
    """

    instant = models.DateTimeField(db_index=True)
    transaction = models.BigIntegerField(null=True, unique=True)

    class Meta:
        ordering = ["instant", "id"]

    def __str__(self) -> str:
        return f"{self.instant:%Y-%m-%d %H:%M:%S}"


class ReferenceVersion(models.Model):
    """Row ``key`` of the table ``relation`` as it stood from a change on: its columns, or nothing where it
    was deleted.

    Of one row the version with the highest ``id`` is the last.
    """

    # Written by triggers alone, which know their change; checking that of each row would slow every load.
    change = models.ForeignKey(
        ReferenceChange, models.DO_NOTHING, related_name="versions", db_constraint=False
    )
    relation = models.CharField(max_length=63)
    key = models.BigIntegerField()
    content = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["relation", "key"], name="reference_version_of_row")]

    def __str__(self) -> str:
        return f"{self.relation} {self.key}"

"""Who did what, when, from which address. Written by triggers (migration 0002), readable, never editable."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditRecord(models.Model):
    """One change of one row. ``old`` and ``new`` hold the columns that changed; secrets are masked.

    ``actor`` is the user's id without a foreign key: the trail outlives what it speaks of. It is missing for
    what the system did by itself (a command, a task).
    """

    class Action(models.TextChoices):
        INSERT = "insert", _("made")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    instant = models.DateTimeField(_("instant"), db_index=True)
    actor = models.BigIntegerField(null=True, db_index=True)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    action = models.CharField(_("action"), max_length=6, choices=Action.choices)
    table = models.CharField(_("of what"), max_length=63)
    row = models.BigIntegerField(_("row"), null=True)
    label = models.CharField(_("which"), max_length=300, blank=True)
    old = models.JSONField(_("old"), null=True)
    new = models.JSONField(_("new"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit record")
        verbose_name_plural = _("audit trail")
        indexes = [models.Index(fields=["table", "row"], name="audit_row")]

    def __str__(self) -> str:
        return f"{self.instant:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.action} {self.table} {self.row}"

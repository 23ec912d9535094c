"""Files of figures between their upload and their confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models import Publication


class ImportBatch(models.Model):
    """One uploaded table. It is read anew at every step; ``counts`` is what was loaded: new, changed,
    same. ``chosen`` (field → heading) and ``constants`` (field → text) say which column is
    which where the headings do not."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for confirmation")
        LOADED = "loaded", _("loaded")
        DISCARDED = "discarded", _("discarded")

    name = models.CharField(_("file"), max_length=200)
    sheet = models.CharField(max_length=100, blank=True)
    chosen = models.JSONField(default=dict, blank=True)
    constants = models.JSONField(default=dict, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.OPEN)
    uploaded_at = models.DateTimeField(_("uploaded"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("import of figures")
        verbose_name_plural = _("imports of figures")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open")
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="import_decided_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportFile(models.Model):
    """The uploaded bytes, apart from the batch so that the audit trail does not hold them. Deleted once the
    batch is decided: the published figures name their source."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.batch)

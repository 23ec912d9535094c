"""Files of figures between their upload and their confirmation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models import Publication


class ImportBatch(models.Model):
    """One uploaded table. It is read anew for every step (``ImportJob``); ``counts`` is what was loaded: new,
    changed, same. ``chosen`` (field → heading) and ``constants`` (field → text) say which column is
    which where the headings do not."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for confirmation")
        LOADED = "loaded", _("loaded")
        DISCARDED = "discarded", _("discarded")

    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(default=0, help_text=_("bytes of text"))
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
    refused = models.BinaryField(null=True, blank=True, help_text=_("the refused rows as a workbook"))

    def __str__(self) -> str:
        return str(self.batch)


class ImportJob(models.Model):
    """What is to be done with a batch, and how far it is: looking at it, or loading it.

    The row is the job; a message to a worker is only a wake-up call. ``result`` is what the look found
    (``importing.jobs``), ``problem`` the code and parameters of a refusal, ``seen`` the counts that were
    confirmed. ``step`` and ``permille`` are written while the work runs, over a connection of their own.
    """

    class Kind(models.TextChoices):
        LOOK = "look", _("looking through the file")
        LOAD = "load", _("loading")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for a worker")
        RUNNING = "running", _("under way")
        DONE = "done", _("done")
        FAILED = "failed", _("refused")

    class Step(models.TextChoices):
        READING = "reading", _("reading the file")
        CHECKING = "checking", _("checking the rows")
        COMPARING = "comparing", _("comparing with what is published")
        WRITING = "writing", _("writing")

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="job")
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.LOOK)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    seen = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    problem = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_from = models.CharField(max_length=45, blank=True)
    language = models.CharField(max_length=5, default="vi")
    step = models.CharField(max_length=9, choices=Step.choices, default=Step.READING)
    permille = models.PositiveSmallIntegerField(default=0)
    touched_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)

    OPEN = (State.WAITING, State.RUNNING)

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.get_kind_display()}, {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

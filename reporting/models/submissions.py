"""A province's filled form: its state, who did what when, and its cells."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.models import MissingReason, Period, Publication, Qualifier, Status
from indicators.models.numbers import ExactNumberField
from provinces.models import Province
from reporting.models.forms import FormLine, ReportingForm


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def with_context(self) -> SubmissionQuerySet:
        return self.select_related("form", "province", "period")

    def latest_versions(self) -> SubmissionQuerySet:
        """The newest version of each form × province × period."""
        return self.order_by("form_id", "province_id", "period_id", "-number").distinct(
            "form_id", "province_id", "period_id"
        )


class Submission(models.Model):
    """One version of what a province reports for a period. ``number`` 1 is the first; a correction after
    publication is the next, with its reason. Accepted ones never change (a trigger sees to it)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    EDITABLE = (State.DRAFT, State.RETURNED)

    form = models.ForeignKey(ReportingForm, models.PROTECT, related_name="submissions")
    province = models.ForeignKey(Province, models.PROTECT, related_name="submissions")
    period = models.ForeignKey(Period, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    return_reason = models.TextField(blank=True)
    correction_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    correction_reason = models.TextField(blank=True)
    suspicion = models.PositiveSmallIntegerField(default=0, help_text=_("warnings at the last submission"))
    differences = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("to the last quarter and the version before, at the last submission"),
    )
    publication = models.ForeignKey(Publication, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-period__end", "province__sort_key", "-number"]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        permissions = [("review_submission", _("Can accept or return submissions"))]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "province", "period", "number"], name="submission_version_once"
            ),
            models.UniqueConstraint(
                fields=["form", "province", "period"],
                condition=~Q(state="accepted"),
                name="submission_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(number=1, correction_of=None, correction_reason="")
                | (Q(number__gt=1, correction_of__isnull=False) & ~Q(correction_reason="")),
                name="submission_correction_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="submission_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "returned"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="submission_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")) | Q(state="submitted"),
                name="submission_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="submission_return_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province} {self.period.code} v{self.number}"

    @property
    def is_editable(self) -> bool:
        return self.state in self.EDITABLE


class Entry(models.Model):
    """One cell, made empty when its submission is opened. What was typed is kept whether it was understood
    or not: ``value`` is missing where ``as_typed`` says nothing that can be read.

    ``version`` counts the changes; a writer says which one was seen (docs/decisions/cell-locking.md).
    """

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="entries")
    line = models.ForeignKey(FormLine, models.PROTECT, related_name="entries")
    as_typed = models.CharField(max_length=200, blank=True)
    value = ExactNumberField(null=True, blank=True)
    qualifier = models.CharField(max_length=9, choices=Qualifier.choices, blank=True)
    status = models.CharField(
        max_length=11,
        choices=[(s.value, s.label) for s in (Status.FINAL, Status.PROVISIONAL, Status.ESTIMATED)],
        default=Status.FINAL,
    )
    numerator_as_typed = models.CharField(max_length=100, blank=True)
    numerator = ExactNumberField(null=True, blank=True)
    denominator_as_typed = models.CharField(max_length=100, blank=True)
    denominator = ExactNumberField(null=True, blank=True)
    missing_reason = models.CharField(max_length=14, choices=MissingReason.choices, blank=True)
    note = models.TextField(blank=True)
    explanation = models.TextField(blank=True, help_text=_("why a warning is right all the same"))
    return_comment = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["submission", "line"]
        verbose_name = _("cell of a form")
        verbose_name_plural = _("cells of forms")
        constraints = [
            models.UniqueConstraint(fields=["submission", "line"], name="entry_once"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gte=0), name="entry_denominator_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}/{self.line_id}: {self.as_typed}"

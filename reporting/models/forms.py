"""Forms as data: what a province is asked for a quarter, in which order, until when."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.core.periods import Period as CorePeriod
from indicators.models import Category, Indicator
from provinces.models import LocalisedName, Province, ProvinceQuerySet, _local


class ReportingFormQuerySet(models.QuerySet["ReportingForm"]):
    def for_period(self, period: CorePeriod) -> ReportingFormQuerySet:
        """The version of each form that applies to ``period``: the latest whose first day is not after it."""
        return (
            self.filter(calendar=period.calendar.value, applies_from__lte=period.end)
            .filter(Q(applies_to=None) | Q(applies_to__gte=period.end))
            .order_by("code", "-version")
            .distinct("code")
        )


class ReportingForm(LocalisedName):
    """One version of a form. Once a submission uses it, the database refuses to change it (migration 0002):
    make a new version. Only ``applies_to`` stays open, so that a used version can be retired."""

    class Calendar(models.TextChoices):
        CALENDAR = "calendar", _("calendar quarters")
        DECREE09 = "decree09", _("quarters closing on the 14th (Decree 09/2019)")

    code = models.SlugField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    calendar = models.CharField(
        _("calendar"), max_length=8, choices=Calendar.choices, default=Calendar.CALENDAR
    )
    applies_from = models.DateField(
        _("applies from"),
        null=True,
        blank=True,
        help_text=_("to periods that end on or after this day; empty: a draft that nobody is asked to fill"),
    )
    applies_to = models.DateField(_("applies to"), null=True, blank=True)
    opens_after_days = models.SmallIntegerField(
        _("opens"), default=-14, help_text=_("days after the end of the period; negative: before it")
    )
    due_after_days = models.SmallIntegerField(
        _("due"), default=15, help_text=_("days after the end of the period")
    )
    provinces = models.ManyToManyField(
        Province,
        blank=True,
        related_name="+",
        verbose_name=_("who must report"),
        help_text=_("empty: every province that exists at the end of the period"),
    )
    instructions_vi = models.TextField(_("instructions (Vietnamese)"), blank=True)
    instructions_en = models.TextField(_("instructions (English)"), blank=True)

    objects = ReportingFormQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("reporting form")
        verbose_name_plural = _("reporting forms")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="form_version_once"),
            models.CheckConstraint(
                condition=Q(opens_after_days__lte=F("due_after_days")), name="form_opens_before_due"
            ),
            models.CheckConstraint(
                condition=Q(applies_to=None) | Q(applies_from__lte=F("applies_to")),
                name="form_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (v{self.version})"

    @property
    def instructions(self) -> str:
        return _local(self, "instructions")

    def applies_to_period(self, period: CorePeriod) -> bool:
        """Whether this version may be asked for ``period``; a later version may be asked instead."""
        return (
            self.calendar == period.calendar.value
            and self.applies_from is not None
            and self.applies_from <= period.end
            and (self.applies_to is None or period.end <= self.applies_to)
        )

    def opens_on(self, period: CorePeriod) -> date:
        return period.end + timedelta(days=self.opens_after_days)

    def due_on(self, period: CorePeriod) -> date:
        """The last day on which a submission is in time."""
        return period.end + timedelta(days=self.due_after_days)

    def reporting_provinces(self, period: CorePeriod) -> ProvinceQuerySet:
        """Who must report for ``period``: those listed, or all, that exist on its last day."""
        valid = Province.objects.valid_on(period.end)
        listed = [province.pk for province in self.provinces.all()] if self.pk else []
        return valid.filter(pk__in=listed) if listed else valid


class FormSection(LocalisedName):
    form = models.ForeignKey(
        ReportingForm, models.CASCADE, related_name="sections", verbose_name=_("reporting form")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        ordering = ["form", "position"]
        verbose_name = _("form section")
        verbose_name_plural = _("form sections")
        constraints = [models.UniqueConstraint(fields=["form", "position"], name="section_position_once")]


class FormLine(models.Model):
    """One cell that is asked for. ``mode`` says which period the figure speaks of: the quarter, or the year
    up to its end. A form asks for an indicator and category once (migration 0002): in the first quarter both
    modes would speak of the same period."""

    class Mode(models.TextChoices):
        QUARTER = "quarter", _("the quarter only")
        YEAR_TO_DATE = "year_to_date", _("from the start of the year")

    section = models.ForeignKey(FormSection, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="form_lines", verbose_name=_("indicator")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    mode = models.CharField(_("entry"), max_length=12, choices=Mode.choices, default=Mode.QUARTER)
    wants_counts = models.BooleanField(
        _("asks for numerator and denominator"), default=False, help_text=_("for percentages of two counts")
    )

    class Meta:
        ordering = ["section", "position"]
        verbose_name = _("form line")
        verbose_name_plural = _("form lines")
        constraints = [
            models.UniqueConstraint(fields=["section", "position"], name="line_position_once"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id}.{self.position} {self.indicator}"

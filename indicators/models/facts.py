"""What was said: periods, sources, published observations (append-only) and targets."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.core import periods as core_periods
from indicators.models.catalogue import Category, Indicator
from indicators.models.numbers import ExactNumberField
from provinces.models import Province, _local


class Period(models.Model):
    """Two dates, both inclusive; code, kind and calendar follow from them (indicators.core.periods)."""

    code = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16)
    calendar = models.CharField(max_length=16)
    start = models.DateField()
    end = models.DateField()

    class Meta:
        ordering = ["end", F("start").desc()]
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        constraints = [
            models.UniqueConstraint(fields=["start", "end"], name="period_once"),
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="period_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def core(self) -> core_periods.Period:
        return core_periods.Period(self.start, self.end)


class Source(models.Model):
    """The document a fact was read in."""

    code = models.SlugField(max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=400)
    publisher = models.CharField(_("publisher"), max_length=200)
    publisher_body = models.SlugField(
        max_length=40, blank=True, help_text=_("the compiling body, in the words of Indicator.compiled_by")
    )
    reference = models.CharField(_("address or reference"), max_length=500, blank=True)
    published = models.CharField(
        _("published"), max_length=10, blank=True, help_text=_("as far as known: 2022, 2022-05 or 2022-05-24")
    )
    province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, related_name="sources")
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    simulated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-published", "title"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.CheckConstraint(
                condition=Q(published__regex=r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"),
                name="source_published_form",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Publication(models.Model):
    """One act of publishing. Acts are serialised: ``id`` is the order in which they became visible."""

    class Cause(models.TextChoices):
        REFERENCE = "reference", _("reference data loaded")
        ACCEPTANCE = "acceptance", _("submission accepted")
        CORRECTION = "correction", _("correction")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        IMPORT = "import", _("import")
        SIMULATION = "simulation", _("simulated data")

    instant = models.DateTimeField(db_index=True)
    cause = models.CharField(max_length=12, choices=Cause.choices)
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("publication")
        verbose_name_plural = _("publications")

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.instant:%Y-%m-%d %H:%M:%S}"


class Qualifier(models.TextChoices):
    EXACT = "exact", _("exactly")
    MORE_THAN = "more_than", _("more than")
    AT_LEAST = "at_least", _("at least")
    LESS_THAN = "less_than", _("less than")
    AT_MOST = "at_most", _("at most")
    NEARLY = "nearly", _("nearly")
    ABOUT = "about", _("about")


class Status(models.TextChoices):
    PROVISIONAL = "provisional", _("provisional")
    ESTIMATED = "estimated", _("estimated")
    FINAL = "final", _("final")
    REVISED = "revised", _("revised")
    WITHDRAWN = "withdrawn", _("withdrawn")


class MissingReason(models.TextChoices):
    NOT_REPORTED = "not_reported", _("not reported")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    NOT_YET_DUE = "not_yet_due", _("not yet due")
    WITHHELD = "withheld", _("withheld")
    NOT_RESTATABLE = "not_restatable", _("cannot be restated")


class Confidence(models.TextChoices):
    READ = "read", _("read in the source")
    DERIVED = "derived", _("worked out from figures of the source")
    AMBIGUOUS = "ambiguous", _("province or period in doubt")


class ObservationQuerySet(models.QuerySet["Observation"]):
    def current(self) -> ObservationQuerySet:
        return self.filter(superseded_at=None)

    def as_of(self, instant: datetime) -> ObservationQuerySet:
        """What was current at ``instant``."""
        return self.filter(Q(superseded_at=None) | Q(superseded_at__gt=instant), recorded_at__lte=instant)

    def real(self) -> ObservationQuerySet:
        return self.filter(simulated=False)

    def usable(self) -> ObservationQuerySet:
        """Stays out of aggregates and ranks otherwise: in doubt, withdrawn, or without a value."""
        return (
            self.exclude(confidence=Confidence.AMBIGUOUS).exclude(status=Status.WITHDRAWN).exclude(value=None)
        )

    def by_preference(self) -> ObservationQuerySet:
        """The preferred row of each fact first: the body that compiles the figure, a printed figure before
        one worked out, then the latest document, then the latest record (domain.md, section 9)."""
        fact = ["province_id", "indicator_id", "period_id", "category_id"]
        # The words of Confidence happen to sort as wanted: read, derived, ambiguous.
        preference = ["-from_compiler", "-confidence", "-source__published", "-recorded_at", "-id"]
        return self.order_by(*fact, *preference)

    def preferred(self) -> ObservationQuerySet:
        """One row a fact (province × indicator × period × category)."""
        return self.by_preference().distinct("province_id", "indicator_id", "period_id", "category_id")

    def with_context(self) -> ObservationQuerySet:
        return self.select_related("province", "indicator", "period", "category", "source")


class Observation(models.Model):
    """One published fact as one source states it. Rows are never changed or deleted (a trigger sees to it):
    a correction is a new row, and the old one gets the instant at which it was superseded.

    ``value`` in the indicator's unit; ``lower`` and ``upper`` are its plausible interval (domain.md, 3).
    ``value`` is missing exactly where ``missing_reason`` says why, or the fact was withdrawn.
    """

    # Province and indicator lead an index of their own below; a second one would only slow every load.
    province = models.ForeignKey(Province, models.PROTECT, related_name="observations", db_index=False)
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations", db_index=False)
    period = models.ForeignKey(Period, models.PROTECT, related_name="observations")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="observations")
    source = models.ForeignKey(Source, models.PROTECT, related_name="observations")
    place = models.CharField(_("place in the source"), max_length=300, blank=True)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="observations")

    value = ExactNumberField(_("value"), null=True, blank=True)
    qualifier = models.CharField(
        _("qualifier"), max_length=9, choices=Qualifier.choices, default=Qualifier.EXACT
    )
    as_stated = models.CharField(_("as stated"), max_length=200, blank=True)
    numerator = ExactNumberField(_("numerator"), null=True, blank=True)
    numerator_as_stated = models.CharField(max_length=100, blank=True)
    denominator = ExactNumberField(_("denominator"), null=True, blank=True)
    denominator_as_stated = models.CharField(max_length=100, blank=True)
    lower = ExactNumberField(null=True, blank=True)
    upper = ExactNumberField(null=True, blank=True)
    status = models.CharField(_("status"), max_length=11, choices=Status.choices, default=Status.FINAL)
    missing_reason = models.CharField(max_length=14, choices=MissingReason.choices, blank=True)
    stated_rank = models.PositiveSmallIntegerField(_("published rank"), null=True, blank=True)
    stated_rank_of = models.PositiveSmallIntegerField(null=True, blank=True)
    confidence = models.CharField(max_length=9, choices=Confidence.choices, default=Confidence.READ)
    derived = models.BooleanField(default=False, help_text=_("a quarter computed from year-to-date figures"))
    simulated = models.BooleanField(default=False)
    from_compiler = models.BooleanField(default=False)
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True, blank=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        indexes = [
            models.Index(fields=["indicator", "period"], name="observation_slice"),
            models.Index(fields=["province", "indicator"], name="observation_province"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "indicator", "period", "category", "source"],
                condition=Q(superseded_at=None),
                nulls_distinct=False,
                name="observation_one_current_per_source",
            ),
            models.CheckConstraint(
                condition=(Q(value=None) & (~Q(missing_reason="") | Q(status=Status.WITHDRAWN)))
                | (Q(value__isnull=False) & Q(missing_reason="") & ~Q(status=Status.WITHDRAWN)),
                name="observation_value_or_reason",
            ),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gt=0), name="observation_denominator_positive"
            ),
            models.CheckConstraint(
                condition=Q(numerator=None) | Q(numerator__gte=0), name="observation_numerator_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(lower=None) | Q(upper=None) | Q(lower__lte=F("upper")),
                name="observation_interval_in_order",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
                name="observation_superseded_after_recorded",
            ),
            models.CheckConstraint(
                condition=Q(stated_rank=None) | Q(stated_rank__gte=1), name="observation_rank_from_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province_id}/{self.indicator_id}/{self.period_id}: {self.as_stated or self.value}"

    @property
    def note(self) -> str:
        return _local(self, "note")


class Target(models.Model):
    """What a province is to reach by a day. ``value`` is missing where the document names the target only."""

    class Operator(models.TextChoices):
        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")
        MORE_THAN = "more_than", _("more than")
        EQUAL = "equal", _("exactly")

    class Outcome(models.TextChoices):
        MET = "met", _("met")
        NOT_MET = "not_met", _("not met")

    province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, related_name="targets")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True)
    due = models.DateField(_("due"))
    operator = models.CharField(max_length=9, choices=Operator.choices)
    value = ExactNumberField(_("value"), null=True, blank=True)
    as_stated = models.CharField(_("as stated"), max_length=200, blank=True)
    stated_outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    basis_vi = models.CharField(max_length=300)
    basis_en = models.CharField(max_length=300)
    source = models.ForeignKey(Source, models.PROTECT, related_name="targets")
    place = models.CharField(max_length=300, blank=True)
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)

    class Meta:
        ordering = ["due", "indicator"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                fields=["province", "indicator", "category", "due", "source"],
                nulls_distinct=False,
                name="target_once_per_source",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.get_operator_display()} {self.value} ({self.due})"

    @property
    def basis(self) -> str:
        return _local(self, "basis")

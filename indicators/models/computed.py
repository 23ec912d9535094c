"""What the system computes out of the facts, and the record of computing it. All of it can be made again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from indicators.models.catalogue import Category, Indicator
from indicators.models.facts import Observation, Period, Publication, Target
from indicators.models.numbers import ExactNumberField
from provinces.models import Geography, Province


class PendingRecompute(models.Model):
    """The outbox: a unit (indicator × period) that a publication touched, written in its transaction.

    Several rows may name one unit. A worker marks them (``figures_stand``) in the transaction in which it
    writes aggregates and standings, and deletes them in the one in which it writes what is read off these.
    What failed is tried again, ``not_before`` an instant that lies further away after each of its
    ``attempts``.
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE)
    period = models.ForeignKey(Period, models.CASCADE)
    simulated = models.BooleanField(default=False)
    figures_stand = models.BooleanField(default=False, db_default=False)
    publication = models.ForeignKey(Publication, models.CASCADE)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["indicator", "period", "simulated"], name="pending_unit")]

    def __str__(self) -> str:
        return f"{self.indicator_id} × {self.period_id}"


class RecomputeRun(models.Model):
    """When something was recomputed, because of what, how much, how long, and how it ended."""

    class Result(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    cause = models.CharField(max_length=40)
    scope = models.CharField(max_length=200)
    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    units = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(
        null=True, help_text=_("rows that a full rebuild found other than they stood; empty: none was made")
    )
    newest_publication = models.PositiveBigIntegerField(
        null=True, help_text=_("the newest publication that a full rebuild began from")
    )
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.RUNNING)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("recomputation")
        verbose_name_plural = _("recomputations")

    def __str__(self) -> str:
        return f"{self.scope}: {self.get_result_display()}"


# Computed rows name facts that have constraints of their own, are written by the hundred thousand and can
# be made again: checking six references a row and keeping six more indexes would cost more than computing
# them.
_LOOSE = {"db_constraint": False, "db_index": False, "related_name": "+"}


class ComputedSlice(models.Model):
    """What aggregates and standings are computed for. ``group`` is ``nation``, ``region:<code>``,
    ``kind:<province|city>`` or ``population:<class>`` within ``geography``."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, **_LOOSE)
    period = models.ForeignKey(Period, models.CASCADE, **_LOOSE)
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, **_LOOSE)
    geography = models.ForeignKey(Geography, models.CASCADE, **_LOOSE)
    group = models.CharField(max_length=60)
    simulated = models.BooleanField(default=False)
    computed_at = models.DateTimeField()

    class Meta:
        abstract = True


class AggregateQuerySet(models.QuerySet["Aggregate"]):
    def nation(self) -> AggregateQuerySet:
        return self.filter(group="nation")


class Aggregate(ComputedSlice):
    """Statistics over a group of provinces. ``coverage`` = reporting / expected; under the indicator's
    threshold the row is ``complete = False``. ``ratio_of_sums`` (per cent) only where every reporting
    province states its counts; it is never the ``mean``, which is unweighted. Missing is ``None``."""

    reporting = models.PositiveSmallIntegerField()
    expected = models.PositiveSmallIntegerField()
    coverage = models.FloatField()
    complete = models.BooleanField()
    sum = models.FloatField(null=True)
    ratio_of_sums = models.FloatField(null=True)
    mean = models.FloatField(null=True)
    median = models.FloatField(null=True)
    q1 = models.FloatField(null=True)
    q3 = models.FloatField(null=True)
    minimum = models.FloatField(null=True)
    maximum = models.FloatField(null=True)
    standard_deviation = models.FloatField(null=True)

    objects = AggregateQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("aggregate")
        verbose_name_plural = _("aggregates")
        constraints = [
            models.UniqueConstraint(
                # What is always there and a number comes first: so it is sorted fastest.
                fields=["indicator", "period", "geography", "simulated", "category", "group"],
                nulls_distinct=False,
                name="aggregate_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} × {self.period_id} × {self.group}"


class RestatementReason(models.TextChoices):
    """Why a figure of merged provinces is missing, each in the words of ``core.restatement.Reason``."""

    PREDECESSOR_MISSING = (
        "predecessor_missing",
        _("not restated: not every province that merged into it reported"),
    )
    COUNTS_MISSING = (
        "counts_missing",
        _("not restated: percentages are not averaged, and the counts behind them are not all known"),
    )
    NOT_RESTATABLE = (
        "not_restatable",
        _("not restated: an average or an index of merged provinces cannot be worked out"),
    )
    NO_PREDECESSOR = "no_predecessor", _("not restated: no province became this one")
    DIVIDED = "divided", _("not restated: a province was divided between several")


class Standing(ComputedSlice):
    """One province within a group: its figure in that geography, and where it stands with it.

    ``observation`` is the fact behind the figure; it is empty where the figure was computed: ``restated``
    from the predecessors, or ``derived`` as a quarter out of year-to-date figures. ``value`` is missing only
    where predecessors reported and the figure cannot be restated: ``missing_reason`` says so, and
    ``covered_share`` (0 to 1, by population) how far they reach. Ranks are missing where the indicator has no
    direction. Changes and the distance to the target are in the indicator's unit, and missing across a break.
    """

    class Trend(models.TextChoices):
        RISING = "rising", _("rising")
        FALLING = "falling", _("falling")
        STEADY = "steady", _("steady")

    province = models.ForeignKey(Province, models.CASCADE, **_LOOSE | {"related_name": "standings"})
    observation = models.ForeignKey(Observation, models.CASCADE, null=True, **_LOOSE)
    restated = models.BooleanField(default=False)
    derived = models.BooleanField(default=False)
    value = models.FloatField(null=True)
    lower = models.FloatField(null=True)
    upper = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    missing_reason = models.CharField(max_length=20, choices=RestatementReason.choices, blank=True)
    covered_share = models.FloatField(null=True)
    rank = models.PositiveSmallIntegerField(null=True)
    rank_from = models.PositiveSmallIntegerField(null=True)
    rank_to = models.PositiveSmallIntegerField(null=True)
    percentile = models.FloatField(null=True)
    quartile = models.PositiveSmallIntegerField(null=True)
    difference_to_median = models.FloatField(null=True)
    difference_to_best = models.FloatField(null=True)
    change_previous = models.FloatField(null=True)
    change_year = models.FloatField(null=True)
    distance_to_target = models.FloatField(null=True)
    trend = models.CharField(max_length=7, choices=Trend.choices, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [models.Index(fields=["province", "indicator"], name="standing_province")]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period", "geography", "simulated", "category", "group", "province"],
                nulls_distinct=False,
                name="standing_once",
            ),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(missing_reason=""),
                name="standing_value_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province_id}: {self.rank}"


class Contradiction(models.Model):
    """A stated figure that its counts, parts or neighbours contradict: shown beside it, never corrected."""

    observation = models.ForeignKey(Observation, models.CASCADE, related_name="contradictions")
    rule = models.CharField(_("rule"), max_length=60)
    stated_lower = ExactNumberField(null=True)
    stated_upper = ExactNumberField(null=True)
    computed_lower = ExactNumberField(null=True)
    computed_upper = ExactNumberField(null=True)
    sentence_vi = models.TextField()
    sentence_en = models.TextField()
    detected_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("contradiction")
        verbose_name_plural = _("contradictions")
        constraints = [models.UniqueConstraint(fields=["observation", "rule"], name="contradiction_once")]

    def __str__(self) -> str:
        return f"{self.rule}: {self.observation_id}"


class WorkerHeartbeat(models.Model):
    """The instant at which a worker last ran a task; /readyz reads it. One row."""

    instant = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_heartbeat")]

    def __str__(self) -> str:
        return f"{self.instant:%Y-%m-%d %H:%M:%S}"


class TargetVerdict(models.Model):
    """What became of a target in one province that it is for. It depends on the day: no such table is kept,
    ``indicators.services.judging`` makes it for whoever asks."""

    target = models.ForeignKey(Target, models.DO_NOTHING, related_name="+")
    province = models.ForeignKey(Province, models.DO_NOTHING, related_name="+")
    verdict = models.CharField(max_length=9)
    by_figures = models.CharField(max_length=9)
    observation = models.ForeignKey(Observation, models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.target_id} {self.province_id}: {self.verdict}"

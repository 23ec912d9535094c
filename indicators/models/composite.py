"""Composite indices as data: versions with their weights, and the scores that follow from components."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.models.catalogue import Indicator
from indicators.models.facts import Period
from indicators.models.numbers import ExactNumberField
from provinces.models import Geography, LocalisedName, Province, _local


class CompositeIndexQuerySet(models.QuerySet["CompositeIndex"]):
    def in_force(self, day: date) -> CompositeIndexQuerySet:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def made_from(self, indicators: Iterable[int]) -> CompositeIndexQuerySet:
        """The indices that take one of ``indicators`` (keys) as a component or as their published total."""
        keys = list(indicators)
        return self.filter(Q(total__in=keys) | Q(components__indicator__in=keys)).distinct()

    def with_components(self) -> CompositeIndexQuerySet:
        return self.select_related("total").prefetch_related("components__indicator")


class CompositeIndex(LocalisedName):
    """One version of a composite index. Weights belong to a version: another decision, another row.

    ``scale`` is the best score. ``total`` is the indicator that holds the totals as published, which the
    scores explain. ``rounding`` is what the publisher's own rounding may add between the sum of the published
    components and the published total; where it is missing the two are not held against each other.
    """

    class Weights(models.TextChoices):
        PUBLISHED = "published", _("published with the index")
        INFERRED = "inferred", _("inferred from published totals")
        UNPUBLISHED = "unpublished", _("not published: the index cannot be computed")

    code = models.SlugField(_("code"), max_length=40)
    version = models.CharField(_("version"), max_length=40)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    scale = ExactNumberField(_("best score"))
    total = models.ForeignKey(Indicator, models.PROTECT, related_name="composite_indices")
    weights = models.CharField(_("weights"), max_length=11, choices=Weights.choices)
    rounding = ExactNumberField(null=True, blank=True)
    note_vi = models.TextField(blank=True)
    note_en = models.TextField(blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    objects = CompositeIndexQuerySet.as_manager()

    class Meta:
        ordering = ["code", F("valid_from").asc(nulls_first=True)]
        verbose_name = _("composite index")
        verbose_name_plural = _("composite indices")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="composite_index_version_once"),
            models.CheckConstraint(condition=Q(scale__gt=0), name="composite_index_scale_positive"),
            models.CheckConstraint(
                condition=Q(rounding=None) | Q(rounding__gte=0), name="composite_index_rounding_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="composite_index_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(weights="published") | ~Q(note_vi="") & ~Q(note_en=""),
                name="composite_index_weights_explained",
            ),
        ]

    @property
    def note(self) -> str:
        return _local(self, "note")

    @property
    def computable(self) -> bool:
        return self.weights != self.Weights.UNPUBLISHED

    @property
    def inferred(self) -> bool:
        """Nobody published these weights: whatever is computed with them has to say so."""
        return self.weights == self.Weights.INFERRED


class IndexComponent(LocalisedName):
    """A node of an index. Weights count among siblings. ``weight`` is missing while it is not published.

    A component with children may have an indicator too: it holds the published value of them all together,
    taken where one of them is missing.
    """

    class Rule(models.TextChoices):
        PARTS = "parts", _("out of its parts")
        PUBLISHED = "published", _("published score of the component")
        SHARE_OF_MAXIMUM = "share_of_maximum", _("share of the maximum")
        MIN_MAX = "min_max", _("between fixed goalposts")

    index = models.ForeignKey(CompositeIndex, models.CASCADE, related_name="components")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    code = models.SlugField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    weight = ExactNumberField(_("weight"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=16, choices=Rule.choices)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="index_components"
    )
    lowest = ExactNumberField(null=True, blank=True, help_text=_("goalpost at which the share is 0"))
    highest = ExactNumberField(null=True, blank=True, help_text=_("maximum, or goalpost at which it is 1"))

    class Meta:
        ordering = ["index", "position"]
        verbose_name = _("component of an index")
        verbose_name_plural = _("components of indices")
        constraints = [
            models.UniqueConstraint(fields=["index", "code"], name="index_component_once"),
            models.CheckConstraint(
                condition=Q(weight=None) | Q(weight__gte=0), name="index_component_weight_not_negative"
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="index_component_not_its_parent"),
            models.CheckConstraint(
                condition=Q(rule="parts", indicator=None, lowest=None, highest=None)
                | Q(rule__in=["published", "share_of_maximum"], indicator__isnull=False)
                & Q(lowest=None, highest__gt=0)
                | Q(rule="min_max", indicator__isnull=False, lowest__isnull=False, highest__isnull=False)
                & ~Q(lowest=F("highest")),
                name="index_component_rule_has_its_numbers",
            ),
        ]


class IndexScoreQuerySet(models.QuerySet["IndexScore"]):
    def real(self) -> IndexScoreQuerySet:
        return self.filter(simulated=False)

    def of_index(self, code: str) -> IndexScoreQuerySet:
        """All versions together: at one time only one of them is in force."""
        return self.filter(index__code=code)

    def league(self) -> IndexScoreQuerySet:
        """The best first; provinces of which a component is missing last."""
        return self.order_by(F("rank").asc(nulls_last=True), "province__sort_key")

    def with_context(self) -> IndexScoreQuerySet:
        return self.select_related("index", "period", "geography", "province").prefetch_related(
            "index__components"
        )


class IndexScore(models.Model):
    """The score of one province, with what it is made of and what moved it.

    ``parts``: component code → ``value`` (in the component's own unit), ``weight``, ``contribution`` (in
    points of the score); null says missing. Contributions of the components at the top add up to ``score``.
    ``score`` is missing while a component is (``complete`` false). ``published`` is the total as published.
    ``change`` is against the period before, missing across a break; ``change_parts``: component code →
    ``by_value``, ``by_weight``, which add up to it. Ranks are among ``rank_of`` complete provinces;
    ``rank_p5`` to ``rank_p95`` is where nine in ten draws of weights (each ± 25 %) put the province.
    """

    index = models.ForeignKey(CompositeIndex, models.CASCADE, related_name="scores")
    period = models.ForeignKey(Period, models.CASCADE, related_name="+")
    geography = models.ForeignKey(Geography, models.CASCADE, related_name="+")
    province = models.ForeignKey(Province, models.CASCADE, related_name="index_scores")
    simulated = models.BooleanField(default=False)
    score = models.FloatField(null=True)
    published = models.FloatField(null=True)
    complete = models.BooleanField()
    parts = models.JSONField()
    rank = models.PositiveSmallIntegerField(null=True)
    rank_of = models.PositiveSmallIntegerField()
    rank_p5 = models.PositiveSmallIntegerField(null=True)
    rank_p95 = models.PositiveSmallIntegerField(null=True)
    change = models.FloatField(null=True)
    change_parts = models.JSONField(null=True)
    computed_at = models.DateTimeField()

    objects = IndexScoreQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("score of a composite index")
        verbose_name_plural = _("scores of composite indices")
        indexes = [models.Index(fields=["province", "index"], name="index_score_province")]
        constraints = [
            models.UniqueConstraint(
                fields=["index", "period", "geography", "province", "simulated"], name="index_score_once"
            ),
            models.CheckConstraint(
                condition=Q(complete=True, score__isnull=False, rank__isnull=False, rank_p5__isnull=False)
                & Q(rank_p95__gte=F("rank_p5"), rank__gte=1, rank_of__gte=F("rank"))
                | Q(complete=False, score=None, rank=None, rank_p5=None, rank_p95=None, change=None),
                name="index_score_complete_or_missing",
            ),
            models.CheckConstraint(
                condition=Q(change=None, change_parts=None)
                | Q(change__isnull=False, change_parts__isnull=False),
                name="index_score_change_with_its_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.province_id}: {self.score}"

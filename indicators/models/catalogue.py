"""What is measured: indicators, their breakdowns, and the links between one definition and the next."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from indicators.models.numbers import ExactNumberField
from provinces.models import LocalisedName, _local


class Pillar(models.TextChoices):
    """The three pillars of digital transformation, its foundations (749/QĐ-TTg), and published indices."""

    DIGITAL_GOVERNMENT = "digital-government", _("Digital government")
    DIGITAL_ECONOMY = "digital-economy", _("Digital economy")
    DIGITAL_SOCIETY = "digital-society", _("Digital society")
    INFRASTRUCTURE = "infrastructure", _("Infrastructure")
    HUMAN_RESOURCES = "human-resources", _("Human resources")
    CYBERSECURITY = "cybersecurity", _("Network and information safety")
    INSTITUTIONS = "institutions", _("Institutions")
    AWARENESS = "awareness", _("Awareness")
    COMPOSITE = "composite", _("Composite indices")


class Dimension(LocalisedName):
    """A breakdown: administrative level, channel of submission."""

    code = models.SlugField(unique=True)

    class Meta:
        ordering = ["code"]
        verbose_name = _("dimension")
        verbose_name_plural = _("dimensions")


class Category(LocalisedName):
    """One part within a dimension. An observation without a category speaks of the whole province."""

    dimension = models.ForeignKey(Dimension, models.PROTECT, related_name="categories")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("the category that contains this one; only children of one parent add up"),
    )
    code = models.SlugField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["dimension", "position", "code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.UniqueConstraint(fields=["dimension", "code"], name="category_once")]


class Indicator(LocalisedName):
    """One definition. When a definition changes a new indicator begins, joined by an ``IndicatorLink``."""

    class Kind(models.TextChoices):
        RATIO = "ratio", _("ratio of two counts")
        RATE = "rate", _("percentage without counts")
        COUNT = "count", _("count")
        SCORE = "score", _("score")

    class Measure(models.TextChoices):
        PERCENT = "percent", _("percentage")
        COUNT = "count", _("count")
        SCORE = "score", _("score")

    class Direction(models.TextChoices):
        HIGHER = "higher", _("higher is better")
        LOWER = "lower", _("lower is better")
        NONE = "none", _("no judgement")

    code = models.SlugField(_("code"), max_length=80, unique=True)
    definition_vi = models.TextField()
    definition_en = models.TextField()
    pillar = models.CharField(_("pillar"), max_length=20, choices=Pillar.choices)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    measure = models.CharField(max_length=8, choices=Measure.choices)
    unit_vi = models.CharField(max_length=40)
    unit_en = models.CharField(max_length=40)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    numerator_vi = models.CharField(max_length=200, blank=True)
    numerator_en = models.CharField(max_length=200, blank=True)
    denominator_vi = models.CharField(max_length=200, blank=True)
    denominator_en = models.CharField(max_length=200, blank=True)
    numerator_indicator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="numerator_of"
    )
    denominator_indicator = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="denominator_of"
    )
    dimensions = models.ManyToManyField(Dimension, blank=True, related_name="indicators")
    accumulates = models.BooleanField(
        default=False, help_text=_("a flow: figures of two successive periods add up to that of both")
    )
    lower_bound = ExactNumberField(null=True, blank=True)
    upper_bound = ExactNumberField(null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(default=2, help_text=_("digits shown of a computed value"))
    coverage_threshold = models.FloatField(default=0.8)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    compiled_by = models.SlugField(
        max_length=40, blank=True, help_text=_("the body whose figure is preferred where sources disagree")
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    headline = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("place on the overview; empty: not shown there")
    )
    position = models.PositiveSmallIntegerField(default=0, help_text=_("order in the catalogue"))

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = [
            models.CheckConstraint(
                condition=Q(coverage_threshold__gt=0) & Q(coverage_threshold__lte=1),
                name="indicator_threshold_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(lower_bound=None) | Q(upper_bound=None) | Q(lower_bound__lt=F("upper_bound")),
                name="indicator_bounds_in_order",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")),
                name="indicator_dates_in_order",
            ),
        ]

    @property
    def unit(self) -> str:
        return _local(self, "unit")

    @property
    def definition(self) -> str:
        return _local(self, "definition")


class IndicatorLink(models.Model):
    """Predecessor definition → successor. Where not comparable, no change or trend crosses it."""

    predecessor = models.ForeignKey(Indicator, models.CASCADE, related_name="successor_links")
    successor = models.ForeignKey(Indicator, models.CASCADE, related_name="predecessor_links")
    date = models.DateField()
    comparable = models.BooleanField()
    reason_vi = models.TextField()
    reason_en = models.TextField()

    class Meta:
        ordering = ["date", "predecessor", "successor"]
        verbose_name = _("link between definitions")
        verbose_name_plural = _("links between definitions")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="indicator_link_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="indicator_link_between_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor.code} → {self.successor.code}"

    @property
    def reason(self) -> str:
        return _local(self, "reason")


class SeriesBreak(models.Model):
    """A day from which an indicator's figures are not comparable with those before, although its publisher
    goes on under the same name (SDMX: time series break). No change or trend is computed across it."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="breaks")
    date = models.DateField()
    reason_vi = models.TextField()
    reason_en = models.TextField()

    class Meta:
        ordering = ["indicator", "date"]
        verbose_name = _("break in a series")
        verbose_name_plural = _("breaks in series")
        constraints = [models.UniqueConstraint(fields=["indicator", "date"], name="series_break_once")]

    def __str__(self) -> str:
        return f"{self.indicator.code}: {self.date}"

    @property
    def reason(self) -> str:
        return _local(self, "reason")

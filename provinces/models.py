"""Provinces in their time: what one is during its lifetime, and how one set became the next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from provinces.vietnamese import search_key, sort_key


class _Lifetime(Func):
    """daterange of two nullable dates, both inclusive; a missing date is unbounded."""

    function = "DATERANGE"

    def __init__(self) -> None:
        super().__init__(F("valid_from"), F("valid_to"), Value("[]"))


class _IntegerPoint(Func):
    """A one-point int4range: lets a GiST exclusion compare numbers without the btree_gist extension,
    which the embedded PostgreSQL does not have."""

    function = "INT4RANGE"

    def __init__(self, column: str) -> None:
        number = Cast(F(column), models.IntegerField())
        super().__init__(number, number, Value("[]"))


def _dates_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lte=F("valid_to")), name=name
    )


def _local(instance: Any, field: str) -> str:
    """The text of ``field`` in the reader's language; Vietnamese where there is no English."""
    text = getattr(instance, f"{field}_en") if (get_language() or "vi").startswith("en") else ""
    return text or getattr(instance, f"{field}_vi")


class LocalisedName(models.Model):
    name_vi = models.CharField(_("name (Vietnamese)"), max_length=200)
    name_en = models.CharField(_("name (English)"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return _local(self, "name")


class Geography(LocalisedName):
    """The set of provinces valid on a date; ``code`` is the number of its provinces."""

    code = models.CharField(max_length=8, unique=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.CharField(max_length=200)

    class Meta:
        ordering = ["valid_from"]
        verbose_name = _("geography")
        verbose_name_plural = _("geographies")
        constraints = [
            _dates_in_order("geography_dates_in_order"),
            ExclusionConstraint(
                name="geography_one_at_a_time", expressions=[(_Lifetime(), RangeOperators.OVERLAPS)]
            ),
        ]

    def reference_date(self) -> date:
        """A day on which exactly this set is valid: its last, or its first while it is in force."""
        return self.valid_to or self.valid_from


class ProvinceQuerySet(models.QuerySet["Province"]):
    def valid_on(self, day: date) -> ProvinceQuerySet:
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )

    def of(self, geography: Geography) -> ProvinceQuerySet:
        return self.valid_on(geography.reference_date())

    def matching(self, text: str) -> ProvinceQuerySet:
        """Names containing ``text``, accents and case optional."""
        return self.filter(search_key__contains=search_key(text))


class Province(LocalisedName):
    """An administrative unit of the provincial level during its lifetime.

    A province is identified by ``slug``, never by its code alone: seven codes and all 23 names of merged
    provinces passed to another province on 2025-07-01. ``valid_from`` empty means: since before the first
    set of provinces that the system holds.
    """

    slug = models.SlugField(unique=True)
    code = models.CharField(_("code"), max_length=2)
    search_key = models.CharField(max_length=200, editable=False)
    sort_key = models.CharField(max_length=400, editable=False, db_collation="C")
    iso_3166_2 = models.CharField(max_length=6, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = ProvinceQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "valid_from"]
        verbose_name = _("province")
        verbose_name_plural = _("provinces")
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{2}$"), name="province_code_two_digits"),
            _dates_in_order("province_dates_in_order"),
            ExclusionConstraint(
                name="province_one_per_code_at_a_time",
                expressions=[
                    (_IntegerPoint("code"), RangeOperators.OVERLAPS),
                    (_Lifetime(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key, self.sort_key = search_key(self.name_vi), sort_key(self.name_vi)
        super().save(*args, **kwargs)

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


class ProvinceDesignation(LocalisedName):
    """What a province was called and of which kind it was, during a part of its lifetime."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("province")
        CITY = "city", _("centrally run city")

    province = models.ForeignKey(Province, models.CASCADE, related_name="designations")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    legal_basis = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["province", F("valid_from").asc(nulls_first=True)]
        verbose_name = _("designation")
        verbose_name_plural = _("designations")
        constraints = [
            _dates_in_order("designation_dates_in_order"),
            ExclusionConstraint(
                name="designation_one_at_a_time",
                expressions=[
                    (_IntegerPoint("province_id"), RangeOperators.OVERLAPS),
                    (_Lifetime(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class BoundaryChange(models.Model):
    """One edge predecessor → successor of a merger."""

    predecessor = models.ForeignKey(Province, models.PROTECT, related_name="successor_changes")
    successor = models.ForeignKey(Province, models.PROTECT, related_name="predecessor_changes")
    date = models.DateField(_("date"))
    legal_basis = models.CharField(_("legal basis"), max_length=200)

    class Meta:
        ordering = ["date", "successor__sort_key", "predecessor__sort_key"]
        verbose_name = _("boundary change")
        verbose_name_plural = _("boundary changes")
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="boundary_change_once"),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="boundary_change_between_two"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor} ({self.date})"


class Region(LocalisedName):
    """A socio-economic region of one geography; the six regions were redrawn with the merger."""

    geography = models.ForeignKey(Geography, models.CASCADE, related_name="regions")
    code = models.SlugField()
    legal_basis = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(help_text=_("North to south"))
    provinces = models.ManyToManyField(Province, through="RegionMembership", related_name="regions")

    class Meta:
        ordering = ["geography", "position"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.UniqueConstraint(fields=["geography", "code"], name="region_once_per_geography")
        ]


class RegionMembership(models.Model):
    """Which region of a geography a province lies in: exactly one."""

    geography = models.ForeignKey(Geography, models.CASCADE)
    region = models.ForeignKey(Region, models.CASCADE, related_name="memberships")
    province = models.ForeignKey(Province, models.CASCADE, related_name="region_memberships")

    class Meta:
        verbose_name = _("region membership")
        verbose_name_plural = _("region memberships")
        constraints = [
            models.UniqueConstraint(fields=["geography", "province"], name="one_region_per_geography")
        ]

    def __str__(self) -> str:
        return f"{self.province}: {self.region}"


class Population(models.Model):
    """A population figure with its definition; figures of different definitions are never mixed."""

    class Definition(models.TextChoices):
        CENSUS = "census", _("census, 1 April 2019")
        AVERAGE = "average", _("average population of the year (General Statistics Office)")
        REGISTRY = "registry", _("registry figure of Resolution 202/2025/QH15")

    class Confidence(models.TextChoices):
        READ = "read", _("read in a source")
        SUM = "sum", _("confirmed only by published sums")
        DERIVED = "derived", _("sum over the predecessors")
        UNRESOLVED = "unresolved", _("sources disagree")

    province = models.ForeignKey(Province, models.CASCADE, related_name="populations")
    definition = models.CharField(max_length=8, choices=Definition.choices)
    year = models.PositiveSmallIntegerField()
    persons = models.PositiveIntegerField()
    confidence = models.CharField(max_length=10, choices=Confidence.choices)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["province", "definition", "year"]
        verbose_name = _("population")
        verbose_name_plural = _("populations")
        constraints = [
            models.UniqueConstraint(fields=["province", "definition", "year"], name="population_once"),
            models.CheckConstraint(condition=Q(persons__gt=0), name="population_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.province} {self.year}: {self.persons}"

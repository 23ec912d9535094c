"""Which stated figures contradict their counts, parts or scales: found by rule, shown, never corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db.models import F, Q
from django.utils import timezone

from indicators.core import contradictions as rules
from indicators.core.contradiction_sentences import describe
from indicators.core.frames import Facts, Frame
from indicators.core.intervals import Interval
from indicators.core.stated import Measure
from indicators.models import Category, Contradiction, Observation, Status
from indicators.models.facts import ObservationQuerySet
from indicators.services.component_sums import against_components
from indicators.services.contradicting_series import (
    against_earlier_periods,
    against_ranks,
    against_targets,
)
from indicators.services.stating import stated_count, stated_observation

Found = tuple[Observation, rules.Contradiction]


def refresh_contradictions(
    observations: ObservationQuerySet, facts: Facts, frame: Frame, touched: set[int]
) -> int:
    """Replace what is recorded against ``observations``: the current rows of whole units, after their
    standings were computed. ``facts`` holds the series around them; returns how many contradictions
    stand."""
    Contradiction.objects.filter(observation__in=observations).delete()
    stated = observations.exclude(value=None).exclude(status=Status.WITHDRAWN).select_related("indicator")
    everything = [
        *_against_counts(stated),
        *_outside_bounds(stated),
        *_against_parts(stated),
        *against_earlier_periods(facts, frame, touched),
        *against_ranks(stated),
        *against_targets(stated),
        *against_components(stated),
    ]
    return _record(everything)


def refresh_component_sums(observations: ObservationQuerySet) -> int:
    """Replace what is recorded against ``observations``: totals of indices whose components changed."""
    sums = Contradiction.objects.filter(rule=rules.Rule.PARTS_AGAINST_WHOLE)
    sums.filter(observation__in=observations).delete()
    return _record(list(against_components(observations.exclude(value=None).select_related("indicator"))))


def _record(everything: list[Found]) -> int:
    # One rule may find a figure twice, by two breakdowns or two targets: the first is recorded.
    found = {
        (row.pk, contradiction.rule): (row, contradiction) for row, contradiction in reversed(everything)
    }
    now = timezone.now()
    Contradiction.objects.bulk_create(
        Contradiction(
            observation=observation,
            rule=contradiction.rule,
            stated_lower=contradiction.stated.lower,
            stated_upper=contradiction.stated.upper,
            computed_lower=contradiction.computed.lower,
            computed_upper=contradiction.computed.upper,
            sentence_vi=describe(contradiction, "vi"),
            sentence_en=describe(contradiction, "en"),
            detected_at=now,
        )
        for observation, contradiction in found.values()
    )
    return len(found)


def _against_counts(stated: ObservationQuerySet) -> Iterator[Found]:
    """The database lets through only what can be a contradiction: exact counts whose share is off the
    interval, and counts stated in words, whose own intervals the rule must see."""
    share = F("numerator") * Decimal(100) / F("denominator")
    off = Q(share__lte=F("lower")) | Q(share__gte=F("upper"))
    in_words = ~Q(numerator_as_stated="") | ~Q(denominator_as_stated="")
    suspects = stated.filter(
        indicator__measure=Measure.PERCENT, numerator__isnull=False, denominator__isnull=False
    )
    for row in suspects.annotate(share=share).filter(off | in_words):
        assert row.numerator is not None and row.denominator is not None
        counts = (
            stated_count(row.numerator, row.numerator_as_stated),
            stated_count(row.denominator, row.denominator_as_stated),
        )
        if contradiction := rules.percentage_against_counts(stated_observation(row), *counts):
            yield row, contradiction


def _outside_bounds(stated: ObservationQuerySet) -> Iterator[Found]:
    below, above = Q(value__lt=F("indicator__lower_bound")), Q(value__gt=F("indicator__upper_bound"))
    for row in stated.filter(below | above):
        bounds = Interval(row.indicator.lower_bound, row.indicator.upper_bound)
        if contradiction := rules.outside_bounds(stated_observation(row), bounds):
            yield row, contradiction


def _against_parts(stated: ObservationQuerySet) -> Iterator[Found]:
    """Counts of one source: each whole against the categories that add up to it (children of one parent).

    One child alone says nothing of the whole; children that are not all of them must only not exceed it.
    """
    counts = stated.filter(indicator__measure=Measure.COUNT)
    broken_down = set(counts.exclude(category=None).order_by().values_list("indicator", flat=True).distinct())
    if not broken_down:
        return
    rows = counts.filter(indicator__in=broken_down)
    siblings: dict[tuple[int, int | None], set[int]] = defaultdict(set)
    parent_of: dict[int, tuple[int, int | None]] = {}
    for category in Category.objects.all():
        parent_of[category.pk] = (category.dimension_id, category.parent_id)
        siblings[category.dimension_id, category.parent_id].add(category.pk)
    for fact_rows in _by_fact(rows):
        parts: dict[tuple[int, int | None], dict[int, Observation]] = defaultdict(dict)
        for category_id, row in fact_rows.items():
            if category_id is not None:
                parts[parent_of[category_id]][category_id] = row
        for (dimension, parent), children in parts.items():
            whole = fact_rows.get(parent)
            if whole is None or len(children) < 2:
                continue
            complete = children.keys() == siblings[dimension, parent]
            figures = [stated_observation(child) for child in children.values()]
            if contradiction := rules.parts_against_whole(
                stated_observation(whole), figures, complete=complete
            ):
                yield whole, contradiction


def _by_fact(rows: Iterable[Observation]) -> Iterable[dict[int | None, Observation]]:
    """Rows of one province, indicator, period and source, by category; None is the whole."""
    facts: dict[tuple[int, int, int, int], dict[int | None, Observation]] = defaultdict(dict)
    for row in rows:
        facts[row.province_id, row.indicator_id, row.period_id, row.source_id][row.category_id] = row
    return facts.values()

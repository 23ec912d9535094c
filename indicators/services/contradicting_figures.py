"""Which stated figures contradict what stands beside them: their counts, their bounds, their parts.

The database and a sieve over whole columns let through what may be a contradiction, rather too much than too
little; the exact rules decide on the text as stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl
from django.db.models import F, Q

from indicators.core import contradictions as rules
from indicators.core.intervals import Interval
from indicators.core.stated import Measure
from indicators.models import Category, Observation
from indicators.models.facts import ObservationQuerySet
from indicators.services.columns import read_columns
from indicators.services.stating import stated_count, stated_observation

Found = tuple[Observation, rules.Contradiction]
_FACT = ["province", "indicator", "period", "source"]
#: What rounding to floating point may hide, as a share of a number.
_SLACK = 1e-9


def against_own_numbers(stated: ObservationQuerySet) -> Iterator[Found]:
    """Percentages against their counts, and figures against the scale of their definition.

    Of percentages pass: exact counts whose share is off the interval, and counts stated in words, whose own
    intervals the rule must see.
    """
    share = F("numerator") * Decimal(100) / F("denominator")
    off = Q(share__lte=F("lower")) | Q(share__gte=F("upper"))
    in_words = ~Q(numerator_as_stated="") | ~Q(denominator_as_stated="")
    counted = Q(indicator__measure=Measure.PERCENT, numerator__isnull=False, denominator__isnull=False)
    outside = Q(value__lt=F("indicator__lower_bound")) | Q(value__gt=F("indicator__upper_bound"))
    for row in stated.annotate(share=share).filter(counted & (off | in_words) | outside):
        found = (_against_counts(row), _outside_bounds(row))
        yield from ((row, contradiction) for contradiction in found if contradiction)


def _against_counts(row: Observation) -> rules.Contradiction | None:
    if row.indicator.measure != Measure.PERCENT or row.numerator is None or row.denominator is None:
        return None
    return rules.percentage_against_counts(
        stated_observation(row),
        stated_count(row.numerator, row.numerator_as_stated),
        stated_count(row.denominator, row.denominator_as_stated),
    )


def _outside_bounds(row: Observation) -> rules.Contradiction | None:
    bounds = Interval(row.indicator.lower_bound, row.indicator.upper_bound)
    return rules.outside_bounds(stated_observation(row), bounds)


def against_parts(stated: ObservationQuerySet) -> Iterator[Found]:
    """Counts of one source: each whole against the categories that add up to it (children of one parent).

    One child alone says nothing of the whole; children that are not all of them must only not exceed it.
    """
    counts = stated.filter(indicator__measure=Measure.COUNT)
    if not counts.exclude(category=None).exists():
        return
    suspects = _off_their_whole(counts)
    keys = {key for whole, parts, _ in suspects for key in (whole, *parts)}
    rows = Observation.objects.select_related("indicator").in_bulk(keys)
    for whole, parts, complete in suspects:
        figures = [stated_observation(rows[key]) for key in parts]
        found = rules.parts_against_whole(stated_observation(rows[whole]), figures, complete=complete)
        if found:
            yield rows[whole], found


def _off_their_whole(counts: ObservationQuerySet) -> list[tuple[int, list[int], bool]]:
    """(whole, its parts, whether these are all) by observation keys, where the intervals lie apart."""
    named = [*_FACT, "category", "observation"]
    facts = pl.DataFrame(read_columns(counts.order_by(), named, ["lower", "upper"]))
    tree = pl.DataFrame(
        list(Category.objects.order_by().values_list("pk", "dimension_id", "parent_id")),
        schema={"category": pl.Int64, "dimension": pl.Int64, "parent": pl.Int64},
        orient="row",
    ).with_columns(pl.col("parent").fill_null(0))
    siblings = tree.group_by("dimension", "parent").agg(siblings=pl.len())
    children = (
        facts.join(tree, on="category")
        .sort("category")
        .group_by(*_FACT, "dimension", "parent", maintain_order=True)
        .agg(pl.col("observation").alias("parts"), least=pl.col("lower").sum(), most=pl.col("upper").sum())
        .filter(pl.col("parts").list.len() >= 2)
        .join(siblings, on=["dimension", "parent"])
    )
    whole = facts.rename({"category": "parent", "observation": "whole"})
    points = (pl.col("lower") == pl.col("upper")) & (pl.col("least") == pl.col("most"))
    same = points & (pl.col("upper") == pl.col("least"))  # counts to the last one, as most are
    exceeds = ~same & (pl.col("upper") <= pl.col("least") * (1 + _SLACK))
    falls_short = ~same & (pl.col("lower") >= pl.col("most") * (1 - _SLACK))
    complete = pl.col("parts").list.len() == pl.col("siblings")
    off = children.join(whole, on=[*_FACT, "parent"]).filter(exceeds | (complete & falls_short))
    return (
        off.sort("whole", "dimension", "parent").select("whole", "parts", complete.alias("complete")).rows()
    )

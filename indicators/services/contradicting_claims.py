"""Which claims of a document its figures contradict: published ranks, and what is said of targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from django.db.models import F, Model

from indicators.core import contradictions as rules
from indicators.core.engine import NATION
from indicators.core.ranking import Direction
from indicators.core.stated import Measure, Qualifier, from_value
from indicators.models import Aggregate, Observation, Standing, Target
from indicators.models.facts import ObservationQuerySet
from indicators.services.stating import stated_observation
from provinces.models import Geography

Found = tuple[Observation, rules.Contradiction]
#: (geography, indicator, period, category or 0), with the province last where it is of one province.
Slice = tuple[int, ...]
#: Given figures with a published rank: from–to by slice and province, where every province has a figure.
Spans = Callable[[Sequence[Observation]], Mapping[Slice, tuple[int, int]]]

TARGET_RULES = (rules.Rule.TARGET_SAID_MET, rules.Rule.TARGET_SAID_MISSED)
_SLICE = ["geography_id", "indicator_id", "period_id", "category_id"]
_SPAN = ("rank_from", "rank_to")


def against_ranks(stated: ObservationQuerySet, spans: Spans) -> Iterator[Found]:
    """Published ranks against computed ones, where as many provinces were ranked as the source says."""
    ranked = list(stated.exclude(stated_rank=None).exclude(stated_rank_of=None).usable())
    if not ranked:
        return
    geographies = {geography.code: geography.pk for geography in Geography.objects.all()}
    computed = spans(ranked)
    for row in ranked:
        geography = geographies.get(str(row.stated_rank_of), 0)
        place = (geography, row.indicator_id, row.period_id, row.category_id or 0, row.province_id)
        if row.stated_rank is None or place not in computed:
            continue
        if found := rules.published_rank_against_computed(row.stated_rank, *computed[place]):
            yield row, found


def spans_of_tables(ranked: Sequence[Observation]) -> Mapping[Slice, tuple[int, int]]:
    """From–to as they stand."""
    scope = {
        "indicator__in": {row.indicator_id for row in ranked},
        "period__in": {row.period_id for row in ranked},
        "simulated": ranked[0].simulated,
        "group": NATION,
    }
    full = Aggregate.objects.filter(**scope, reporting=F("expected")).order_by()
    standings = Standing.objects.filter(**scope, province__in={row.province_id for row in ranked})
    rows = standings.exclude(rank_from=None).order_by().values_list(*_SLICE, "province_id", *_SPAN)
    return _spans(full.values_list(*_SLICE), rows)


def spans_of_frames(frames: Mapping[type[Model], pl.DataFrame]) -> Spans:
    """From–to as just computed (``computing.computed_frames``)."""

    def spans(ranked: Sequence[Observation]) -> Mapping[Slice, tuple[int, int]]:
        aggregates, standings = frames[Aggregate], frames[Standing]
        if aggregates.is_empty():
            return {}
        asked = pl.col("indicator_id").is_in({row.indicator_id for row in ranked})
        within = (pl.col("group") == NATION) & asked
        full = aggregates.filter(within, pl.col("reporting") == pl.col("expected"))
        rows = standings.filter(within, pl.col("rank_from").is_not_null())
        return _spans(full.select(_SLICE).rows(), rows.select(*_SLICE, "province_id", *_SPAN).rows())

    return spans


def _spans(full: Iterable[tuple[Any, ...]], rows: Iterable[tuple[Any, ...]]) -> dict[Slice, tuple[int, int]]:
    complete = {tuple(key or 0 for key in place) for place in full}
    found = {tuple(key or 0 for key in place): (start, end) for *place, start, end in rows}
    return {place: span for place, span in found.items() if place[:-1] in complete}


def against_targets(stated: ObservationQuerySet, indicators: Iterable[int]) -> Iterator[Found]:
    """What a document says of a target against the newest figure of it that the same document gives."""
    said = Target.objects.exclude(stated_outcome="").exclude(value=None).select_related("indicator")
    for target in said.filter(indicator__in=list(indicators)):
        figures = stated.filter(
            indicator=target.indicator,
            province=target.province,
            category=target.category,
            source=target.source,
            period__end__lte=target.due,
        ).usable()
        row = figures.order_by("-period__end", "period__start").first()
        if row is None or target.value is None:
            continue
        goal = from_value(target.value, _qualifier(target), Measure(target.indicator.measure))
        found = rules.target_text_against_figure(
            stated_observation(row),
            goal,
            said_met=target.stated_outcome == Target.Outcome.MET,
            direction=Direction(target.indicator.direction),
        )
        if found:
            yield row, found


def _qualifier(target: Target) -> Qualifier:
    return Qualifier.EXACT if target.operator == Target.Operator.EQUAL else Qualifier(target.operator)

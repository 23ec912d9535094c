"""Which stated figures contradict their neighbours: earlier periods, published ranks, what is said of
targets.

The sieve of ``core.suspects`` names the figures that are worth a look; the exact rules decide on the text
as stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from django.db.models import F

from indicators.core import contradictions as rules
from indicators.core import suspects
from indicators.core.frames import Facts, Frame
from indicators.core.ranking import Direction
from indicators.core.stated import Measure, Qualifier, StatedValue, from_value
from indicators.models import Aggregate, Observation, Standing, Target
from indicators.models.facts import ObservationQuerySet
from indicators.services.stating import stated_observation

Found = tuple[Observation, rules.Contradiction]
_NATION = "nation"


def against_earlier_periods(facts: Facts, frame: Frame, touched: set[int]) -> Iterator[Found]:
    """Year-to-date figures that fall or do not add up, and jumps, of figures in the ``touched`` periods."""
    among = np.array(sorted(touched), dtype=np.int64)
    falling = list(suspects.falling(facts, frame))
    sums = list(suspects.sums_off(facts, frame))
    jumps = list(suspects.jumps(facts, frame, among))
    rows = _rows(key for group in (*falling, *sums, *jumps) for key in group)
    for whole, earlier in falling:
        yield from _said(rows[whole], rules.year_to_date_falls(_of(rows, whole), _of(rows, earlier)), touched)
    for whole, *quarters in sums:
        parts = [_of(rows, key) for key in quarters]
        found = rules.year_to_date_against_quarters(_of(rows, whole), parts)
        yield from _said(rows[whole], found, touched)
    for figure, *before in jumps:
        values = [value for key in before if (value := rows[key].value) is not None]
        yield from _said(rows[figure], rules.jump_against_series(_of(rows, figure), values), touched)


def against_ranks(observations: ObservationQuerySet) -> Iterator[Found]:
    """Published ranks against computed ones, where as many provinces were ranked as the source says."""
    for row in observations.exclude(stated_rank=None).exclude(stated_rank_of=None).usable():
        place = {
            "indicator": row.indicator_id,
            "period": row.period_id,
            "category": row.category_id,
            "group": _NATION,
            "simulated": row.simulated,
            "geography__code": str(row.stated_rank_of),
        }
        full = Aggregate.objects.filter(**place, reporting=F("expected")).exists()
        standing = Standing.objects.filter(**place, province=row.province_id).first() if full else None
        if standing and standing.rank_from and standing.rank_to and row.stated_rank:
            span = (standing.rank_from, standing.rank_to)
            if found := rules.published_rank_against_computed(row.stated_rank, *span):
                yield row, found


def against_targets(observations: ObservationQuerySet) -> Iterator[Found]:
    """What a document says of a target against the figure that the same document gives."""
    said = Target.objects.exclude(stated_outcome="").exclude(value=None).select_related("indicator")
    for target in said.filter(indicator__in=observations.values("indicator")):
        figures = observations.filter(
            indicator=target.indicator,
            province=target.province,
            category=target.category,
            source=target.source,
            period__end__lte=target.due,
        ).usable()
        row = figures.order_by("-period__end").first()
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


def _rows(keys: Iterable[int]) -> dict[int, Observation]:
    return Observation.objects.select_related("indicator").in_bulk(set(keys))


def _of(rows: dict[int, Observation], key: int) -> StatedValue:
    return stated_observation(rows[key])


def _said(row: Observation, found: rules.Contradiction | None, touched: set[int]) -> Iterator[Found]:
    if found is not None and row.period_id in touched:
        yield row, found

"""What was computed as it answered at a past instant: the same engine over the facts of that instant.

Facts and their history are kept for ever, and so is that of definitions, boundaries, periods, targets and
indices (``reference_history``); what is computed from them is not, and need not be: the engine has no clock
and no chance in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
import polars as pl
from django.db.models import Model

from indicators.core.engine import Wanted
from indicators.models import Contradiction, IndexScore, Observation, Standing
from indicators.models.facts import ObservationQuerySet
from indicators.services import framing
from indicators.services.columns import read_facts
from indicators.services.composing import scores_of, versions
from indicators.services.computing import computed_frames
from indicators.services.contradicting import Evidence, found_against
from indicators.services.contradicting_claims import spans_of_frames
from indicators.services.recomputing import facts_behind
from indicators.services.reference_history import reference_as_of

P = ParamSpec("P")
R = TypeVar("R")


def _in_its_time(
    answer: Callable[Concatenate[datetime, P], R],
) -> Callable[Concatenate[datetime, P], R]:
    @wraps(answer)
    def answered(instant: datetime, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with reference_as_of(instant):
            return answer(instant, *args, **kwargs)

    return answered


@_in_its_time
def computed_as_of(
    instant: datetime,
    *,
    indicators: Iterable[int],
    periods: Iterable[int] | None = None,
    simulated: bool = False,
) -> dict[type[Model], pl.DataFrame]:
    """Rows of ``Aggregate`` and ``Standing`` (columns as in the tables, without id and computed_at) that
    followed from what was published up to ``instant``; all periods unless ``periods`` names some."""
    chosen = sorted(set(indicators))
    context = framing.frame()
    facts = read_facts(facts_behind(_stated(instant, simulated), chosen, context))
    return computed_frames(facts, context, _wanted(chosen, periods), simulated)


@_in_its_time
def scores_as_of(instant: datetime, *, codes: Iterable[str], simulated: bool = False) -> list[IndexScore]:
    """The scores of the indices ``codes``, all versions and periods, as they followed from what was published
    up to ``instant``: rows that are not saved."""
    of_indices = set(codes)
    made_from = sorted({key for version in versions(of_indices) for key in version.indicators})
    context = framing.frame()
    facts = read_facts(facts_behind(_stated(instant, simulated), made_from, context))
    frames = computed_frames(facts, context, _wanted(made_from, None), simulated)
    return scores_of(frames[Standing], codes=of_indices, context=context, simulated=simulated)


@_in_its_time
def contradictions_as_of(
    instant: datetime,
    *,
    indicators: Iterable[int],
    periods: Iterable[int] | None = None,
    simulated: bool = False,
) -> list[Contradiction]:
    """What contradicted the figures of ``indicators`` that stood at ``instant``, as rows that are not saved;
    all periods unless ``periods`` names some."""
    chosen = sorted(set(indicators))
    among = None if periods is None else set(periods)
    stated, context = _stated(instant, simulated), framing.frame()
    facts = read_facts(facts_behind(stated, chosen, context))
    frames = computed_frames(facts, context, _wanted(chosen, among), simulated)
    found = found_against(Evidence(stated, facts, context, spans_of_frames(frames)), chosen, among)
    return [row for row in found if among is None or row.observation.period_id in among]


def _stated(instant: datetime, simulated: bool) -> ObservationQuerySet:
    return Observation.objects.as_of(instant).filter(simulated=simulated)


def _wanted(indicators: Iterable[int], periods: Iterable[int] | None) -> Wanted:
    return Wanted(_keys(indicators), None if periods is None else _keys(periods))


def _keys(keys: Iterable[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(sorted(keys), dtype=np.int64)

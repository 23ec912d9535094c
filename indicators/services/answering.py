"""Aggregates and standings as they answered at a past instant: the same engine over the facts of that
instant.

Facts and their history are kept for ever; what is computed from them is not, and need not be: the engine
has no clock and no chance in it. Definitions, boundaries and periods are taken as they stand now.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import polars as pl
from django.db import connection, transaction
from django.db.models import Model

from indicators.core.engine import Wanted
from indicators.models import IndicatorLink, Observation
from indicators.services import framing
from indicators.services.bulk_publishing import PUBLISHING_LOCK
from indicators.services.columns import read_facts
from indicators.services.recomputing import computed_frames


@transaction.atomic
def computed_as_of(
    instant: datetime,
    *,
    indicators: Iterable[int],
    periods: Iterable[int] | None = None,
    simulated: bool = False,
) -> dict[type[Model], pl.DataFrame]:
    """Rows of ``Aggregate`` and ``Standing`` (columns as in the tables, without id and computed_at) that
    followed from what was published up to ``instant``; all periods unless ``periods`` names some.

    A publication under way is waited for: its instant may lie before ``instant`` although nobody sees it yet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [PUBLISHING_LOCK])
    chosen = sorted(set(indicators))
    before = IndicatorLink.objects.filter(comparable=True, successor__in=chosen)
    known = {*chosen, *before.values_list("predecessor_id", flat=True)}
    then = Observation.objects.as_of(instant).filter(indicator__in=known, simulated=simulated)
    wanted = Wanted(_keys(chosen), None if periods is None else _keys(periods))
    return computed_frames(read_facts(then.usable()), framing.frame(), wanted, simulated)


def _keys(keys: Iterable[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.array(sorted(keys), dtype=np.int64)

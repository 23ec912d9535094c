"""Which stated figures contradict their neighbours: earlier periods of the same series.

The sieve of ``core.suspects`` names the figures that are worth a look; the exact rules decide on the text
as stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from indicators.core import contradictions as rules
from indicators.core import suspects
from indicators.core.frames import Facts, Frame
from indicators.core.stated import StatedValue
from indicators.models import Observation
from indicators.services.stating import stated_observation

Found = tuple[Observation, rules.Contradiction]


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


def _rows(keys: Iterable[int]) -> dict[int, Observation]:
    return Observation.objects.select_related("indicator").in_bulk(set(keys))


def _of(rows: dict[int, Observation], key: int) -> StatedValue:
    return stated_observation(rows[key])


def _said(row: Observation, found: rules.Contradiction | None, touched: set[int]) -> Iterator[Found]:
    if found is not None and row.period_id in touched:
        yield row, found

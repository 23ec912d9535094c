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
from indicators.services.stating import stated_count, stated_observation

Found = tuple[Observation, rules.Contradiction]


def _numerator(row: Observation) -> StatedValue:
    assert row.numerator is not None
    return stated_count(row.numerator, row.numerator_as_stated)


def _denominator(row: Observation) -> StatedValue:
    assert row.denominator is not None
    return stated_count(row.denominator, row.denominator_as_stated)


#: What may fall within a year: the sieve, the rule, and the number of an observation that both are about.
_FALLING = (
    (suspects.falling, rules.year_to_date_falls, stated_observation),
    (suspects.falling_numerators, rules.numerator_falls, _numerator),
    (suspects.falling_denominators, rules.denominator_falls, _denominator),
)


def against_earlier_periods(facts: Facts, frame: Frame, touched: set[int]) -> Iterator[Found]:
    """Year-to-date figures that fall or do not add up, and jumps, of figures in the ``touched`` periods."""
    among = np.array(sorted(touched), dtype=np.int64)
    falling = [(rule, of, group) for sieve, rule, of in _FALLING for group in sieve(facts, frame)]
    sums = list(suspects.sums_off(facts, frame))
    jumps = list(suspects.jumps(facts, frame, among))
    groups = [*(group for *_, group in falling), *sums, *jumps]
    rows = _rows(key for group in groups for key in group)
    for rule, of, (whole, *earlier) in falling:
        found = rule(of(rows[whole]), *(of(rows[key]) for key in earlier))
        yield from _said(rows[whole], found, touched)
    for whole, *quarters in sums:
        parts = [stated_observation(rows[key]) for key in quarters]
        found = rules.year_to_date_against_quarters(stated_observation(rows[whole]), parts)
        yield from _said(rows[whole], found, touched)
    for figure, *before in jumps:
        values = [value for key in before if (value := rows[key].value) is not None]
        found = rules.jump_against_series(stated_observation(rows[figure]), values)
        yield from _said(rows[figure], found, touched)


def _rows(keys: Iterable[int]) -> dict[int, Observation]:
    return Observation.objects.select_related("indicator").in_bulk(set(keys))


def _said(row: Observation, found: rules.Contradiction | None, touched: set[int]) -> Iterator[Found]:
    if found is not None and row.period_id in touched:
        yield row, found

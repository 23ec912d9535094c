"""How reports tell what was drawn (``simulation``): gaps, roundings, words, slips, and later corrections.

Everything is true within the interval that its words claim (domain.md, section 3), except the slips:
figures that contradict the counts beside them, planted so that there is something to find. How many there are
is known.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from indicators.core.restatement import Content
from indicators.core.simulation import Booleans, Chance, Integers, Series, Subject
from indicators.core.wording import Qualifier

#: What the numbers in ``Reported.qualifier`` stand for, with the words of a percentage and of a count.
WORDS = (
    (Qualifier.EXACT, "{}", "{}"),
    (Qualifier.MORE_THAN, "trên {}", "hơn {}"),
    (Qualifier.AT_LEAST, "từ {} trở lên", "ít nhất {}"),
    (Qualifier.NEARLY, "gần {}", "gần {}"),
    (Qualifier.AT_MOST, "không quá {}", "không quá {}"),
    (Qualifier.ABOUT, "khoảng {}", "khoảng {}"),
)
_BELOW, _ABOVE = (1, 2), (3, 4)  # words that give a bound below, above; the last rounds either way
STATUSES = ("final", "provisional", "revised")
_FINAL, _PROVISIONAL, _REVISED = range(3)
#: What the numbers in ``Reported.missing`` stand for; nothing is reported at all where it is ``SILENT``.
MISSING = ("", "not_reported", "not_yet_due", "withheld")
SILENT = -1

#: Shares of all figures.
SILENCE, UNREPORTED, LATE, REVISIONS, IN_WORDS = 0.012, 0.02, 0.05, 0.03, 0.015
FIGURES_PER_SLIP = 1500
#: Percentage points, larger than any rounding.
_SLIP = (4, 15)


@dataclass(frozen=True)
class Reported:
    """One element for each figure. ``value`` counts units of 10^−``decimals``; with ``missing`` it says
    nothing. ``quarter`` and ``province`` are places in the series; ``slip`` marks a planted contradiction."""

    quarter: Integers
    province: Integers
    value: Integers
    decimals: Integers
    numerator: Integers
    denominator: Integers
    qualifier: Integers
    status: Integers
    missing: Integers
    slip: Booleans

    def where(self, chosen: Booleans) -> Reported:
        return Reported(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def report(series: Series, subject: Subject, seed: int) -> tuple[Reported, Reported]:
    """What was published first, and the corrections that a later publication makes to it."""
    chance = np.random.default_rng([seed, subject.number, 1])
    missing = _gaps(series.numerator.shape, chance)
    stated = missing == 0
    decimals = _decimals(subject, series.numerator.shape, chance)
    revised = stated & (chance.random(stated.shape) < REVISIONS)
    qualifier = _qualifiers(series, subject, stated & ~revised, chance)
    slips = _slips(series, subject, stated & ~revised & (qualifier == 0), chance)
    value, decimals = _values(series, subject, decimals, qualifier)
    value = value + _slipped(value, slips, decimals, chance)
    status = np.full(value.shape, _FINAL)
    status[-1] = _PROVISIONAL
    final = _reported(series, value, decimals, qualifier, np.where(revised, _REVISED, status), missing, slips)
    early = _early(series, chance)
    early_value, _ = _values(early, subject, decimals, qualifier)
    value = np.where(revised, early_value, value)
    told = Series(
        np.where(revised, early.numerator, series.numerator),
        None
        if series.denominator is None or early.denominator is None
        else np.where(revised, early.denominator, series.denominator),
    )
    status = np.where(revised, _PROVISIONAL, status)
    first = _reported(told, value, decimals, qualifier, status, missing, slips)
    return first.where((missing != SILENT).reshape(-1)), final.where(revised.reshape(-1))


def _gaps(shape: tuple[int, ...], chance: Chance) -> Integers:
    """Places in ``MISSING``: single gaps, provinces that began late, and who has not reported yet."""
    lot = chance.random(shape)
    missing = np.where(lot < SILENCE, SILENT, 0)
    missing[(lot >= SILENCE) & (lot < SILENCE + UNREPORTED)] = 1
    missing[(lot >= SILENCE + UNREPORTED) & (lot < SILENCE + 1.1 * UNREPORTED)] = 3
    missing[-1, chance.random(shape[1]) < LATE] = 2
    begins = np.where(chance.random(shape[1]) < LATE, chance.integers(1, shape[0] // 4 + 2, shape[1]), 0)
    missing[np.arange(shape[0])[:, None] < begins] = SILENT
    return missing


def _decimals(subject: Subject, shape: tuple[int, ...], chance: Chance) -> Integers:
    """Digits after the point: none of counts; each province has its habit with percentages."""
    if subject.content is Content.COUNT:
        return np.zeros(shape, dtype=np.int64)
    habit = chance.choice([2, 1, 0], p=[0.7, 0.25, 0.05], size=shape[1])
    if subject.content is Content.OTHER:
        habit = np.minimum(habit, 1)
    return np.broadcast_to(habit, shape).astype(np.int64)


def _qualifiers(series: Series, subject: Subject, among: Booleans, chance: Chance) -> Integers:
    """Places in ``WORDS``. Words go with large counts, and with percentages away from the ends."""
    if subject.content is Content.COUNT or series.denominator is None:
        among = among & (series.numerator >= 1000)
    else:
        among = among & (50 * series.numerator > series.denominator)
        among = among & (50 * series.numerator < 49 * series.denominator)
    chosen = among & (chance.random(among.shape) < IN_WORDS)
    return np.where(chosen, chance.integers(1, len(WORDS), size=among.shape), 0)


def _slips(series: Series, subject: Subject, among: Booleans, chance: Chance) -> Booleans:
    """Where a percentage will not be that of its counts."""
    if subject.content is not Content.RATIO or series.denominator is None:
        return np.zeros(among.shape, dtype=np.bool_)
    return among & (chance.random(among.shape) < 1 / FIGURES_PER_SLIP)


def _slipped(value: Integers, slips: Booleans, decimals: Integers, chance: Chance) -> Integers:
    """What a slip adds, in the value's own unit; away from the nearer end of the scale."""
    hundred = 100 * 10**decimals
    size = chance.integers(_SLIP[0], _SLIP[1], size=value.shape, endpoint=True) * 10**decimals
    return np.where(slips, np.where(2 * value > hundred, -size, size), 0)


def _values(
    series: Series, subject: Subject, decimals: Integers, qualifier: Integers
) -> tuple[Integers, Integers]:
    """The figures as stated, and their decimals: words go with whole percentages and round counts."""
    if series.denominator is None:
        return _round_counts(series.numerator, qualifier), decimals
    decimals = np.where(qualifier > 0, 0, decimals)
    top, bottom = 100 * 10**decimals * series.numerator, series.denominator
    below, above, nearest = top // bottom, -(-top // bottom), (2 * top + bottom) // (2 * bottom)
    return _by_words(qualifier, below, above, nearest), decimals


def _round_counts(counts: Integers, qualifier: Integers) -> Integers:
    """Two digits and zeros where words go with the count."""
    digits = np.floor(np.log10(np.maximum(counts, 1))).astype(np.int64)
    grain = 10 ** np.maximum(digits - 1, 0)
    below, above = counts // grain * grain, -(-counts // grain) * grain
    rounded = _by_words(qualifier, below, above, (2 * counts + grain) // (2 * grain) * grain)
    return np.where(qualifier > 0, rounded, counts)


def _by_words(qualifier: Integers, below: Integers, above: Integers, nearest: Integers) -> Integers:
    rounded = np.where(np.isin(qualifier, _BELOW), below, nearest)
    return np.where(np.isin(qualifier, _ABOVE), above, rounded)


def _early(series: Series, chance: Chance) -> Series:
    """What was known at first: a little less was counted."""
    shape = series.numerator.shape
    numerator = np.rint(series.numerator * (1 - chance.uniform(0.01, 0.06, size=shape))).astype(np.int64)
    if series.denominator is None:
        return Series(numerator)
    seen = np.rint(series.denominator * (1 - chance.uniform(0.0, 0.02, size=shape))).astype(np.int64)
    return Series(numerator, np.maximum(np.maximum(seen, numerator), 1))


def _reported(
    series: Series,
    value: Integers,
    decimals: Integers,
    qualifier: Integers,
    status: Integers,
    missing: Integers,
    slips: Booleans,
) -> Reported:
    quarter, province = np.indices(value.shape)
    nothing = np.zeros(value.shape, dtype=np.int64)
    columns = {
        "quarter": quarter,
        "province": province,
        "value": value,
        "decimals": decimals,
        "numerator": series.numerator,
        "denominator": nothing if series.denominator is None else series.denominator,
        "qualifier": qualifier,
        "status": status,
        "missing": missing,
        "slip": slips,
    }
    return Reported(**{name: np.ascontiguousarray(array).reshape(-1) for name, array in columns.items()})

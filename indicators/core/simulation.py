"""Figures made up for demonstration: counts by quarter and province, drawn from a seed.

What is drawn is what "really" happened in every quarter in each of the provinces that existed before the
merger; merged provinces are the sums of theirs, so that restating one gives the other. How reports then tell
it, with gaps, roundings, slips and corrections, is ``simulated_reports``.

Each indicator has a stream of chance of its own: it comes out the same whatever else is drawn. Arrays are
quarters × provinces, the first quarter being the first of a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.core.ranking import Direction
from indicators.core.restatement import Content

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Chance = np.random.Generator

#: Changes whenever the same seed would give other figures.
VERSION = 2
#: The smallest count: below it a share would jump by whole percentage points from quarter to quarter.
LEAST_COUNT = 12
#: Persons asked for each inhabitant where a percentage comes without its counts.
ASKED = 0.002


@dataclass(frozen=True)
class Ground:
    """The provinces that everything is drawn for, (B,), and those that report, (P,).

    ``population`` in persons; ``region`` numbers from 0; ``members`` (P, B) is 1 where a reporting province
    consists of that one, alone or with others.
    """

    population: Floats
    region: Integers
    members: Integers


@dataclass(frozen=True)
class Subject:
    """What the drawing needs to know of an indicator.

    ``number`` names its stream of chance. ``flow``: something that happens within a quarter (dossiers
    received), not something that is there at its end (computers). ``cumulative``: reported from the start of
    the year.
    """

    number: int
    content: Content
    direction: Direction
    flow: bool
    cumulative: bool = False


@dataclass(frozen=True)
class Series:
    """``numerator`` is the count itself where there is no ``denominator``."""

    numerator: Integers
    denominator: Integers | None = None

    def since(self, quarter: int) -> Series:
        """Without the first quarters."""
        return Series(
            self.numerator[quarter:], None if self.denominator is None else self.denominator[quarter:]
        )


def draw(
    subject: Subject, ground: Ground, *, quarters: int, seed: int, denominator: Integers | None = None
) -> Series:
    """One indicator in the (B,) provinces of ``ground``; a percentage as its two counts, ``denominator``
    where another indicator gives it already."""
    chance = np.random.default_rng([seed, subject.number])
    maturity = maturities(ground, seed)
    if subject.content is Content.COUNT:
        return Series(_counts(subject, ground, maturity, quarters, chance))
    drawn = _counts(subject, ground, maturity, quarters, chance)
    if subject.content is Content.OTHER:
        asked = np.maximum(LEAST_COUNT, np.rint(ground.population * ASKED)).astype(np.int64)
        drawn = np.broadcast_to(asked, drawn.shape)
    whole = drawn if denominator is None else denominator
    share = _shares(subject, maturity, quarters, chance)
    if subject.flow:
        return Series(chance.binomial(whole, share).astype(np.int64), whole)
    return Series(np.rint(whole * share).astype(np.int64), whole)


def maturities(ground: Ground, seed: int) -> Floats:
    """How far each province is on its way, (B,), mean 0 and deviation 1: populous provinces and regions are
    ahead on the whole, and each has luck of its own, the same in all indicators."""
    size = _standardised(np.log(ground.population))
    counted = np.bincount(ground.region)
    of_region = np.bincount(ground.region, weights=size) / np.maximum(counted, 1)
    luck = np.random.default_rng([seed, 0]).normal(size=len(size))
    return _standardised(0.5 * size + 0.5 * _standardised(of_region[ground.region]) + 0.6 * luck)


def gathered(series: Series, members: Integers) -> Series:
    """The same of provinces that consist of others: counts are summed."""
    bottom = None if series.denominator is None else series.denominator @ members.T
    return Series(series.numerator @ members.T, bottom)


def cumulated(series: Series) -> Series:
    """From the start of the year to the end of each quarter."""
    bottom = None if series.denominator is None else _running(series.denominator)
    return Series(_running(series.numerator), bottom)


def _running(counts: Integers) -> Integers:
    result = counts.copy()
    for quarter in range(1, len(counts)):
        if quarter % 4:
            result[quarter] += result[quarter - 1]
    return result


def _counts(subject: Subject, ground: Ground, maturity: Floats, quarters: int, chance: Chance) -> Integers:
    """Counts that follow the population and grow; flows have seasons and waver more."""
    per_million = np.exp(chance.uniform(np.log(200), np.log(200_000)))
    level = np.log(per_million * ground.population / 1e6) + 0.2 * maturity
    level = level + chance.normal(scale=0.2, size=len(maturity))
    growth = chance.uniform(0.01, 0.12) * _years(quarters)
    season = _season(chance, chance.uniform(0.02, 0.12), quarters)
    wavering = _wavering(chance, 0.05 if subject.flow else 0.012, (quarters, len(maturity)))
    logarithm = level + growth[:, None] + wavering + (season[:, None] if subject.flow else 0.0)
    counts: Integers = np.maximum(LEAST_COUNT, np.rint(np.exp(logarithm))).astype(np.int64)
    return counts


def _shares(subject: Subject, maturity: Floats, quarters: int, chance: Chance) -> Floats:
    """Shares (0 to 1) on a logistic curve: the direction that is better is, slowly, where they go."""
    towards = {Direction.HIGHER: 1.0, Direction.LOWER: -1.0}.get(subject.direction, 0.2)
    level = towards * chance.uniform(0.2, 2.4)
    slope = towards * chance.uniform(0.08, 0.35) * _years(quarters)
    spread = towards * chance.uniform(0.2, 0.6) * maturity + chance.normal(scale=0.3, size=len(maturity))
    season = _season(chance, chance.uniform(0.0, 0.1), quarters)
    wavering = _wavering(chance, 0.06 if subject.flow else 0.025, (quarters, len(maturity)))
    shares: Floats = 1.0 / (1.0 + np.exp(-(level + slope[:, None] + spread + season[:, None] + wavering)))
    return shares


def _years(quarters: int) -> Floats:
    """Years before the last quarter, as negative numbers: a longer series has the same end."""
    return (np.arange(quarters, dtype=np.float64) - (quarters - 1)) / 4


def _season(chance: Chance, strength: float, quarters: int) -> Floats:
    pattern = chance.normal(size=4)
    pattern -= pattern.mean()
    return strength * np.asarray(pattern[np.arange(quarters) % 4], dtype=np.float64)


def _wavering(chance: Chance, scale: float, shape: tuple[int, int]) -> Floats:
    """Noise that keeps 0.6 of itself from quarter to quarter."""
    steps = chance.normal(scale=scale, size=shape)
    for quarter in range(1, shape[0]):
        steps[quarter] += 0.6 * steps[quarter - 1]
    return steps


def _standardised(numbers: Floats) -> Floats:
    deviation = numbers.std()
    result: Floats = (numbers - numbers.mean()) / (deviation if deviation > 0 else 1.0)
    return result

"""Stated figures that their own counts, parts, neighbours or scales contradict.

Each rule is one pure function that compares intervals and returns a `Contradiction` or None. A rule speaks
only where no number that the writer may have meant fits: a false alarm is a defect. Nothing is corrected; the
arithmetic goes with the figure (`contradiction_sentences.describe` puts it into words).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from statistics import median

from indicators.core.intervals import Interval, difference, share, total
from indicators.core.ranking import Direction
from indicators.core.stated import Measure, Qualifier, StatedValue

#: Fewer earlier points than this say nothing about what is usual.
FEWEST_EARLIER_POINTS = 6
#: Robust standard deviations. 3.5 is usual for large samples (Iglewicz & Hoaglin 1993); with 6 to 20 points
#: it would call one normal figure in twenty a jump, 7 fewer than one in four hundred.
JUMP_THRESHOLD = Decimal(7)
#: From the median absolute deviation to the standard deviation of a normal distribution.
_MAD_TO_SIGMA = Decimal("1.4826")
#: A scale below this part of the usual level is rounding or luck, not the spread of the figure.
_LEAST_SCALE = Decimal("0.01")

#: What a sentence shows: a figure as stated, several to be added, or a number worked out.
Term = StatedValue | tuple[StatedValue, ...] | Interval | Decimal


class Rule(StrEnum):
    """The rule that a figure breaks; its name is the API's."""

    PERCENTAGE_AGAINST_COUNTS = "percentage_against_counts"
    PARTS_AGAINST_WHOLE = "parts_against_whole"
    PARTS_EXCEED_WHOLE = "parts_exceed_whole"
    YEAR_TO_DATE_AGAINST_QUARTERS = "year_to_date_against_quarters"
    YEAR_TO_DATE_FALLS = "year_to_date_falls"
    NUMERATOR_FALLS = "numerator_falls"
    DENOMINATOR_FALLS = "denominator_falls"
    OUTSIDE_BOUNDS = "outside_bounds"
    JUMP_AGAINST_SERIES = "jump_against_series"
    TARGET_SAID_MET = "target_said_met"
    TARGET_SAID_MISSED = "target_said_missed"
    EXCESS_AGAINST_TARGET = "excess_against_target"
    PUBLISHED_RANK_AGAINST_COMPUTED = "published_rank_against_computed"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What was stated and what was computed, which have no number in common; `arithmetic` names its terms.

    `per_cent` says that both are percentages.
    """

    rule: Rule
    stated: Interval
    computed: Interval
    arithmetic: Mapping[str, Term]
    per_cent: bool = False


def percentage_against_counts(
    stated: StatedValue, numerator: StatedValue, denominator: StatedValue
) -> Contradiction | None:
    """A stated percentage against 100 · numerator / denominator; silent where the denominator is 0."""
    computed = share(numerator.forgiving, denominator.forgiving)
    if computed is None or computed.overlaps(stated.forgiving):
        return None
    terms: dict[str, Term] = {"numerator": numerator, "denominator": denominator}
    return _found(Rule.PERCENTAGE_AGAINST_COUNTS, stated, computed, terms)


def parts_against_whole(
    whole: StatedValue,
    parts: Sequence[StatedValue],
    *,
    complete: bool = True,
    tolerance: Decimal = Decimal(0),
) -> Contradiction | None:
    """A whole against the sum of its parts; of parts that are not all, only that they exceed it.

    `tolerance` is what the publisher's own rounding may add on either side, beyond the written digits.
    """
    computed = _widened(total(part.forgiving for part in parts), tolerance)
    terms: dict[str, Term] = {"parts": tuple(parts)}
    if computed.overlaps(whole.forgiving):
        return None
    if complete:
        return _found(Rule.PARTS_AGAINST_WHOLE, whole, computed, terms)
    at_most_whole = Interval(None, whole.forgiving.upper, upper_open=whole.forgiving.upper_open)
    if computed.overlaps(at_most_whole):
        return None
    return _found(Rule.PARTS_EXCEED_WHOLE, whole, computed, terms)


def year_to_date_against_quarters(
    cumulative: StatedValue, quarters: Sequence[StatedValue]
) -> Contradiction | None:
    """A figure from the start of the year against the sum of all the quarters (or months) in it."""
    computed = total(quarter.plausible for quarter in quarters)
    if computed.overlaps(cumulative.plausible):
        return None
    terms: dict[str, Term] = {"parts": tuple(quarters)}
    return _found(Rule.YEAR_TO_DATE_AGAINST_QUARTERS, cumulative, computed, terms)


def year_to_date_falls(cumulative: StatedValue, *earlier: StatedValue) -> Contradiction | None:
    """A cumulative count below that of an earlier period of the year: the derived quarter is negative. Of a
    merged province ``earlier`` is that of each predecessor."""
    return _falls(Rule.YEAR_TO_DATE_FALLS, cumulative, earlier)


def numerator_falls(cumulative: StatedValue, *earlier: StatedValue) -> Contradiction | None:
    """The same of the numerator of a cumulative percentage."""
    return _falls(Rule.NUMERATOR_FALLS, cumulative, earlier)


def denominator_falls(cumulative: StatedValue, *earlier: StatedValue) -> Contradiction | None:
    """The same of its denominator: no quarter can be derived."""
    return _falls(Rule.DENOMINATOR_FALLS, cumulative, earlier)


def _falls(rule: Rule, cumulative: StatedValue, earlier: Sequence[StatedValue]) -> Contradiction | None:
    before = total(figure.plausible for figure in earlier)
    rest = difference(cumulative.plausible, before)
    if rest.overlaps(Interval(Decimal(0), None)):
        return None
    at_least = Interval(before.lower, None, before.lower_open)
    terms: dict[str, Term] = {"earlier": tuple(earlier), "difference": rest}
    return _found(rule, cumulative, at_least, terms)


def outside_bounds(stated: StatedValue, bounds: Interval) -> Contradiction | None:
    """A figure wholly outside the scale of its definition."""
    if stated.plausible.overlaps(bounds):
        return None
    return _found(Rule.OUTSIDE_BOUNDS, stated, bounds, {})


def jump_against_series(
    stated: StatedValue, earlier: Sequence[Decimal], *, threshold: Decimal = JUMP_THRESHOLD
) -> Contradiction | None:
    """A figure far from its own past: robust z-scores of the level and of the change both above `threshold`.

    `earlier` holds the comparable figures before it in the order of time. A score is the distance to the
    median over 1.4826 · MAD (B. Iglewicz & D. Hoaglin, "How to Detect and Handle Outliers", 1993), where the
    scale is at least the unit of the figure and 1 % of the usual level. The level alone would flag every
    trend, the change alone the return to normal after a jump.
    """
    if len(earlier) < FEWEST_EARLIER_POINTS:
        return None
    middle = median(earlier)
    least = max(stated.unit, _LEAST_SCALE * abs(middle))
    level = _usual(earlier, least, threshold)
    changes = [after - before for before, after in pairwise(earlier)]
    after_change = total([Interval.point(earlier[-1]), _usual(changes, least, threshold)])
    if stated.forgiving.overlaps(level) or stated.forgiving.overlaps(after_change):
        return None
    score = stated.forgiving.distance(Interval.point(middle)) / _scale(earlier, least)
    terms: dict[str, Term] = {"median": middle, "score": round(score, 1), "points": Decimal(len(earlier))}
    return _found(Rule.JUMP_AGAINST_SERIES, stated, level, terms)


def target_text_against_figure(
    figure: StatedValue, target: StatedValue, *, said_met: bool, direction: Direction
) -> Contradiction | None:
    """A text that says whether a target is met, against the figure and the target themselves.

    The target is a threshold, not a rounding: "từ 80% trở lên" is met from 80 on, "trên 50%" above 50. One
    without such words follows the indicator's direction; without a judgement nothing is said.
    """
    meeting = _meeting(target, direction)
    if meeting is None:
        return None
    missing = _complement(meeting)
    if figure.forgiving.overlaps(meeting if said_met else missing):
        return None
    rule = Rule.TARGET_SAID_MET if said_met else Rule.TARGET_SAID_MISSED
    return _found(rule, figure, meeting if said_met else missing, {"target": target})


def excess_against_target(
    excess: StatedValue, figure: StatedValue, target: StatedValue
) -> Contradiction | None:
    """ "vượt 23,72% so với chỉ tiêu" against figure − target, the target taken at its word."""
    computed = difference(figure.forgiving, Interval.point(target.value))
    if computed.overlaps(excess.forgiving):
        return None
    terms: dict[str, Term] = {"figure": figure, "target": target}
    return _found(Rule.EXCESS_AGAINST_TARGET, excess, computed, terms)


def published_rank_against_computed(published: int, rank_from: int, rank_to: int) -> Contradiction | None:
    """A published rank outside the span that the intervals of the values allow."""
    if rank_from <= published <= rank_to:
        return None
    return Contradiction(
        Rule.PUBLISHED_RANK_AGAINST_COMPUTED,
        Interval.point(Decimal(published)),
        Interval(Decimal(rank_from), Decimal(rank_to)),
        {"value": Decimal(published)},
    )


def _found(rule: Rule, stated: StatedValue, computed: Interval, terms: Mapping[str, Term]) -> Contradiction:
    arithmetic = {"value": stated, **terms}
    return Contradiction(rule, stated.forgiving, computed, arithmetic, stated.measure is Measure.PERCENT)


def _widened(interval: Interval, tolerance: Decimal) -> Interval:
    return total([interval, Interval(-tolerance, tolerance)]) if tolerance else interval


def _usual(numbers: Sequence[Decimal], least: Decimal, threshold: Decimal) -> Interval:
    """Everything within `threshold` robust standard deviations of the median."""
    middle, reach = median(numbers), threshold * _scale(numbers, least)
    return Interval(middle - reach, middle + reach)


def _scale(numbers: Sequence[Decimal], least: Decimal) -> Decimal:
    middle = median(numbers)
    return max(_MAD_TO_SIGMA * median([abs(number - middle) for number in numbers]), least)


def _meeting(target: StatedValue, direction: Direction) -> Interval | None:
    """The figures that meet a target."""
    match target.qualifier:
        case Qualifier.MORE_THAN:
            return Interval(target.value, None, lower_open=True)
        case Qualifier.LESS_THAN:
            return Interval(None, target.value, upper_open=True)
        case Qualifier.AT_LEAST:
            return Interval(target.value, None)
        case Qualifier.AT_MOST:
            return Interval(None, target.value)
    if direction is Direction.NONE:
        return None
    return Interval(target.value, None) if direction is Direction.HIGHER else Interval(None, target.value)


def _complement(half_line: Interval) -> Interval:
    """What a half-line leaves out."""
    if half_line.upper is None:
        return Interval(None, half_line.lower, upper_open=not half_line.lower_open)
    return Interval(half_line.upper, None, lower_open=not half_line.upper_open)

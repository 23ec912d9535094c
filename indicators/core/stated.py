"""A number as a report states it: its value, the unit of its last significant digit, and the words around it.

The *plausible* interval is what the writer may have meant; the *hard* one is all that the words allow
(design: "What a reported number says"; docs/decisions/stated-numbers.md gives the unit rule in full).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from indicators.core.intervals import Interval, difference, share, total
from indicators.core.numerals import (
    MAXIMUM_DIGITS,
    AmbiguousNumber,
    Measure,
    Numeral,
    StatedNumberError,
    UnreadableNumber,
    read_numeral,
)
from indicators.core.wording import Qualifier, take_apart

__all__ = [
    "AmbiguousNumber",
    "Interval",
    "Measure",
    "Qualifier",
    "StatedNumberError",
    "StatedValue",
    "UnreadableNumber",
    "difference",
    "from_value",
    "parse_stated",
    "share",
    "total",
]

_LONGEST_TEXT = 200
_NOT_NEGATIVE = Interval(Decimal(0), None)


@dataclass(frozen=True, slots=True)
class StatedValue:
    """One number as stated. `unit` is the worth of its last significant digit; `estimated` says "ước"."""

    value: Decimal
    qualifier: Qualifier
    unit: Decimal
    text: str
    measure: Measure
    estimated: bool = False

    @property
    def plausible(self) -> Interval:
        """What the writer may have meant, before any bounds of the definition; a count is never below 0."""
        interval = self._around(self.unit)
        return interval.clipped(_NOT_NEGATIVE) if self.measure is Measure.COUNT else interval

    @property
    def forgiving(self) -> Interval:
        """The plausible interval, but for finding fault: "trên 70%" is also said of 71,12, so that a round
        number with words around it is taken as rounded to tens, [70, 80). Otherwise the plausible one."""
        rounded = self.qualifier is not Qualifier.EXACT and self.measure is not Measure.COUNT
        if rounded and self.unit == 1 and self.value and not self.value % 10:
            return self._around(Decimal(10))
        return self.plausible

    def _around(self, u: Decimal) -> Interval:
        x = self.value
        match self.qualifier:
            case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
                return Interval(x, x + u, upper_open=True)
            case Qualifier.LESS_THAN | Qualifier.AT_MOST | Qualifier.NEARLY:
                return Interval(x - u, x, lower_open=True)
            case Qualifier.ABOUT:
                return Interval(x - u, x + u)
            case Qualifier.EXACT:
                return Interval.point(x) if self._counted_out else Interval(x - u / 2, x + u / 2)

    def hard(self, bounds: Interval) -> Interval:
        """All that the words allow inside `bounds`: "trên 92%" reaches to the end of the scale.

        The stated number itself stays in, as it does in the plausible interval: reports say "trên 92%" of
        92,0 as well. Exact and approximate numbers are no harder than plausible.
        """
        match self.qualifier:
            case Qualifier.MORE_THAN | Qualifier.AT_LEAST:
                return Interval(self.value, None).clipped(bounds)
            case Qualifier.LESS_THAN | Qualifier.AT_MOST | Qualifier.NEARLY:
                return Interval(None, self.value).clipped(bounds)
            case Qualifier.ABOUT | Qualifier.EXACT:
                return self.plausible.clipped(bounds)

    @property
    def _counted_out(self) -> bool:
        """A count written to the last one (8.868) was counted, not rounded."""
        return self.measure is Measure.COUNT and self.unit == 1


def parse_stated(text: str, measure: Measure, qualifier: Qualifier | None = None) -> StatedValue:
    """Read a number as Vietnamese reports write it: "72,63", "gần 500.000", "từ 80% trở lên", "3,2 triệu".

    `qualifier` is what is known from elsewhere (a column of its own); where the text has one as well, they
    must agree. Raises UnreadableNumber or AmbiguousNumber for every text that is not read, nothing else.
    """
    if len(text) > _LONGEST_TEXT:
        raise UnreadableNumber("too_long", text=text[:_LONGEST_TEXT], maximum=str(_LONGEST_TEXT))
    wording = take_apart(text)
    counted = measure is Measure.COUNT
    if wording.per_cent and measure is not Measure.PERCENT:
        raise UnreadableNumber("percent_sign", text=text, measure=measure)
    if wording.exponent is not None and not counted:
        raise UnreadableNumber("multiplier", text=text, measure=measure)
    if wording.negative and counted:
        raise UnreadableNumber("negative_count", text=text)
    numeral = read_numeral(wording.numeral, whole=counted and wording.exponent is None)
    agreed = _agreed(wording.qualifier, qualifier, text)
    value = (-numeral.value if wording.negative else numeral.value).scaleb(wording.exponent or 0)
    if counted and value != value.to_integral_value():
        raise UnreadableNumber("fraction_in_count", text=text)
    if value.adjusted() >= MAXIMUM_DIGITS:
        raise UnreadableNumber("too_many_digits", text=text, maximum=str(MAXIMUM_DIGITS))
    unit = _unit(numeral, measure, agreed, wording.exponent)
    return StatedValue(_plain(value, counted), agreed, unit, text, measure, wording.estimated)


def from_value(value: Decimal, qualifier: Qualifier, measure: Measure) -> StatedValue:
    """The same from a number that is already one; its own digits give the unit, 1.0000 keeps its zeros.

    Raises UnreadableNumber (`not_finite`, `fraction_in_count`, `negative_count`, `too_many_digits`).
    """
    if not value.is_finite():
        raise UnreadableNumber("not_finite", text=str(value))
    if value and not -MAXIMUM_DIGITS < value.adjusted() < MAXIMUM_DIGITS:
        raise UnreadableNumber("too_many_digits", text=str(value), maximum=str(MAXIMUM_DIGITS))
    counted = measure is Measure.COUNT
    if counted and value < 0:
        raise UnreadableNumber("negative_count", text=str(value))
    if counted and value != value.to_integral_value():
        raise UnreadableNumber("fraction_in_count", text=str(value))
    plain = _plain(value, counted)
    written = f"{abs(plain):f}"
    decimals = len(written.partition(".")[2])
    numeral = Numeral(written.replace(".", ""), decimals)
    if len(numeral.digits) > MAXIMUM_DIGITS:
        raise UnreadableNumber("too_many_digits", text=str(value), maximum=str(MAXIMUM_DIGITS))
    return StatedValue(plain, qualifier, _unit(numeral, measure, qualifier, None), f"{plain:f}", measure)


def _unit(numeral: Numeral, measure: Measure, qualifier: Qualifier, exponent: int | None) -> Decimal:
    """The worth of the last significant digit.

    Percentages and scores: the last written digit (80 → 1). Counts written out and exact: 1. Other counts
    lose the zeros that only hold the place (500.000 → 100.000), and a word such as "triệu" multiplies.
    """
    if measure is not Measure.COUNT:
        return numeral.unit
    if qualifier is Qualifier.EXACT and exponent is None:
        return Decimal(1)
    unit = numeral.significant_unit.scaleb(exponent or 0)
    return unit.quantize(Decimal(1)) if unit >= 1 else Decimal(1)


def _agreed(written: Qualifier, given: Qualifier | None, text: str) -> Qualifier:
    if given is None or given is written:
        return written
    if written is Qualifier.EXACT:
        return given
    raise AmbiguousNumber("conflicting_qualifiers", text=text, qualifiers=f"{written} {given}")


def _plain(value: Decimal, counted: bool) -> Decimal:
    """Without exponent notation; a count without decimals (12.00 → 12)."""
    if counted or _has_positive_exponent(value):
        return value.quantize(Decimal(1))
    return value


def _has_positive_exponent(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent > 0

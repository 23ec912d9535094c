"""A stored number back as the words of its source: what intervals and contradictions are worked out from."""

from __future__ import annotations

from decimal import Decimal

from indicators.core.stated import (
    Measure,
    Qualifier,
    StatedNumberError,
    StatedValue,
    from_value,
    parse_stated,
)
from indicators.models import Observation


def stated_value(value: Decimal, as_stated: str, qualifier: str, measure: str) -> StatedValue:
    """The number as its text states it, or by its own digits where the text is missing or says something else
    (a printed "4,681; 6,779" stands beside a share that was worked out from it). Where the value has more
    decimals than the text (a table of four decimals prints 0.6, and it was entered as 0.6000), whoever
    entered it knew how exact it is: its own digits count. ``stated_columns.unit_exponents`` is the same for
    columns.

    Raises StatedNumberError where ``value`` cannot be a number of this measure: a count with a fraction.
    """
    try:
        read = parse_stated(as_stated, Measure(measure)) if as_stated else None
    except StatedNumberError:
        read = None
    if (
        read is not None
        and (read.value, read.qualifier) == (value, qualifier)
        and _decimals(value) <= _decimals(read.value)
    ):
        return read
    return from_value(value, Qualifier(qualifier), Measure(measure))


def stated_observation(row: Observation) -> StatedValue:
    """The figure of an observation that has one."""
    if row.value is None:
        raise ValueError(f"Observation {row.pk} has no value.")
    return stated_value(row.value, row.as_stated, row.qualifier, row.indicator.measure)


def stated_count(value: Decimal, as_stated: str) -> StatedValue:
    """A numerator or denominator: its words carry the qualifier ("trên 3,2 triệu"); otherwise it is exact."""
    try:
        read = parse_stated(as_stated, Measure.COUNT) if as_stated else None
    except StatedNumberError:
        read = None
    if read is not None and read.value == value:
        return read
    return from_value(value, Qualifier.EXACT, Measure.COUNT)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0

"""Reading one cell as typed: understood or refused with a code, never guessed.

A cell is a figure (or a reason why there is none) and, for a ratio, its two counts. What cannot be read is a
`Problem` with a code and parameters; the sentence for a person is made at the edge.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from indicators.core.stated import (
    AmbiguousNumber,
    Measure,
    Qualifier,
    StatedNumberError,
    StatedValue,
    from_value,
    parse_stated,
)


@dataclass(frozen=True, slots=True)
class CellText:
    """What a person put into one cell; every field may be empty. `qualifier` empty: as the text says."""

    text: str = ""
    numerator: str = ""
    denominator: str = ""
    qualifier: str = ""
    status: str = "final"
    missing_reason: str = ""
    note: str = ""
    explanation: str = ""


def digest(cell: CellText) -> str:
    """Tells a cell that somebody changed from one that was only shown."""
    return str(
        zlib.crc32("\x1f".join(getattr(cell, name) for name in CellText.__dataclass_fields__).encode())
    )


@dataclass(frozen=True, slots=True)
class CellRules:
    """What is asked for: the measure, whether counts are wanted, and the digits of a computed percentage."""

    measure: Measure
    wants_counts: bool = False
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a part of a cell is not understood. `part` is text, numerator or denominator."""

    part: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class CellReading:
    """A cell understood. Missing numbers are None; `computed` says that the value came from the counts."""

    stated: StatedValue | None = None
    numerator: StatedValue | None = None
    denominator: StatedValue | None = None
    computed: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def value(self) -> Decimal | None:
        return self.stated.value if self.stated else None

    @property
    def estimated(self) -> bool:
        return self.stated is not None and self.stated.estimated


def read_cell(cell: CellText, rules: CellRules) -> CellReading:
    """The numbers of a cell, and what could not be read.

    Where a percentage is not written but its counts are, it is 100 · numerator / denominator, rounded half up
    to the indicator's decimals.
    """
    problems: list[Problem] = []
    qualifier = Qualifier(cell.qualifier) if cell.qualifier else None
    stated = _read(cell.text, "text", rules.measure, qualifier, problems)
    numerator = denominator = None
    if rules.wants_counts:
        numerator = _read(cell.numerator, "numerator", Measure.COUNT, None, problems)
        denominator = _read(cell.denominator, "denominator", Measure.COUNT, None, problems)
    if denominator is not None and denominator.value == 0:
        problems.append(Problem("denominator", "zero_denominator"))
        denominator = None
    computed = _computed(cell, rules, numerator, denominator)
    return CellReading(computed or stated, numerator, denominator, computed is not None, tuple(problems))


def _read(
    text: str, part: str, measure: Measure, qualifier: Qualifier | None, problems: list[Problem]
) -> StatedValue | None:
    if not text.strip():
        return None
    try:
        return parse_stated(text, measure, qualifier)
    except StatedNumberError as error:
        ambiguous = isinstance(error, AmbiguousNumber)
        problems.append(Problem(part, error.code, dict(error.params), ambiguous))
        return None


def _computed(
    cell: CellText, rules: CellRules, numerator: StatedValue | None, denominator: StatedValue | None
) -> StatedValue | None:
    """The percentage that two exact counts make, where none was written and no reason stands instead."""
    if cell.text.strip() or cell.missing_reason or rules.measure is not Measure.PERCENT:
        return None
    if numerator is None or denominator is None:
        return None
    value = (100 * numerator.value / denominator.value).quantize(
        Decimal(1).scaleb(-rules.decimals), rounding=ROUND_HALF_UP
    )
    exact = numerator.qualifier is Qualifier.EXACT and denominator.qualifier is Qualifier.EXACT
    return from_value(value, Qualifier.EXACT if exact else Qualifier.ABOUT, Measure.PERCENT)

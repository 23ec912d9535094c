"""A figure that was published before, as it stands beside a cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from indicators.core.stated import Measure, Qualifier, StatedNumberError, StatedValue, from_value


@dataclass(frozen=True, slots=True)
class Known:
    value: Decimal
    qualifier: str
    measure: str
    derived: bool = False
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    def stated(self) -> StatedValue | None:
        try:
            return from_value(self.value, Qualifier(self.qualifier), Measure(self.measure))
        except StatedNumberError:
            return None

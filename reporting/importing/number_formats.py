"""What a spreadsheet's number format shows of a number: as per cent or not, and with how many decimals.

15 in a cell of the format 0.0 is shown, and was meant, as 15,0: one decimal is known (ECMA-376, 18.8.30).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

#: The formats that a workbook names by number only.
BUILT_IN = {1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 37: "#,##0", 38: "#,##0"}
BUILT_IN |= {39: "#,##0.00", 40: "#,##0.00"}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_NUMBER = re.compile(r"[#0?,]*(?:\.([#0?]*),*)?")
MOST_DECIMALS = 15  # a spreadsheet holds no more digits


@dataclass(frozen=True, slots=True)
class Shown:
    """How a number is shown. `decimals` counts those that stand there whatever the number is."""

    per_cent: bool
    decimals: int


def shown_by(code: str) -> Shown | None:
    """What a format code says; None where it says nothing of decimals (General, fractions, dates, powers of
    ten, numbers shown in thousands) and no sign of per cent."""
    bare = _LITERAL.sub("", code)
    positive = bare.partition(";")[0].strip()
    found = _NUMBER.search(positive.lstrip("-+( $"))
    decimals = found[1] or "" if found else ""
    number = found[0] if found else ""
    if "%" in bare:
        return Shown(True, min(decimals.count("0"), MOST_DECIMALS))
    plain = not re.search(r"[A-Za-z/]", positive) and "0" in number
    if not plain or number.partition(".")[0].endswith(",") or number.endswith(","):
        return None
    return Shown(False, min(decimals.count("0"), MOST_DECIMALS))


def shown_by_number(number: int, own: Mapping[int, str]) -> Shown | None:
    """The same by the number of the format; ``own`` are the workbook's own codes."""
    code = own.get(number, BUILT_IN.get(number, ""))
    return shown_by(code) if code else None

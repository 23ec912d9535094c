"""Numbers as the pages print them, read back: "trên 72,63 %" is 72.63 in a cell that shows the words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboards import formatting as f

_GROUPED = {
    "vi": re.compile(r"^([+−±]?)(\d{1,3}(?:\.\d{3})*|\d{1,3})(?:,(\d+))?$"),
    "en": re.compile(r"^([+−±]?)(\d{1,3}(?:,\d{3})*|\d{1,3})(?:\.(\d+))?$"),
}
_SPLIT = re.compile(r"^(?P<before>[^\d+−±]*)(?P<number>[+−±]?\d[\d.,]*)(?P<after>(?:[\s\u00a0]?[^\d]*))$")


@dataclass(frozen=True)
class Number:
    """A value and how a workbook shows it."""

    value: float
    pattern: str


def number_of(text: str, language: f.Language) -> Number | None:
    """None for what is no single number: "4–7", a date, a code with leading words."""
    found = _SPLIT.match(text)
    if found is None:
        return None
    before, after = found["before"], found["after"]
    digits = found["number"].rstrip(".,")
    if digits != found["number"] or (before.strip() and not f.qualifies(before, language)):
        return None
    parts = _GROUPED[language].match(digits)
    if parts is None or any(letter in after for letter in '/–:"'):
        return None
    sign, whole, decimals = parts[1], re.sub(r"[.,]", "", parts[2]), parts[3] or ""
    value = float(f"{whole}.{decimals or 0}")
    body = "#,##0" + (f".{'0' * len(decimals)}" if decimals else "")
    pattern = _quoted(before) + body + _quoted(after)
    if sign:
        pattern = f"+{pattern};\u2212{pattern};±{pattern}" if not before else pattern
    return Number(-value if sign == "−" else value, pattern)


def _quoted(words: str) -> str:
    return f'"{words}"' if words else ""

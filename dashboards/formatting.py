"""Numbers, dates and qualifiers as Vietnam writes them (72,63 % · 175.439 · 30/06/2021), and in English.

Pure: no Django, no clock. ``language`` is "vi" or "en"; a missing number is an en dash.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from babel import Locale

Language = Literal["vi", "en"]
Number = Decimal | float | int

# Of Babel the signs only: reading a pattern and a locale for each number took a tenth of a page.
_SIGNS = {
    code: str.maketrans(
        {
            "-": "\u2212",
            ".": Locale(code).number_symbols["latn"]["decimal"],
            ",": Locale(code).number_symbols["latn"]["group"],
        }
    )
    for code in ("vi", "en")
}

MISSING = "–"
_NO_BREAK = "\u00a0"
_MINUS = "\u2212"

_QUALIFIERS: dict[str, dict[str, str]] = {
    "vi": {
        "more_than": "trên",
        "at_least": "ít nhất",
        "less_than": "dưới",
        "at_most": "tối đa",
        "nearly": "gần",
        "about": "khoảng",
    },
    "en": {
        "more_than": "over",
        "at_least": "at least",
        "less_than": "under",
        "at_most": "at most",
        "nearly": "nearly",
        "about": "about",
    },
}


def language_of(code: str | None) -> Language:
    """The language we write in for a Django language code; Vietnamese unless it is English."""
    return "en" if (code or "vi").startswith("en") else "vi"


def written_decimals(value: Number) -> int:
    """How many decimals a stated number has: its own digits say so (1.0000 has four)."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def number(value: Number | None, language: Language, decimals: int | None = None) -> str:
    """A number with grouping. Without ``decimals`` a Decimal keeps the digits it was stated with."""
    if value is None:
        return MISSING
    places = written_decimals(value) if decimals is None else decimals
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return f"{exact:,.{places}f}".translate(_SIGNS[language])


def with_unit(text: str, measure: str, language: Language, unit: str = "") -> str:
    """``text`` with the sign or word of its unit: "72,63 %", "72.63%", "175.439 hồ sơ"."""
    if text == MISSING:
        return text
    if measure == "percent":
        return f"{text}{_NO_BREAK}%" if language == "vi" else f"{text}%"
    return f"{text}{_NO_BREAK}{unit}" if unit else text


def quantity(
    value: Number | None, measure: str, language: Language, decimals: int | None = None, unit: str = ""
) -> str:
    if language == "en" and value == 1:
        unit = _one_of(unit)
    return with_unit(number(value, language, decimals), measure, language, unit)


def _one_of(units: str) -> str:
    """The unit of a single thing: the catalogue writes English units in the plural."""
    if units == "people":
        return "person"
    for ending, single in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if units.endswith(ending):
            return units.removesuffix(ending) + single
    return units


def stated(
    value: Number | None,
    qualifier: str,
    measure: str,
    language: Language,
    unit: str = "",
    estimated: bool = False,
) -> str:
    """A figure as it was stated: "trên 92 %", "nearly 500,000", "ước đạt 24 %"."""
    text = quantity(value, measure, language, unit=unit)
    if text == MISSING:
        return text
    words = [_QUALIFIERS[language].get(qualifier, "")]
    if estimated:
        words.insert(0, "ước" if language == "vi" else "estimated")
    return " ".join([*(word for word in words if word), text])


def qualifies(words: str, language: Language) -> bool:
    """Whether ``words`` are what ``stated`` may put before a number: a qualifier, an estimate."""
    known = {*_QUALIFIERS[language].values(), "ước" if language == "vi" else "estimated"}
    rest = words.strip()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return not rest.strip()


def change(value: Number | None, measure: str, language: Language, decimals: int) -> str:
    """A difference with its sign: "+1,25 điểm %" for percentages, "+0,0312" for scores."""
    if value is None:
        return MISSING
    rounded = round(float(value), decimals)
    sign = "+" if rounded > 0 else _MINUS if rounded < 0 else "±"
    text = sign + number(abs(rounded), language, decimals)
    if measure == "percent":
        text += _NO_BREAK + ("điểm %" if language == "vi" else "pp")
    return text


def share(part: float, language: Language) -> str:
    """A share of one as a whole percentage, rounded down so that only a complete one reads 100 %."""
    return with_unit(number(int(part * 100 + 1e-9), language, 0), "percent", language)


def day(value: date | None, language: Language) -> str:
    """30/06/2021 in both languages (the documents write it so); missing is an en dash."""
    return value.strftime("%d/%m/%Y") if value else MISSING


def instant(value: datetime | None, language: Language) -> str:
    """Local time given by the caller: "14:05 ngày 30/06/2021", "30/06/2021, 14:05"."""
    if value is None:
        return MISSING
    return value.strftime("%H:%M ngày %d/%m/%Y" if language == "vi" else "%d/%m/%Y, %H:%M")


def published(text: str) -> str:
    """A publication date as far as it is known: 2022 · 05/2022 · 24/05/2022."""
    return "/".join(reversed(text.split("-"))) if text else ""


def rank(position: int | None, lowest: int | None, highest: int | None) -> str:
    """ "7", or "4–7" where the stated precision leaves the rank open; missing is an en dash."""
    if position is None:
        return MISSING
    if lowest is None or highest is None or lowest == highest:
        return str(position)
    return f"{lowest}–{highest}"

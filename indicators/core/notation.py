"""Numbers and intervals as Vietnamese and English write them, for sentences that show an arithmetic.

Pages format with CLDR; here exact decimals are written with all their digits, or with as many as asked for.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from indicators.core.intervals import Interval
from indicators.core.period_labels import Language
from indicators.core.stated import Measure, Qualifier, StatedValue

_MARKS: dict[Language, dict[int, int]] = {"vi": str.maketrans(",.", ".,"), "en": {}}
_WORDS: dict[Language, dict[Qualifier, str]] = {
    "vi": {
        Qualifier.EXACT: "",
        Qualifier.MORE_THAN: "trên ",
        Qualifier.AT_LEAST: "ít nhất ",
        Qualifier.LESS_THAN: "dưới ",
        Qualifier.AT_MOST: "không quá ",
        Qualifier.NEARLY: "gần ",
        Qualifier.ABOUT: "khoảng ",
    },
    "en": {
        Qualifier.EXACT: "",
        Qualifier.MORE_THAN: "over ",
        Qualifier.AT_LEAST: "at least ",
        Qualifier.LESS_THAN: "under ",
        Qualifier.AT_MOST: "at most ",
        Qualifier.NEARLY: "nearly ",
        Qualifier.ABOUT: "about ",
    },
}
_PER_CENT: dict[Language, str] = {"vi": " %", "en": "%"}
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


def written(number: Decimal, language: Language, decimals: int | None = None) -> str:
    """1253.5 → "1.253,5" (vi) or "1,253.5" (en); `decimals` rounds half away from zero."""
    if decimals is not None:
        number = _WIDE.quantize(number, Decimal(1).scaleb(-decimals))
    return f"{number:,f}".replace("-", "−").translate(_MARKS[language])


def written_interval(interval: Interval, language: Language, decimals: int | None = None) -> str:
    """A number where only one is possible at this precision, else [a; b], round brackets at open ends."""
    lower = "−∞" if interval.lower is None else written(interval.lower, language, decimals)
    upper = "∞" if interval.upper is None else written(interval.upper, language, decimals)
    if interval.lower is not None and lower == upper:
        return lower
    return f"{'(' if interval.lower_open else '['}{lower}; {upper}{')' if interval.upper_open else ']'}"


def written_bounds(bounds: Interval, language: Language) -> str:
    """Within what a figure may lie, as one says it: "0–100", "từ 0 trở lên", "at most 100". ValueError where
    it may be anything."""
    least, most = (None if end is None else written(end, language) for end in (bounds.lower, bounds.upper))
    if least is None and most is None:
        raise ValueError("there is no bound to tell")
    if most is None:
        return f"từ {least} trở lên" if language == "vi" else f"{least} or more"
    if least is None:
        return _WORDS[language][Qualifier.AT_MOST] + most
    return f"{least}–{most}"


def written_stated(stated: StatedValue, language: Language) -> str:
    """The number with the words that bound it: "trên 92 %", "over 92%"."""
    words = _WORDS[language][stated.qualifier] + written(stated.value, language)
    return words + per_cent(language) if stated.measure is Measure.PERCENT else words


def per_cent(language: Language) -> str:
    """The sign of per cent; Vietnamese sets a space before it."""
    return _PER_CENT[language]

"""A contradiction in one sentence that shows its arithmetic, in Vietnamese and English.

"13.483 / 175.439 = 7,69 %, nằm ngoài [6,5; 7,5] của con số đã nêu 7 %"
"""

from __future__ import annotations

from decimal import Decimal

from indicators.core.contradictions import Contradiction, Rule, Term
from indicators.core.intervals import Interval
from indicators.core.notation import per_cent, written, written_bounds, written_interval, written_stated
from indicators.core.period_labels import Language
from indicators.core.stated import StatedValue

_MOST_DECIMALS = 8

_TEMPLATES: dict[Rule, dict[Language, str]] = {
    Rule.PERCENTAGE_AGAINST_COUNTS: {
        "vi": "{numerator} / {denominator} = {computed}, {against}",
        "en": "{numerator} / {denominator} = {computed}, {against}",
    },
    Rule.PARTS_AGAINST_WHOLE: {
        "vi": "{parts} = {computed}, {against}",
        "en": "{parts} = {computed}, {against}",
    },
    Rule.PARTS_EXCEED_WHOLE: {
        "vi": "{parts} = {computed}, lớn hơn tổng đã nêu {value}",
        "en": "{parts} = {computed}, more than the stated whole {value}",
    },
    Rule.YEAR_TO_DATE_AGAINST_QUARTERS: {
        "vi": "cộng các kỳ: {parts} = {computed}, {against}",
        "en": "the periods add up to {parts} = {computed}, {against}",
    },
    Rule.YEAR_TO_DATE_FALLS: {
        "vi": "lũy kế {value} nhỏ hơn lũy kế kỳ trước trong năm {earlier}: phần tăng thêm là {difference}",
        "en": "the cumulative {value} is below the earlier {earlier} of the same year: it adds {difference}",
    },
    Rule.NUMERATOR_FALLS: {
        "vi": "tử số lũy kế {value} nhỏ hơn kỳ trước trong năm {earlier}: phần tăng thêm là {difference}",
        "en": "the cumulative numerator {value} is below the earlier {earlier}: it adds {difference}",
    },
    Rule.DENOMINATOR_FALLS: {
        "vi": "mẫu số lũy kế {value} nhỏ hơn kỳ trước trong năm {earlier}: phần tăng thêm là {difference}",
        "en": "the cumulative denominator {value} is below the earlier {earlier}: it adds {difference}",
    },
    Rule.OUTSIDE_BOUNDS: {
        "vi": "{value} nằm ngoài giới hạn {bounds} của chỉ tiêu",
        "en": "{value} lies outside the bounds {bounds} of the indicator",
    },
    Rule.JUMP_AGAINST_SERIES: {
        "vi": "{value} cách trung vị {median}{unit} của {points} kỳ trước {score} lần độ lệch thường thấy",
        "en": "{value} is {score} usual deviations off the median {median}{unit} of {points} earlier periods",
    },
    Rule.TARGET_SAID_MET: {
        "vi": "nêu là đạt mục tiêu {target}, nhưng số liệu là {value}",
        "en": "said to meet the target {target}, but the figure is {value}",
    },
    Rule.TARGET_SAID_MISSED: {
        "vi": "nêu là chưa đạt mục tiêu {target}, nhưng số liệu là {value}",
        "en": "said to miss the target {target}, but the figure is {value}",
    },
    Rule.EXCESS_AGAINST_TARGET: {
        "vi": "{figure} − {target} = {computed}, {against}",
        "en": "{figure} − {target} = {computed}, {against}",
    },
    Rule.PUBLISHED_RANK_AGAINST_COMPUTED: {
        "vi": "hạng công bố là {value}, hạng tính được là {span}",
        "en": "the published rank is {value}, the computed one {span}",
    },
}
_AGAINST: dict[Language, tuple[str, str]] = {
    "vi": ("khác con số đã nêu {value}", "nằm ngoài {stated} của con số đã nêu {value}"),
    "en": ("not the stated {value}", "outside {stated} of the stated {value}"),
}


def describe(contradiction: Contradiction, language: Language) -> str:
    """One sentence without a full stop; numbers are written so finely that they show the contradiction."""
    unit = per_cent(language) if contradiction.per_cent else ""
    words = {name: _term(term, language) for name, term in contradiction.arithmetic.items()}
    decimals = _telling_decimals(contradiction)
    words["computed"] = written_interval(contradiction.computed, language, decimals) + unit
    words["stated"] = written_interval(contradiction.stated, language)
    if contradiction.rule is Rule.OUTSIDE_BOUNDS:
        words["bounds"] = written_bounds(contradiction.computed, language) + unit
    words["span"] = _span(contradiction.computed)
    words["unit"] = unit
    words["against"] = _AGAINST[language][not contradiction.stated.is_point].format(**words)
    return _TEMPLATES[contradiction.rule][language].format(**words)


def _term(term: Term, language: Language) -> str:
    match term:
        case StatedValue():
            return written_stated(term, language)
        case Interval():
            return written_interval(term, language)
        case Decimal():
            return written(term, language)
        case _:
            return " + ".join(written_stated(part, language) for part in term)


def _span(ranks: Interval) -> str:
    """4–7, or 4."""
    lower, upper = f"{ranks.lower}", f"{ranks.upper}"
    return lower if lower == upper else f"{lower}–{upper}"


def _telling_decimals(contradiction: Contradiction) -> int | None:
    """As few decimals as still show that the computed numbers lie outside the stated ones; None for all.

    Whole numbers are written whole; a percentage has at least two decimals.
    """
    if all(_is_short(bound) for bound in (contradiction.computed.lower, contradiction.computed.upper)):
        return None
    for decimals in range(2, _MOST_DECIMALS):
        rounded = _rounded_interval(contradiction.computed, decimals)
        if not rounded.overlaps(contradiction.stated):
            return decimals
    return _MOST_DECIMALS


def _is_short(bound: Decimal | None) -> bool:
    exponent = 0 if bound is None else bound.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -4


def _rounded_interval(interval: Interval, decimals: int) -> Interval:
    step = Decimal(1).scaleb(-decimals)
    lower = None if interval.lower is None else interval.lower.quantize(step)
    upper = None if interval.upper is None else interval.upper.quantize(step)
    return Interval(lower, upper)

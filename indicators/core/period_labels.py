"""What a period is called on screen, in Vietnamese and in English."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from indicators.core.calendar_rules import Calendar

if TYPE_CHECKING:
    from indicators.core.periods import Period

Language = Literal["vi", "en"]

_ROMAN = ("I", "II", "III", "IV")
_HALVES = {"vi": ("6 tháng đầu năm", "6 tháng cuối năm"), "en": ("First half of", "Second half of")}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_CLOSING = {"vi": " (chốt ngày 14)", "en": " (closing on the 14th)"}


def period_label(period: Period, language: Language) -> str:
    """ "Quý I/2022", "9 tháng đầu năm 2024", "Ngày 01/06/2020"; "Q1 2022", "First 9 months of 2024"."""
    name = _in_vietnamese(period) if language == "vi" else _in_english(period)
    return name + (_CLOSING[language] if period.calendar is Calendar.DECREE09 else "")


def _in_vietnamese(period: Period) -> str:
    year, month = period.year, period.end.month
    match period.kind:
        case "day":
            return f"Ngày {_written(period.start)}"
        case "month":
            return f"Tháng {month}/{year}"
        case "quarter":
            return f"Quý {_ROMAN[month // 3 - 1]}/{year}"
        case "half_year":
            return f"{_HALVES['vi'][month // 6 - 1]} {year}"
        case "year":
            return f"Năm {year}"
        case "year_to_date":
            return f"{period.months} tháng đầu năm {year}"
        case _:
            return _years(period) or f"{_written(period.start)}–{_written(period.end)}"


def _in_english(period: Period) -> str:
    year, month = period.year, period.end.month
    match period.kind:
        case "day":
            return _in_english_words(period.start)
        case "month":
            return f"{_MONTHS[month - 1]} {year}"
        case "quarter":
            return f"Q{month // 3} {year}"
        case "half_year":
            return f"{_HALVES['en'][month // 6 - 1]} {year}"
        case "year":
            return f"{year}"
        case "year_to_date":
            return f"First {period.months} months of {year}"
        case _:
            return _years(period) or f"{_in_english_words(period.start)} – {_in_english_words(period.end)}"


def _years(period: Period) -> str:
    """2017–2021 for whole years; nothing otherwise."""
    if period.months is None or period.months % 12 or period.end.month != 12:
        return ""
    return f"{period.year - period.months // 12 + 1}–{period.year}"


def _written(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"


def _in_english_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

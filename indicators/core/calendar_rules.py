"""Where the months, quarters and years of the two reporting calendars begin and end.

`calendar` is the civil one. `decree09` is that of Decree 09/2019/NĐ-CP, Article 12: a reporting month closes
on the 14th, so that month m runs from the 15th of the month before it to its own 14th, and a reporting year
from 15 December to 14 December. A month is counted as `12 * year + (month - 1)`, an ordinal that both share.
"""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, timedelta
from enum import StrEnum

_FIRST_ORDINAL, _LAST_ORDINAL = 12 * MINYEAR, 12 * MAXYEAR + 11
_CLOSING_DAY = 14


class Calendar(StrEnum):
    """The calendar that a period keeps to; periods of one kind in two calendars are not comparable."""

    CALENDAR = "calendar"
    DECREE09 = "decree09"


def month_ordinal(year: int, month: int) -> int:
    """The number of the month on a line without gaps; January of a year is its first."""
    return 12 * year + month - 1


def month_start(ordinal: int, calendar: Calendar) -> date | None:
    """The first day of a reporting month; None beyond the dates that exist."""
    if calendar is Calendar.DECREE09:
        return _day(ordinal - 1, _CLOSING_DAY + 1)
    return _day(ordinal, 1)


def month_end(ordinal: int, calendar: Calendar) -> date | None:
    """The last day of a reporting month; None beyond the dates that exist."""
    if calendar is Calendar.DECREE09:
        return _day(ordinal, _CLOSING_DAY)
    if ordinal == _LAST_ORDINAL:
        return date.max
    following = _day(ordinal + 1, 1)
    return following - timedelta(days=1) if following and following > date.min else None


def whole_months(start: date, end: date) -> tuple[Calendar, int, int] | None:
    """(calendar, first month, last month) where the dates bound whole reporting months, else None."""
    if start.day not in (1, _CLOSING_DAY + 1):
        return None
    calendar = Calendar.CALENDAR if start.day == 1 else Calendar.DECREE09
    first = month_ordinal(start.year, start.month) + (calendar is Calendar.DECREE09)
    last = month_ordinal(end.year, end.month)
    if last < first or month_end(last, calendar) != end:
        return None
    return calendar, first, last


def _day(ordinal: int, day: int) -> date | None:
    if not _FIRST_ORDINAL <= ordinal <= _LAST_ORDINAL:
        return None
    return date(ordinal // 12, ordinal % 12 + 1, day)

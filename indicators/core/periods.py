"""Reporting periods. A period is its two dates, both inclusive; what it is called follows from them.

Codes: `2021-07`, `2022-Q1`, `2021-H1`, `2019`, `2024-YTD-09` (nine months), `2020-06-01` (one day),
`2019-01-01..2019-04-04` (any two dates), and with `-ND09` those whose months close on the 14th
(`2021-H1-ND09` is 2020-12-15 to 2021-06-14; Decree 09/2019/NĐ-CP, Article 12). One period has one code:
`2024-YTD-03` is read, and is `2024-Q1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from indicators.core.calendar_rules import Calendar, month_end, month_ordinal, month_start, whole_months
from indicators.core.period_labels import Language, period_label

#: What `parse_period` takes, for the sentence of an error.
ALLOWED_CODES = (
    *("2021-07", "2022-Q1", "2021-H1", "2019", "2024-YTD-09", "2020-06-01", "2019-01-01..2019-04-04"),
    *("2021-07-ND09", "2022-Q1-ND09", "2021-H1-ND09", "2019-ND09", "2024-YTD-09-ND09"),
)

_CODE = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4])|-H(?P<half>[12])|-YTD-(?P<ytd>0[1-9]|1[0-2]))?"
    r"(?P<decree>-ND09)?"
)
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATES = re.compile(rf"(?P<start>{_DAY})(?:\.\.(?P<end>{_DAY}))?")


class Kind(StrEnum):
    """What a period's two dates amount to."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    YEAR_TO_DATE = "year_to_date"
    RANGE = "range"


#: On which a year begins, in one calendar or the other.
_NEW_YEAR = {(1, 1), (12, 15)}
_MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF_YEAR: 6, Kind.YEAR: 12}


class UnknownPeriod(ValueError):
    """A text that is no period's code; `allowed` holds one example of each form that is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.allowed = ALLOWED_CODES


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """From `start` to `end`, both inclusive; ordered by start, then end. ValueError if end < start."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period that starts on {self.start} cannot end on {self.end}")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def calendar(self) -> Calendar:
        """`decree09` only where the dates are whole months that close on the 14th."""
        whole = whole_months(self.start, self.end)
        return whole[0] if whole else Calendar.CALENDAR

    @property
    def kind(self) -> Kind:
        if self.start == self.end:
            return Kind.DAY
        whole = whole_months(self.start, self.end)
        if whole is None:
            return Kind.RANGE
        _, first, last = whole
        length = last - first + 1
        for kind, months in _MONTHS.items():
            if length == months and first % months == 0:
                return kind
        return Kind.YEAR_TO_DATE if first % 12 == 0 and length < 12 else Kind.RANGE

    @property
    def months(self) -> int | None:
        """How many whole reporting months it holds; None where its dates cut a month."""
        whole = whole_months(self.start, self.end)
        return whole[2] - whole[1] + 1 if whole else None

    @property
    def year(self) -> int:
        """The reporting year in which it ends (15 December 2020 opens 2021 in the calendar of Decree 09)."""
        whole = whole_months(self.start, self.end)
        return whole[2] // 12 if whole else self.end.year

    @property
    def code(self) -> str:
        """The one code that names it; `parse_period` reads it back."""
        whole = whole_months(self.start, self.end)
        if self.kind is Kind.DAY or self.kind is Kind.RANGE or whole is None:
            return self.start.isoformat() if self.start == self.end else f"{self.start}..{self.end}"
        calendar, first, last = whole
        month = last % 12 + 1
        part = {
            Kind.MONTH: f"-{month:02}",
            Kind.QUARTER: f"-Q{month // 3}",
            Kind.HALF_YEAR: f"-H{month // 6}",
            Kind.YEAR: "",
            Kind.YEAR_TO_DATE: f"-YTD-{month:02}",
        }[self.kind]
        return f"{first // 12:04}{part}{'-ND09' if calendar is Calendar.DECREE09 else ''}"

    @property
    def comparison_class(self) -> tuple[str, str, int]:
        """Periods may be ranked or compared together exactly where this is equal.

        Kind, calendar and length: whole months where the dates bound them (February is as long as March),
        days otherwise.
        """
        months = self.months
        if self.kind is Kind.RANGE and months is None:
            return self.kind, "days", self.days
        return self.kind, self.calendar, months or 1

    def comparable_with(self, other: Period) -> bool:
        """Whether figures of the two may stand beside each other."""
        return self.comparison_class == other.comparison_class

    def previous(self) -> Period | None:
        """The period of the same kind and length before this one; None for a day or a range.

        Before nine months come the nine months of the year before: eight months would not be comparable.
        """
        months = _MONTHS.get(self.kind)
        return self._moved(months) if months else self.year_before()

    def year_before(self) -> Period | None:
        """The same period one year earlier; None for a day or a range."""
        return None if self.kind in (Kind.DAY, Kind.RANGE) else self._moved(12)

    def year_to_date(self) -> Period | None:
        """From the start of its reporting year to its end: H1 for the second quarter. None for a cut month
        or a period that does not lie within one year."""
        whole = whole_months(self.start, self.end)
        if whole is None or whole[1] // 12 != whole[2] // 12:
            return None
        calendar, _, last = whole
        return _of_months(calendar, last - last % 12, last)

    def label(self, language: Language) -> str:
        """What a person reads; see `period_labels`."""
        return period_label(self, language)

    def _moved(self, months: int) -> Period | None:
        whole = whole_months(self.start, self.end)
        if whole is None:
            return None
        calendar, first, last = whole
        return _of_months(calendar, first - months, last - months)


def parse_period(code: str) -> Period:
    """The period that `code` names. Raises UnknownPeriod for anything else."""
    dates = _DATES.fullmatch(code)
    if dates:
        return _of_dates(code, dates["start"], dates["end"] or dates["start"])
    match = _CODE.fullmatch(code)
    if match is None:
        raise UnknownPeriod(code)
    first, last = 0, 11
    if match["month"]:
        first = last = int(match["month"]) - 1
    elif match["quarter"]:
        first, last = 3 * int(match["quarter"]) - 3, 3 * int(match["quarter"]) - 1
    elif match["half"]:
        first, last = 6 * int(match["half"]) - 6, 6 * int(match["half"]) - 1
    elif match["ytd"]:
        last = int(match["ytd"]) - 1
    year = month_ordinal(int(match["year"]), 1)
    calendar = Calendar.DECREE09 if match["decree"] else Calendar.CALENDAR
    period = _of_months(calendar, year + first, year + last)
    if period is None:
        raise UnknownPeriod(code)
    return period


def quarter_between(cumulative: Period, earlier: Period) -> Period:
    """The quarter that is left when an earlier cumulative period is taken from a later one.

    Nine months less the first half is the third quarter. Raises ValueError where the two do not start
    together, or what is left is not one quarter of the same calendar.
    """
    if cumulative.start == earlier.start and earlier.end < cumulative.end:
        rest = Period(earlier.end + timedelta(days=1), cumulative.end)
        if rest.kind is Kind.QUARTER and rest.calendar is cumulative.calendar:
            return rest
    raise ValueError(f"{cumulative.code} less {earlier.code} is not a quarter")


def tilings(periods: Iterable[Period]) -> Iterator[tuple[Period, ...]]:
    """(whole, part, part …): each of ``periods`` that begins a year with the quarters, and with the months,
    that make it up, where ``periods`` has all of them."""
    periods = list(periods)
    kinds = {period: period.kind for period in periods}
    for kind in (Kind.QUARTER, Kind.MONTH):
        beginning = {period.start: period for period in periods if kinds[period] is kind}
        for whole in periods:
            if (
                kinds[whole] in (Kind.DAY, Kind.RANGE)
                or (whole.start.month, whole.start.day) not in _NEW_YEAR
            ):
                continue
            parts, day = [], whole.start
            while day <= whole.end and day in beginning:
                parts.append(beginning[day])
                day = parts[-1].end + timedelta(days=1)
            if len(parts) > 1 and parts[-1].end == whole.end:
                yield whole, *parts


def _of_months(calendar: Calendar, first: int, last: int) -> Period | None:
    start, end = month_start(first, calendar), month_end(last, calendar)
    return Period(start, end) if start and end else None


def _of_dates(code: str, start: str, end: str) -> Period:
    try:
        return Period(date.fromisoformat(start), date.fromisoformat(end))
    except ValueError:
        raise UnknownPeriod(code) from None

"""Who is to report what for which period, and how far it is: for work lists, the public page, reminders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from indicators.core.calendar_rules import Calendar
from indicators.core.periods import Period as CorePeriod
from indicators.core.periods import parse_period
from provinces.models import Province
from reporting.models import ReportingForm, Submission

_CLOSING_DAY = 14


class Standing(StrEnum):
    """How far a duty is. ``late``: not submitted, or returned, after the due day."""

    NOT_OPEN = "not_open"
    DUE = "due"
    LATE = "late"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Duty:
    """One form that one province is asked to fill for one period; ``submission`` is its newest version."""

    form: ReportingForm
    province: Province
    period: CorePeriod
    opens: date
    due: date
    submission: Submission | None
    standing: Standing

    @property
    def submitted_late(self) -> bool:
        submission = self.submission
        if submission is None or submission.submitted_at is None or submission.number > 1:
            return False
        return timezone.localdate(submission.submitted_at) > self.due


def quarter_of(day: date, calendar: Calendar) -> CorePeriod:
    """The reporting quarter that holds ``day``."""
    year, month = day.year, day.month
    if calendar is Calendar.DECREE09 and day.day > _CLOSING_DAY:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    suffix = "-ND09" if calendar is Calendar.DECREE09 else ""
    return parse_period(f"{year:04}-Q{(month + 2) // 3}{suffix}")


def recent_quarters(today: date, count: int = 3) -> list[CorePeriod]:
    """The quarter that holds today and those before it, of both calendars, the newest first."""
    found = []
    for calendar in Calendar:
        period: CorePeriod | None = quarter_of(today, calendar)
        for _ in range(count):
            if period is not None:
                found.append(period)
                period = period.previous()
    return found


def duties(
    *, periods: Iterable[CorePeriod], today: date, provinces: Sequence[Province] | None = None
) -> list[Duty]:
    """Every duty of ``periods`` (of ``provinces`` only, where given): by period, form, then name."""
    wanted = None if provinces is None else {province.pk for province in provinces}
    found = []
    for period in periods:
        for form in ReportingForm.objects.for_period(period).prefetch_related("provinces"):
            asked = form.reporting_provinces(period)
            submissions = _newest(form, period)
            found += [
                _duty(form, province, period, submissions.get(province.pk), today)
                for province in asked
                if wanted is None or province.pk in wanted
            ]
    return found


def _newest(form: ReportingForm, period: CorePeriod) -> dict[int, Submission]:
    rows = (
        Submission.objects.filter(Q(period__start=period.start, period__end=period.end), form__code=form.code)
        .select_related("submitted_by", "form")
        .order_by("province_id", "number")
    )
    return {row.province_id: row for row in rows}


def _duty(
    form: ReportingForm, province: Province, period: CorePeriod, submission: Submission | None, today: date
) -> Duty:
    opens, due = form.opens_on(period), form.due_on(period)
    return Duty(form, province, period, opens, due, submission, _standing(submission, opens, due, today))


def _standing(submission: Submission | None, opens: date, due: date, today: date) -> Standing:
    if submission is not None and submission.state == Submission.State.ACCEPTED:
        return Standing.ACCEPTED
    if submission is not None and submission.state == Submission.State.SUBMITTED:
        return Standing.SUBMITTED
    if submission is not None and submission.number > 1:
        return Standing.ACCEPTED  # a correction under way: what was published stands
    if today > due:
        return Standing.LATE
    if submission is not None and submission.state == Submission.State.RETURNED:
        return Standing.RETURNED
    return Standing.NOT_OPEN if submission is None and today < opens else Standing.DUE


def days_left(duty: Duty, today: date) -> int:
    """Negative: days since the due day."""
    return (duty.due - today) // timedelta(days=1)

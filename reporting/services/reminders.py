"""Messages by e-mail: to those who report, before and after the due day; to reviewers, what waits.

A message is recorded in the transaction that hands it to the mail server: a task that runs twice sends once,
one that fails half-way sends the rest the next time.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from reporting.models import ProvinceAssignment, ReminderSent
from reporting.services.duties import Duty, Standing, days_left, duties, recent_quarters
from reporting.services.reviewing import queue

#: Days before the due day on which those who have not submitted are reminded; afterwards on these days over
#: and then once a week.
BEFORE = (14, 7, 3, 1, 0)
AFTER = (1, 3)
_OPEN = (Standing.DUE, Standing.RETURNED, Standing.LATE)


def reminds_today(duty: Duty, today: date) -> bool:
    left = days_left(duty, today)
    if duty.standing not in _OPEN:
        return False
    return left in BEFORE if left >= 0 else -left in AFTER or -left % 7 == 0


def send_reminders(*, today: date) -> int:
    """One message to each person with something to submit, on the days of ``BEFORE`` and ``AFTER``.

    Returns how many were sent.
    """
    found = [duty for duty in duties(periods=recent_quarters(today), today=today) if duty.standing in _OPEN]
    by_province: dict[int, list[Duty]] = {}
    for duty in found:
        by_province.setdefault(duty.province.pk, []).append(duty)
    people: dict[User, list[Duty]] = {}
    assignments = ProvinceAssignment.objects.filter(
        province__in=by_province, user__is_active=True
    ).select_related("user")
    for assignment in assignments.exclude(user__email="").order_by("pk"):
        people.setdefault(assignment.user, []).extend(by_province[assignment.province_id])
    sent = 0
    for user, theirs in people.items():
        if any(reminds_today(duty, today) for duty in theirs):
            with override("vi"):
                subject, text = _reminder(theirs, today)
            sent += _send(user, ReminderSent.Kind.DUTIES, today, subject, text)
    return sent


def send_review_digest(*, today: date) -> int:
    """One message to each reviewer while anything waits for a decision. Returns how many were sent."""
    waiting = queue()
    if not waiting:
        return 0
    reviewers = User.objects.filter(groups__name="reviewers", is_active=True).exclude(email="")
    with override("vi"):
        count = len(waiting)
        subject = ngettext("%(n)s form waits for a decision", "%(n)s forms wait for a decision", count)
        lines = [
            _("{province}, {period}: {warnings} warnings").format(
                province=submission.province.name_vi,
                period=submission.period.core.label("vi"),
                warnings=submission.suspicion,
            )
            for submission in waiting
        ]
        text = "\n".join([*lines, "", _address()])
    return sum(
        _send(user, ReminderSent.Kind.REVIEW, today, subject % {"n": count}, text)
        for user in reviewers.distinct()
    )


def _reminder(theirs: list[Duty], today: date) -> tuple[str, str]:
    count = len(theirs)
    subject = ngettext("%(n)s form is to be submitted", "%(n)s forms are to be submitted", count) % {
        "n": count
    }
    lines = [_line(duty, today) for duty in theirs]
    return subject, "\n".join([*lines, "", _address()])


def _line(duty: Duty, today: date) -> str:
    left = days_left(duty, today)
    words = {
        "province": duty.province.name_vi,
        "period": duty.period.label("vi"),
        "form": duty.form.name_vi,
        "due": duty.due.strftime("%d/%m/%Y"),
        "days": abs(left),
    }
    if duty.standing is Standing.RETURNED:
        return _("{province}, {period}: {form}. Returned; due {due}.").format(**words)
    if left < 0:
        return _("{province}, {period}: {form}. {days} days over; it was due {due}.").format(**words)
    return _("{province}, {period}: {form}. Due {due}, {days} days left.").format(**words)


def _address() -> str:
    return settings.SITE_URL.rstrip("/") + reverse("reporting:home")


@transaction.atomic
def _send(user: User, kind: ReminderSent.Kind, today: date, subject: str, text: str) -> int:
    _row, new = ReminderSent.objects.get_or_create(user=user, kind=kind, day=today)
    if not new:
        return 0
    return send_mail(f"[Tỉnh Số] {subject}", text, None, [user.email])

"""Who is to report what until when, and the messages that say so."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail

from indicators.core.calendar_rules import Calendar
from reporting.models import ReportingForm, Submission
from reporting.services.deciding import accept, return_submission
from reporting.services.duties import Standing, duties, quarter_of
from reporting.services.reminders import send_reminders, send_review_digest
from reporting.tasks import send_reminders_task
from tests.reporting.cast import QUARTER, Play, make_play, opened, submitted

pytestmark = pytest.mark.django_db
DUE = date(2025, 10, 15)


@pytest.fixture
def play() -> Play:
    return make_play()


def standing(play: Play, today: date) -> Standing:
    (duty,) = duties(periods=[QUARTER], today=today, provinces=[play.province])
    return duty.standing


@pytest.mark.parametrize(
    ("day", "calendar", "code"),
    [
        (date(2025, 3, 31), Calendar.CALENDAR, "2025-Q1"),
        (date(2025, 12, 14), Calendar.DECREE09, "2025-Q4-ND09"),
        (date(2025, 12, 15), Calendar.DECREE09, "2026-Q1-ND09"),
        (date(2025, 3, 15), Calendar.DECREE09, "2025-Q2-ND09"),
    ],
)
def test_the_quarter_of_a_day(day: date, calendar: Calendar, code: str) -> None:
    quarter = quarter_of(day, calendar)
    assert quarter.code == code
    assert quarter.start <= day <= quarter.end


def test_a_duty_from_before_its_opening_to_its_publication(play: Play) -> None:
    assert standing(play, date(2025, 9, 1)) is Standing.NOT_OPEN
    assert standing(play, DUE) is Standing.DUE
    assert standing(play, date(2025, 10, 16)) is Standing.LATE
    submission = submitted(play)
    assert standing(play, DUE) is Standing.SUBMITTED
    ask = {"submission_id": submission.pk, "actor": play.reviewer}
    return_submission(**ask, reason="sai", comments={})
    assert standing(play, DUE) is Standing.RETURNED


@pytest.mark.parametrize(("hour", "late"), [(16, False), (17, True)])
def test_a_day_ends_at_midnight_in_vietnam(play: Play, hour: int, late: bool) -> None:
    submitted(play)
    Submission.objects.update(submitted_at=datetime(2025, 10, 15, hour, 30, tzinfo=UTC))
    (duty,) = duties(periods=[QUARTER], today=date(2025, 10, 16), provinces=[play.province])
    assert duty.submitted_late is late


def test_provinces_are_asked_for_their_lifetime_or_by_name(play: Play) -> None:
    asked = {duty.province.slug for duty in duties(periods=[QUARTER], today=DUE)}
    assert asked == {"tuyen-quang", "cao-bang", "dien-bien"}
    play.form.provinces.add(play.cast.dien_bien, play.cast.ha_giang)
    assert [duty.province for duty in duties(periods=[QUARTER], today=DUE)] == [play.cast.dien_bien]


def test_the_newest_version_in_force_is_asked(play: Play) -> None:
    ReportingForm.objects.create(
        code="quarterly", version=2, name_vi="Mới", name_en="New", applies_from=date(2026, 1, 1)
    )
    (duty,) = duties(periods=[QUARTER], today=DUE, provinces=[play.province])
    assert duty.form.version == 1
    following = quarter_of(date(2026, 1, 1), Calendar.CALENDAR)
    (duty,) = duties(periods=[following], today=DUE, provinces=[play.province])
    assert duty.form.version == 2


def test_reminders_go_once_a_day_to_those_who_report(play: Play) -> None:
    ReportingForm.objects.update(applies_from=date(2025, 7, 1))
    assert send_reminders(today=date(2025, 10, 5)) == 0  # ten days before: not a day of reminders
    assert send_reminders(today=date(2025, 10, 8)) == 4
    assert send_reminders(today=date(2025, 10, 8)) == 0
    message = next(message for message in mail.outbox if message.to == ["staff@example.vn"])
    assert "Quý III/2025" in message.body and "15/10/2025" in message.body
    assert message.body.endswith("/quan-tri/bao-cao/")


def test_nobody_is_reminded_of_what_is_done(play: Play) -> None:
    ReportingForm.objects.update(applies_from=date(2025, 7, 1))
    submission = submitted(play)
    send_reminders(today=date(2025, 10, 8))
    assert {address for message in mail.outbox for address in message.to} == {"neighbour@example.vn"}
    assert send_review_digest(today=date(2025, 10, 8)) == 1
    assert "Cao Bằng, Quý III/2025" in mail.outbox[-1].body
    accept(submission_id=submission.pk, actor=play.reviewer)
    assert send_review_digest(today=date(2025, 10, 9)) == 0


def test_the_task_only_wakes_the_service(play: Play) -> None:
    opened(play)
    assert send_reminders_task() >= 0

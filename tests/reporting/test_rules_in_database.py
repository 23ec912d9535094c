"""The database itself refuses what the workflow must never do, whichever way it is tried."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from reporting.models import AuditRecord, Entry, FormLine, FormSection, Submission
from reporting.services.deciding import accept
from reporting.services.forms import new_version
from tests.cast import make_period
from tests.reporting.cast import Play, cell, make_play, opened, save, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return make_play()


def refused(name: str, act) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    assert caught.value.__cause__.diag.constraint_name == name


def make(play: Play, province, period: str, **fields) -> Submission:
    return Submission.objects.create(
        form=play.form,
        province=province,
        period=make_period(period),
        opened_at=timezone.now(),
        opened_by=play.staff,
        **fields,
    )


def test_a_form_may_change_until_it_is_used_and_then_only_retire(play: Play) -> None:
    play.form.sections.update(name_vi="Đổi tên")
    opened(play)
    line = FormLine.objects.filter(section__form=play.form)[0]
    section = play.form.sections.all()[0]
    tries = [
        lambda: play.form.sections.update(name_vi="Khác"),
        lambda: type(play.form).objects.update(due_after_days=99),
        lambda: FormLine.objects.filter(pk=line.pk).update(wants_counts=True),
        lambda: FormLine.objects.create(section=section, position=9, indicator=play.documents),
        lambda: FormSection.objects.create(form=play.form, position=9, name_vi="x", name_en="x"),
        lambda: play.form.provinces.add(play.cast.cao_bang),
    ]
    for attempt in tries:
        refused("form_used_is_frozen", attempt)
    type(play.form).objects.update(applies_to=timezone.localdate() + timedelta(days=400))


def test_a_new_version_is_a_free_copy(play: Play) -> None:
    opened(play)
    copy = new_version(form=play.form)
    assert (copy.version, copy.applies_from) == (2, None)
    assert FormLine.objects.filter(section__form=copy).count() == 5
    copy.sections.update(name_vi="Được sửa")


def test_a_form_asks_for_an_indicator_once(play: Play) -> None:
    section = play.form.sections.all()[1]
    refused(
        "line_once_per_form",
        lambda: FormLine.objects.create(
            section=section, position=7, indicator=play.cast.on_time, mode="year_to_date"
        ),
    )


def test_a_province_reports_for_its_lifetime_only(play: Play) -> None:
    refused("submission_within_lifetime", lambda: make(play, play.cast.ha_giang, "2025-Q3"))
    refused("submission_within_lifetime", lambda: make(play, play.cast.tuyen_quang, "2025-Q2"))
    make(play, play.cast.ha_giang, "2025-Q2")
    make(play, play.cast.tuyen_quang, "2025-Q3")


def test_only_quarters_of_the_forms_calendar(play: Play) -> None:
    for period in ("2025", "2025-H1", "2025-Q3-ND09"):
        refused("submission_quarter_of_calendar", lambda period=period: make(play, play.province, period))


def test_one_open_version_and_reasons_where_they_are_due(play: Play) -> None:
    first = make(play, play.province, "2025-Q3")
    refused(
        "submission_one_open_version",
        lambda: make(
            play, play.province, "2025-Q3", number=2, correction_of=first, correction_reason="vì sai"
        ),
    )
    refused("submission_correction_has_reason", lambda: make(play, play.province, "2025-Q4", number=2))
    refused(
        "submission_submitted_by_somebody",
        lambda: Submission.objects.filter(pk=first.pk).update(state="submitted"),
    )
    now = timezone.now()
    said = {"submitted_at": now, "submitted_by": play.leader, "decided_at": now}
    accepted = {"state": "accepted", **said, "decided_by": play.leader}
    refused(
        "submission_decided_by_another", lambda: Submission.objects.filter(pk=first.pk).update(**accepted)
    )
    returned = {"state": "returned", **said, "decided_by": play.reviewer}
    refused("submission_return_has_reason", lambda: Submission.objects.filter(pk=first.pk).update(**returned))


def test_submitted_figures_rest_and_accepted_ones_are_final(play: Play) -> None:
    submission = submitted(play)
    entries = Entry.objects.filter(submission=submission)
    refused("entry_of_open_submission", lambda: entries.update(as_typed="1"))
    entries.update(return_comment="xem lại")
    accept(submission_id=submission.pk, actor=play.reviewer)
    refused("entry_of_open_submission", lambda: entries.update(return_comment=""))
    refused("entry_of_open_submission", lambda: entries.delete())
    mine = Submission.objects.filter(pk=submission.pk)
    refused("submission_accepted_is_final", lambda: mine.update(state="draft"))


def test_the_trail_has_old_and_new_and_cannot_be_changed(play: Play) -> None:
    submission = opened(play)
    entry = cell(submission, play.satisfaction)
    save(entry, play.staff, "92,5")
    entry.refresh_from_db()
    save(entry, play.leader, "93")
    record = AuditRecord.objects.filter(table="reporting_entry", row=entry.pk).first()
    assert record.label == "cao-bang 2025-Q3 satisfaction-rate"
    assert (record.old["as_typed"], record.new["as_typed"]) == ("92,5", "93")
    play.staff.set_password("khác hẳn mật khẩu cũ")
    play.staff.save()
    changed = AuditRecord.objects.filter(table="auth_user", row=play.staff.pk).first()
    assert changed.old["password"] == changed.new["password"] == "***"
    refused("audit_append_only", lambda: AuditRecord.objects.update(actor_name="ai khác"))
    refused("audit_append_only", lambda: AuditRecord.objects.all().delete())

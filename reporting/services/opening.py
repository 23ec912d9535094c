"""Opening a province's form for a period: an empty one, or the next version of a published one."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from indicators.core.periods import Period as CorePeriod
from indicators.models import Period
from provinces.models import Province
from reporting.models import Entry, FormLine, ReportingForm, Submission
from reporting.services.access import access_of
from reporting.services.errors import NotAllowed, Refused

_COPIED = (
    *("as_typed", "value", "qualifier", "status", "numerator_as_typed", "numerator"),
    *("denominator_as_typed", "denominator", "missing_reason", "note", "explanation"),
)


def period_row(core: CorePeriod) -> Period:
    """The row of a period, made where it is not there yet."""
    row, _ = Period.objects.get_or_create(
        start=core.start,
        end=core.end,
        defaults={"code": core.code, "kind": core.kind.value, "calendar": core.calendar.value},
    )
    return row


@transaction.atomic
def open_submission(
    *, form: ReportingForm, province: Province, period: CorePeriod, actor: User
) -> Submission:
    """The province's submission for the period, made with its empty cells where there is none yet.

    Opening twice, also at once, gives the same one. Raises NotAllowed (`not_your_province`) and Refused
    (`ended`, `not_begun`, `not_asked`, `wrong_calendar`, `not_open_yet`).
    """
    if not access_of(actor).fills(province.pk):
        raise NotAllowed("not_your_province")
    check_asked(form=form, province=province, period=period)
    row = period_row(period)
    submission, made = Submission.objects.get_or_create(
        form=form,
        province=province,
        period=row,
        number=1,
        defaults={"opened_at": timezone.now(), "opened_by": actor},
    )
    if made:
        _make_entries(submission)
    return submission


def check_asked(*, form: ReportingForm, province: Province, period: CorePeriod) -> None:
    """Raise Refused where the province is not asked to fill the form for the period (any more, or yet)."""
    if province.valid_to is not None and province.valid_to < period.end:
        successors = ", ".join(
            str(change.successor) for change in province.successor_changes.select_related("successor")
        )
        ended = province.valid_to.strftime("%d/%m/%Y")
        raise Refused("ended", province=str(province), date=ended, successors=successors)
    if not province.is_valid_on(period.end):
        raise Refused("not_begun", province=str(province))
    if form.calendar != period.calendar.value or period.kind.value != "quarter":
        raise Refused("wrong_calendar", period=period.code)
    if not ReportingForm.objects.for_period(period).filter(code=form.code).exists():
        raise Refused("not_asked", period=period.code)
    if ReportingForm.objects.for_period(period).get(code=form.code) != form:
        raise Refused("other_version", period=period.code)
    if not form.reporting_provinces(period).filter(pk=province.pk).exists():
        raise Refused("not_asked", period=period.code)
    if timezone.localdate() < form.opens_on(period):
        raise Refused("not_open_yet", date=form.opens_on(period).strftime("%d/%m/%Y"))


@transaction.atomic
def correct(*, submission: Submission, reason: str, actor: User) -> Submission:
    """Open the next version of an accepted submission, with its figures; both stay visible.

    Raises NotAllowed (`not_your_province`) and Refused (`not_accepted`, `already_corrected`,
    `reason_missing`).
    """
    if not access_of(actor).fills(submission.province_id):
        raise NotAllowed("not_your_province")
    if not reason.strip():
        raise Refused("reason_missing")
    old = Submission.objects.select_for_update().get(pk=submission.pk)
    if old.state != Submission.State.ACCEPTED:
        raise Refused("not_accepted")
    if Submission.objects.filter(correction_of=old).exists():
        raise Refused("already_corrected")
    new = Submission.objects.create(
        form=old.form,
        province=old.province,
        period=old.period,
        number=old.number + 1,
        opened_at=timezone.now(),
        opened_by=actor,
        correction_of=old,
        correction_reason=reason.strip(),
    )
    Entry.objects.bulk_create(
        Entry(submission=new, line_id=entry.line_id, **{name: getattr(entry, name) for name in _COPIED})
        for entry in old.entries.all()
    )
    return new


def _make_entries(submission: Submission) -> None:
    lines = FormLine.objects.filter(section__form=submission.form_id).order_by(
        "section__position", "position"
    )
    Entry.objects.bulk_create(
        Entry(submission=submission, line_id=line) for line in lines.values_list("pk", flat=True)
    )

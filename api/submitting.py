"""A report by API goes through the services that the form goes through: the same rules, states and roles.

All or nothing: a report with one cell that is refused leaves nothing behind. One key gives one effect and one
answer, however often and however close together it is sent (docs/decisions/api-submissions.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from api.models import SubmissionKey
from api.reports import Cell, Report
from provinces.models import Province
from reporting.models import Entry, ReportingForm, Submission
from reporting.services.access import access_of
from reporting.services.cells import CellChange, save_cells
from reporting.services.checking import CheckedEntry, check_submission, entries_of
from reporting.services.deciding import submit
from reporting.services.errors import NotAllowed, Refused
from reporting.services.opening import correct, open_submission


class NoSuchCells(Refused):
    """Entries that the form does not ask for, or that are there twice; by their place."""

    def __init__(self, codes: Mapping[int, str]) -> None:
        super().__init__("no_such_cell")
        self.codes = codes


class KeyReused(Exception):
    """The key came with another body before."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    replayed: bool = False


@transaction.atomic
def once(*, user: User, key: str, body: bytes, act: Callable[[], Answer]) -> Answer:
    """What ``act`` answers, or what it answered when the key was first used. Whoever comes second while the
    first is at work waits for it: the key is unique.

    Raises KeyReused. What ``act`` raises leaves the key unused.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    row, made = SubmissionKey.objects.get_or_create(
        user=user, key=key, defaults={"fingerprint": fingerprint, "used_at": timezone.now()}
    )
    if not made:
        if row.fingerprint != fingerprint:
            raise KeyReused
        return Answer(row.status, row.body, replayed=True)
    answer = act()
    SubmissionKey.objects.filter(pk=row.pk).update(status=answer.status, body=answer.body)
    return answer


@transaction.atomic
def take(*, report: Report, actor: User) -> tuple[Submission, list[CheckedEntry]]:
    """Save the report's cells, and submit it unless it is a draft; the submission with its cells as checked.

    Raises NotAllowed, NoSuchCells, ChecksFailed and Refused; nothing is written then.
    """
    submission = _opened(report, actor)
    entries = list(submission.entries.select_related("line__indicator", "line__category"))
    save_cells(submission_id=submission.pk, changes=_changes(report.cells, entries), actor=actor)
    if report.submit:
        submission = submit(submission_id=submission.pk, actor=actor)
    return submission, check_submission(submission, entries_of(submission))


def _opened(report: Report, actor: User) -> Submission:
    """The newest version; a correction where the last one was published and a reason is given."""
    province = Province.objects.filter(slug=report.province).first()
    if province is None or not access_of(actor).fills(province.pk):
        raise NotAllowed("not_your_province")
    form = ReportingForm.objects.for_period(report.period).filter(code=report.form).first()
    if form is None:
        raise Refused("not_asked", period=report.period.code)
    submission = open_submission(form=form, province=province, period=report.period, actor=actor)
    versions = Submission.objects.filter(form=form, province=province, period=submission.period)
    newest = versions.with_context().latest("number")
    if newest.state == Submission.State.ACCEPTED and report.correction_reason:
        return correct(submission=newest, reason=report.correction_reason, actor=actor)
    if not newest.is_editable:
        raise Refused("not_editable", state=newest.get_state_display())
    return newest


def _changes(cells: list[Cell], entries: list[Entry]) -> list[CellChange]:
    known = {_key_of(entry): entry for entry in entries}
    faults, changes = {}, {}
    for place, cell in enumerate(cells):
        entry = known.get((cell.indicator, cell.category))
        if entry is None or entry.pk in changes:
            faults[place] = "no_such_cell" if entry is None else "cell_twice"
        else:
            changes[entry.pk] = CellChange(entry=entry.pk, version=entry.version, cell=cell.text)
    if faults:
        raise NoSuchCells(faults)
    return list(changes.values())


def _key_of(entry: Entry) -> tuple[str, str]:
    return entry.line.indicator.code, entry.line.category.code if entry.line.category else ""

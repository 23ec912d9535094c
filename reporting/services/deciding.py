"""Submitting, returning, accepting. Each act locks its submission first: doubled, at once or later, it is
refused the second time, and a submission is published once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from indicators.models import Publication
from indicators.services.publishing import PublishingResult, publish
from reporting.models import Submission
from reporting.services.access import access_of
from reporting.services.checking import CheckedEntry, check_submission, entries_of
from reporting.services.errors import NotAllowed, Refused
from reporting.services.facts import facts_of
from reporting.services.reviewing import summary


class ChecksFailed(Refused):
    """Errors or unexplained warnings stand in the way; ``checked`` has the cells with them."""

    def __init__(self, checked: list[CheckedEntry]) -> None:
        self.checked = [one for one in checked if one.errors or one.unexplained]
        super().__init__("checks_failed", count=str(len(self.checked)))


@dataclass(frozen=True)
class Acceptance:
    submission: Submission
    published: PublishingResult


@transaction.atomic
def submit(*, submission_id: int, actor: User) -> Submission:
    """Draft or returned → submitted.

    Raises NotAllowed (`not_leader`), Refused (`not_editable`) and ChecksFailed.
    """
    submission = _locked(submission_id)
    if not access_of(actor).submits(submission.province_id):
        raise NotAllowed("not_leader")
    if not submission.is_editable:
        raise Refused("not_editable", state=submission.get_state_display())
    checked = check_submission(submission, entries_of(submission))
    if any(one.errors or one.unexplained for one in checked):
        raise ChecksFailed(checked)
    submission.state = Submission.State.SUBMITTED
    submission.submitted_at, submission.submitted_by = timezone.now(), actor
    submission.suspicion = sum(len(one.warnings) for one in checked)
    submission.differences = summary(submission, checked)
    submission.save(update_fields=["state", "submitted_at", "submitted_by", "suspicion", "differences"])
    return submission


@transaction.atomic
def return_submission(
    *, submission_id: int, reason: str, comments: Mapping[int, str], actor: User
) -> Submission:
    """Submitted → returned with a reason; ``comments`` say at the cells (by entry) what is to be mended.

    Raises NotAllowed (`not_reviewer`, `own_submission`) and Refused (`not_submitted`, `reason_missing`).
    """
    submission = _to_decide(submission_id, actor)
    said = {entry: text.strip() for entry, text in comments.items() if text.strip()}
    if not reason.strip():
        raise Refused("reason_missing")
    for entry in submission.entries.all():
        comment = said.get(entry.pk, "")
        if entry.return_comment != comment:
            entry.return_comment = comment
            entry.save(update_fields=["return_comment"])
    submission.state = Submission.State.RETURNED
    submission.return_reason = reason.strip()
    submission.decided_at, submission.decided_by = timezone.now(), actor
    submission.save(update_fields=["state", "return_reason", "decided_at", "decided_by"])
    return submission


@transaction.atomic
def accept(*, submission_id: int, actor: User) -> Acceptance:
    """Submitted → accepted, and all its figures published, in one transaction.

    The caller wakes a worker on commit. Raises NotAllowed (`not_reviewer`, `own_submission`) and Refused
    (`not_submitted`).
    """
    submission = _to_decide(submission_id, actor)
    correction = submission.number > 1
    result = publish(
        facts=facts_of(submission, entries_of(submission)),
        cause=Publication.Cause.CORRECTION if correction else Publication.Cause.ACCEPTANCE,
        actor=actor,
        reason=submission.correction_reason,
    )
    submission.state = Submission.State.ACCEPTED
    submission.return_reason = ""
    submission.decided_at, submission.decided_by = timezone.now(), actor
    submission.publication = result.publication
    submission.save(update_fields=["state", "return_reason", "decided_at", "decided_by", "publication"])
    return Acceptance(submission, result)


def _to_decide(submission_id: int, actor: User) -> Submission:
    submission = _locked(submission_id)
    access = access_of(actor)
    if not access.reviews:
        raise NotAllowed("not_reviewer")
    if submission.state != Submission.State.SUBMITTED:
        raise Refused("not_submitted", state=submission.get_state_display())
    if submission.submitted_by_id == actor.pk:
        raise NotAllowed("own_submission")
    return submission


def _locked(submission_id: int) -> Submission:
    return (
        Submission.objects.select_related("form", "province", "period")
        .select_for_update(of=("self",))
        .get(pk=submission_id)
    )

"""The reviewer's page: every figure with its difference and its warnings; accept, or return with reasons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from indicators.core.notation import per_cent
from indicators.tasks import wake_worker_on_commit
from reporting.models import Submission
from reporting.sentences import figure, language, say_refusal, signed
from reporting.services.checking import check_submission, entries_of
from reporting.services.deciding import accept, return_submission
from reporting.services.errors import Refused
from reporting.services.reviewing import Difference, differences
from reporting.views.edge import access, page, reporting_view, visible_submission
from reporting.views.rows import Row, rows_of


@reporting_view
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    submission = visible_submission(request, pk)
    who = access(request)
    if not who.sees_all or (request.method == "POST" and not who.reviews):
        raise Http404
    if submission.submitted_by is None:
        return redirect("reporting:form", pk)
    if request.method == "GET":
        return _show(request, submission)
    try:
        return _decide(request, submission)
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return _show(request, visible_submission(request, pk), status=409)


def _decide(request: HttpRequest, submission: Submission) -> HttpResponse:
    if request.POST.get("action") == "accept":
        done = accept(submission_id=submission.pk, actor=request.user)  # type: ignore[arg-type]
        wake_worker_on_commit()
        count = done.published.new + done.published.changed
        messages.success(
            request,
            _("Accepted: {count} figures of {name} are published.").format(count=count, name=submission),
        )
    else:
        comments = {
            int(key[len("comment-") :]): text
            for key, text in request.POST.items()
            if key.startswith("comment-") and key[len("comment-") :].isdigit()
        }
        reason = request.POST.get("reason", "")
        return_submission(submission_id=submission.pk, reason=reason, comments=comments, actor=request.user)  # type: ignore[arg-type]
        messages.success(request, _("Returned: {name}.").format(name=submission))
    return redirect("reporting:home")


def _show(request: HttpRequest, submission: Submission, status: int = 200) -> HttpResponse:
    checked = check_submission(submission, entries_of(submission))
    found = {one.checked.entry.pk: one for one in differences(submission, checked)}
    core = submission.period.core
    previous = core.previous()
    sections = [
        (name, [_with_difference(row, found[row.entry.pk]) for row in rows])
        for name, rows in rows_of(checked, quiet=False)
    ]
    context: dict[str, Any] = {
        "title": f"{submission.province}: {core.label(language())}",
        "submission": submission,
        "sections": sections,
        "suspicious": [row for _name, rows in sections for row in rows if row["row"].warnings],
        "changed": [row for _name, rows in sections for row in rows if row["differs"]],
        "previous_label": previous.label(language()) if previous else "",
        "decidable": access(request).decides(submission),
        "own": submission.submitted_by_id == request.user.pk,
    }
    return page(request, "review.html", context, status)


def _with_difference(row: Row, difference: Difference) -> dict[str, Any]:
    before = difference.before
    return {
        "row": row,
        "value": figure(
            difference.checked.reading.value,
            difference.checked.reading.stated.qualifier if difference.checked.reading.stated else "exact",
        ),
        "reason": row.entry.get_missing_reason_display() if row.entry.missing_reason else "",
        "change": signed(difference.change),
        "relative": signed(difference.relative, 1, per_cent(language())),
        "differs": difference.differs_from_before,
        "before": (before.as_typed or figure(before.value) or before.get_missing_reason_display())
        if before
        else "",
    }

"""The quarterly page: one page per province and period. Without scripts it is an ordinary form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from indicators.models import MissingReason, Qualifier
from reporting.core.reading import CellText, digest
from reporting.models import Entry, Submission
from reporting.sentences import language, say_refusal
from reporting.services.cells import CellChange, SaveResult, save_cells, text_of
from reporting.services.checking import check_submission, entries_of
from reporting.services.deciding import ChecksFailed, submit
from reporting.services.errors import NotAllowed, Refused
from reporting.views.edge import access, page, reporting_view, visible_submission
from reporting.views.rows import FIELDS, rows_of

#: Reasons that a province may give; "cannot be restated" is the system's own.
REASONS = [choice for choice in MissingReason.choices if choice[0] != MissingReason.NOT_RESTATABLE]


@reporting_view
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, pk: int) -> HttpResponse:
    submission = visible_submission(request, pk)
    if request.method == "GET":
        return show(request, submission)
    result = SaveResult()
    try:
        changes = posted_changes(request, submission)
        result = save_cells(submission_id=pk, changes=changes, actor=request.user)  # type: ignore[arg-type]
        if request.POST.get("action") == "submit" and not result.conflicts:
            submit(submission_id=pk, actor=request.user)  # type: ignore[arg-type]
            messages.success(request, _("The form was submitted. A reviewer will look at it."))
            return redirect("reporting:form", pk)
    except ChecksFailed as failed:
        messages.error(request, say_refusal(failed))
        return show(request, submission, quiet=False, status=422)
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return show(request, visible_submission(request, pk), status=_status(refusal))
    if result.conflicts:
        messages.warning(request, _("Somebody else changed some of these cells first; see there."))
        return show(request, submission, result=result, status=409)
    messages.success(request, _("The draft is saved."))
    return redirect("reporting:form", pk)


def show(
    request: HttpRequest,
    submission: Submission,
    *,
    quiet: bool = True,
    result: SaveResult | None = None,
    status: int = 200,
) -> HttpResponse:
    entries = entries_of(submission)
    checked = check_submission(submission, entries)
    who = access(request)
    typed = {
        conflict.entry.pk: (conflict.refused, clash_sentence(conflict.who, conflict.when, conflict.entry))
        for conflict in (result.conflicts if result else [])
    }
    core = submission.period.core
    context: dict[str, Any] = {
        "title": f"{submission.province}: {core.label(language())}",
        "submission": submission,
        "sections": rows_of(checked, quiet=quiet, typed=typed),
        "editable": submission.is_editable and who.fills(submission.province_id),
        "may_submit": submission.is_editable and who.submits(submission.province_id),
        "may_correct": submission.state == Submission.State.ACCEPTED and who.fills(submission.province_id),
        "period_label": core.label(language()),
        "previous_label": _label(core.previous()),
        "year_before_label": _label(core.year_before()),
        "due": submission.form.due_on(core),
        "filled": sum(not one.untouched for one in checked),
        "total": len(checked),
        "qualifiers": Qualifier.choices,
        "statuses": Entry._meta.get_field("status").choices,
        "reasons": REASONS,
    }
    return page(request, "form.html", context, status)


def posted_changes(request: HttpRequest, submission: Submission) -> list[CellChange]:
    """The cells that the person changed: those that differ from what the page had shown."""
    changes = []
    for key, base in request.POST.items():
        if not (key.startswith("c") and key.endswith("-base")):
            continue
        name = key[: -len("-base")]
        version, _separator, shown = base.partition(":")
        cell = CellText(
            **{
                field: _plain(request.POST.get(f"{name}-{field}", "final" if field == "status" else ""))
                for field in FIELDS
            }
        )
        if digest(cell) != shown:
            try:
                changes.append(CellChange(entry=int(name[1:]), version=int(version), cell=cell))
            except ValueError:
                raise Refused("no_such_cell") from None
    return changes


def clash_sentence(who: str, when: Any, entry: Entry) -> str:
    """Who changed what, when; the reader's own text stays in the cell and wins when saved again."""
    cell = text_of(entry)
    counts = f" ({cell.numerator} / {cell.denominator})" if cell.numerator or cell.denominator else ""
    reason = dict(MissingReason.choices).get(cell.missing_reason, "")  # type: ignore[call-overload]
    return _("{who} changed this cell at {when}. It now says: {value}. Yours is not saved yet.").format(
        who=who or _("Somebody"),
        when=timezone.localtime(when).strftime("%H:%M:%S %d/%m/%Y") if when else "?",
        value=f"{cell.text or reason}{counts}".strip() or "–",
    )


def _plain(text: str) -> str:
    """Line ends as a text area sends them; what was typed is otherwise left as it is."""
    return text.replace("\r\n", "\n").replace("\x00", "")


def _label(period: Any) -> str:
    return period.label(language()) if period else ""


def _status(refusal: Refused) -> int:
    return 403 if isinstance(refusal, NotAllowed) else 409

"""The form as a workbook: down, up, a preview of what would change, and only then the change."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from reporting.core.reading import CellText
from reporting.importing.refusals import FileRefused
from reporting.importing.sentences import file_sentence
from reporting.models import Submission
from reporting.sentences import language, say_problem, say_refusal
from reporting.services.cells import CellChange, SaveResult, save_cells
from reporting.services.checking import check_submission, entries_of
from reporting.services.errors import Refused
from reporting.views.edge import access, page, reporting_view, visible_submission
from reporting.views.rows import rows_of
from reporting.workbooks.reading import MAXIMUM_BYTES, ReadCell, read_form_workbook
from reporting.workbooks.writing import form_workbook

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SALT = "reporting.workbook"
_HOUR = 3600


@reporting_view
@require_GET
def download(request: HttpRequest, pk: int) -> HttpResponse:
    submission = visible_submission(request, pk)
    sections = rows_of(check_submission(submission, entries_of(submission)), quiet=True)
    return _workbook(submission, form_workbook(submission, sections))


@reporting_view
@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what the workbook would change. Nothing is written here."""
    submission = visible_submission(request, pk)
    if not access(request).fills(submission.province_id):
        raise Http404
    file = request.FILES.get("workbook")
    try:
        if not submission.is_editable:
            raise Refused("not_editable", state=submission.get_state_display())
        if file is None or file.size is None or file.size > MAXIMUM_BYTES:
            raise FileRefused("too_large" if file else "empty", megabytes=str(MAXIMUM_BYTES // 2**20))
        cells = read_form_workbook(file.read(), submission, entries_of(submission))
    except FileRefused as refusal:
        messages.error(request, _said(refusal))
        return redirect("reporting:form", pk)
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return redirect("reporting:form", pk)
    return _preview(request, submission, cells)


@reporting_view
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes what the preview showed: all of it, or nothing where somebody changed one of the cells since."""
    submission = visible_submission(request, pk)
    if not access(request).fills(submission.province_id):
        raise Http404
    shown = _carried(request, pk, "shown")
    if shown is None:
        return redirect("reporting:form", pk)
    changes = [
        CellChange(entry=one["entry"], version=one["version"], cell=CellText(**one["cell"])) for one in shown
    ]
    try:
        result = _all_or_nothing(pk, changes, request)
    except Refused as refusal:
        messages.error(request, say_refusal(refusal))
        return redirect("reporting:form", pk)
    if result.conflicts:
        names = ", ".join(sorted({conflict.who for conflict in result.conflicts}))
        sentence = _("Nothing was taken over: {names} changed some of these cells meanwhile. Upload again.")
        messages.error(request, sentence.format(names=names))
    else:
        sentence = _("{count} cells were taken over from the workbook.")
        messages.success(request, sentence.format(count=len(result.saved)))
    return redirect("reporting:form", pk)


@transaction.atomic
def _all_or_nothing(pk: int, changes: list[CellChange], request: HttpRequest) -> SaveResult:
    result = save_cells(submission_id=pk, changes=changes, actor=request.user)  # type: ignore[arg-type]
    if result.conflicts:
        transaction.set_rollback(True)
    return result


@reporting_view
@require_POST
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook as it was uploaded, with the reason beside each cell that was refused."""
    submission = visible_submission(request, pk)
    if not access(request).fills(submission.province_id):
        raise Http404
    typed = _carried(request, pk, "typed")
    if typed is None:
        return redirect("reporting:form", pk)
    cells = {one["entry"]: (CellText(**one["cell"]), "") for one in typed}
    reasons = {one["entry"]: " ".join(map(_reason, one["problems"])) for one in typed if one["problems"]}
    sections = rows_of(check_submission(submission, entries_of(submission)), quiet=True, typed=cells)
    return _workbook(submission, form_workbook(submission, sections, reasons), "-refused")


def _workbook(submission: Submission, content: bytes, ending: str = "") -> HttpResponse:
    answer = HttpResponse(content, content_type=_TYPE)
    name = f"{submission.form.code}-{submission.province.slug}-{submission.period.code}{ending}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _reason(problem: list[Any]) -> str:
    code, params = problem
    return say_problem(code, params)


def _preview(request: HttpRequest, submission: Submission, cells: list[ReadCell]) -> HttpResponse:
    wanted = [cell for cell in cells if cell.action in ("new", "changed")]
    refused = [cell for cell in cells if cell.action == "refused"]
    shown = [
        {"entry": cell.entry.pk, "version": cell.entry.version, "cell": asdict(cell.after)} for cell in wanted
    ]
    typed = [
        {
            "entry": cell.entry.pk,
            "cell": asdict(cell.after),
            "problems": [(problem.code, dict(problem.params)) for problem in cell.problems],
        }
        for cell in [*refused, *wanted]
    ]
    context: dict[str, Any] = {
        "title": f"{submission.province}: {submission.period.core.label(language())}",
        "submission": submission,
        "lines": [_line(cell) for cell in [*refused, *wanted]],
        "same": sum(cell.action == "same" for cell in cells),
        "changes": len(wanted),
        "refused": len(refused),
        "shown": signing.dumps(shown, salt=_salt(request, submission.pk), compress=True),
        "typed": signing.dumps(typed, salt=_salt(request, submission.pk), compress=True) if refused else "",
    }
    return page(request, "workbook.html", context, status=422 if refused else 200)


def _line(cell: ReadCell) -> dict[str, Any]:
    line = cell.entry.line
    actions = {"new": _("new"), "changed": _("changed"), "refused": _("refused")}
    return {
        "name": f"{line.indicator.name} · {line.category.name}" if line.category else line.indicator.name,
        "before": _written(cell.before),
        "after": _written(cell.after),
        "kind": cell.action,
        "action": actions[cell.action],
        "meanwhile": cell.meanwhile,
        "reasons": [say_problem(problem.code, problem.params) for problem in cell.problems],
    }


def _written(cell: CellText) -> str:
    counts = f"{cell.numerator} / {cell.denominator}" if cell.numerator or cell.denominator else ""
    parts = [cell.text, counts, cell.qualifier, cell.missing_reason, cell.note, cell.explanation]
    return " · ".join(part for part in parts if part) or "–"


def _said(refusal: FileRefused) -> str:
    if refusal.code == "no_form":
        return _("This workbook is not one of our forms. Download the form here, fill it in, upload it.")
    if refusal.code == "not_this_form":
        sentence = _("This workbook belongs to another form: {province}, {period}.")
        return sentence.format(**refusal.params)
    return file_sentence(refusal)


def _carried(request: HttpRequest, pk: int, name: str) -> list[dict[str, Any]] | None:
    """What a preview handed to the browser, signed; None, and a sentence, where it is too old or not ours."""
    try:
        carried: list[dict[str, Any]] = signing.loads(
            request.POST.get(name, ""), salt=_salt(request, pk), max_age=_HOUR
        )
    except signing.BadSignature:
        messages.error(request, _("The preview is too old. Upload the workbook again."))
        return None
    return carried


def _salt(request: HttpRequest, pk: int) -> str:
    """A preview is good for the person and the form that it was made for."""
    return f"{_SALT}.{request.user.pk}.{pk}"

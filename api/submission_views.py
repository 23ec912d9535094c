"""POST submissions/ and GET submissions/{id}/: for tokens that may submit."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from rest_framework.request import Request
from rest_framework.views import APIView

from api.formats import Json
from api.models import Token
from api.problems import CONTENT_TYPE, BadParameters, BadValue, problem_body, problem_response
from api.refusals import count_refusal
from api.reports import Cell, ExactJson, Report, read_report
from api.submission_schema import SubmissionSchema
from api.submitting import Answer, KeyReused, NoSuchCells, once, take
from reporting.models import Submission
from reporting.sentences import say_finding, say_refusal
from reporting.services.access import access_of
from reporting.services.checking import CheckedEntry, check_submission, entries_of
from reporting.services.deciding import ChecksFailed
from reporting.services.errors import NotAllowed, Refused


@method_decorator(never_cache, name="dispatch")
class _ForSubmitters(APIView):
    renderer_classes = [Json]
    parser_classes = [ExactJson]
    schema = SubmissionSchema()
    scope = Token.Scope.SUBMIT


class Submissions(_ForSubmitters):
    """A report of a province: its cells are saved and it is submitted, or nothing happens."""

    def post(self, request: Request) -> HttpResponse:
        key = _key(request)
        body = request._request.body  # before it is parsed
        report = read_report(request.data)
        try:
            answer = once(
                user=request.user,
                key=key,
                body=body,
                act=lambda: _act(request, report),
            )
        except KeyReused:
            sentence = _("This Idempotency-Key came with another body before: use a new one.")
            return problem_response(request, "key-reused", sentence)
        kind = "application/json" if answer.status < 400 else CONTENT_TYPE
        response = HttpResponse(answer.body, content_type=kind, status=answer.status)
        if answer.status == 201:
            response["Location"] = json.loads(answer.body)["url"]
        if answer.replayed:
            response["Idempotency-Replayed"] = "true"
        return response


class OneSubmission(_ForSubmitters):
    """How a report stands, cell by cell."""

    def get(self, request: Request, id: int) -> HttpResponse:
        submission = Submission.objects.with_context().filter(pk=id).first()
        if submission is None or not access_of(request.user).sees(submission.province_id):
            raise Http404
        checked = check_submission(submission, entries_of(submission))
        return HttpResponse(_written(request, submission, checked), content_type="application/json")


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not re.fullmatch(r"[!-~]{1,255}", key):
        sentence = _("Send a key of 1 to 255 visible characters that no other report of yours has.")
        raise BadParameters(BadValue("Idempotency-Key", sentence))
    return key


def _act(request: Request, report: Report) -> Answer:
    try:
        submission, checked = take(report=report, actor=request.user)
    except NoSuchCells as refusal:
        cells = [_faulty(cell, refusal.codes.get(place)) for place, cell in enumerate(report.cells)]
        return _refused(request, "submission-refused", refusal, entries=cells)
    except ChecksFailed as refusal:
        cells = [_cell(one, refused=True) for one in refusal.checked]
        return _refused(request, "submission-refused", refusal, entries=cells)
    except NotAllowed as refusal:
        count_refusal(refusal.code)
        return _refused(request, "forbidden", refusal)
    except Refused as refusal:
        return _refused(request, "conflict", refusal)
    return Answer(201, _written(request, submission, checked))


def _refused(request: Request, problem: str, refusal: Refused, **more: Any) -> Answer:
    number, body = problem_body(request, problem, say_refusal(refusal), reason=refusal.code, **more)
    return Answer(number, body)


def _written(request: Request | HttpRequest, submission: Submission, checked: list[CheckedEntry]) -> str:
    address = reverse("api:submission", kwargs={"id": submission.pk})
    said = {
        "id": submission.pk,
        "url": request.build_absolute_uri(address),
        "form": submission.form.code,
        "province": submission.province.slug,
        "period": submission.period.code,
        "version": submission.number,
        "state": submission.state,
        "submitted_at": _instant(submission.submitted_at),
        "decided_at": _instant(submission.decided_at),
        "return_reason": submission.return_reason or None,
        "entries": [_cell(one) for one in checked],
    }
    return json.dumps(said, ensure_ascii=False)


def _cell(one: CheckedEntry, refused: bool = False) -> dict[str, Any]:
    """``result``: error, warning (which wants an explanation), accepted, or empty: a cell in which nothing
    was said stands in the way of submitting only."""
    entry, line = one.entry, one.entry.line
    quiet = one.untouched and not refused
    result = "error" if one.errors else "warning" if one.warnings else "accepted"
    return {
        "indicator": line.indicator.code,
        "category": line.category.code if line.category else None,
        "result": "empty" if quiet else result,
        "findings": [
            {"severity": found.severity.value, "code": found.code, "sentence": say_finding(found)}
            for found in ([] if quiet else one.findings)
        ],
        "as_typed": entry.as_typed,
        "explanation": entry.explanation,
        "return_comment": entry.return_comment or None,
    }


def _faulty(cell: Cell, code: str | None) -> dict[str, Any]:
    findings = [{"severity": "error", "code": code, "sentence": say_refusal(Refused(code))}] if code else []
    return {
        "indicator": cell.indicator,
        "category": cell.category or None,
        "result": "error" if code else "accepted",
        "findings": findings,
    }


def _instant(instant: Any) -> str | None:
    return instant.isoformat() if instant else None

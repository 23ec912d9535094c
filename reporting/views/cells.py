"""The script's side of the quarterly page: save some cells, look at all findings."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from reporting.core.checks import CheckedLine, Finding, check_lines
from reporting.core.reading import CellText
from reporting.sentences import say_refusal, understood
from reporting.services.cells import CellChange, Conflict, SavedCell, base_of, save_cells, text_of
from reporting.services.checking import check_submission, entries_of, line_alone
from reporting.services.errors import NotAllowed, Refused
from reporting.views.edge import reporting_view, visible_submission
from reporting.views.form import clash_sentence
from reporting.views.rows import said

_MOST_CELLS = 500


@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """{"cells": [{"entry", "version", "text", …}]} → what was saved, and what others had changed first.

    It does not ask for the submission first: the service's one SELECT holds the permission as well.
    """
    user = request.user
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return JsonResponse({"login": True}, status=401)
    try:
        changes = [_change(cell) for cell in _cells(request)]
    except (KeyError, TypeError, ValueError):
        return JsonResponse({"error": "unreadable"}, status=400)
    try:
        result = save_cells(submission_id=pk, changes=changes, actor=user)
    except Refused as refusal:
        status = 404 if isinstance(refusal, NotAllowed) or refusal.code == "no_such_cell" else 409
        return JsonResponse({"error": say_refusal(refusal)}, status=status)
    return JsonResponse(
        {
            "saved": [_saved(cell) for cell in result.saved],
            "conflicts": [_conflict(conflict) for conflict in result.conflicts],
        }
    )


@reporting_view
@require_GET
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """All findings by entry, and how many cells are filled."""
    submission = visible_submission(request, pk)
    checked = check_submission(submission, entries_of(submission))
    return JsonResponse(
        {
            "filled": sum(not one.untouched for one in checked),
            "findings": {
                str(one.entry.pk): [said(finding) for finding in one.findings]
                for one in checked
                if not one.untouched
            },
        }
    )


def _cells(request: HttpRequest) -> list[dict[str, Any]]:
    cells = json.loads(request.body)["cells"]
    if not isinstance(cells, list) or len(cells) > _MOST_CELLS:
        raise ValueError("cells")
    return cells


def _change(data: dict[str, Any]) -> CellChange:
    names = CellText.__dataclass_fields__
    texts = {name: data[name] for name in names if name in data}
    if any(not isinstance(text, str) or "\x00" in text for text in texts.values()):
        raise TypeError("cells hold texts")
    return CellChange(entry=int(data["entry"]), version=int(data["version"]), cell=CellText(**texts))


def _saved(saved: SavedCell) -> dict[str, Any]:
    entry, reading = saved.entry, saved.reading
    line: CheckedLine = line_alone(entry, reading)
    found: list[Finding] = check_lines([line])
    return {
        "entry": entry.pk,
        "version": entry.version,
        "base": base_of(entry),
        "understood": understood(reading.stated, entry.as_typed),
        "findings": [said(finding) for finding in found],
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    entry, cell = conflict.entry, text_of(conflict.entry)
    return {
        "entry": entry.pk,
        "version": entry.version,
        "base": base_of(entry),
        "sentence": clash_sentence(conflict.who, conflict.when, entry),
        "cell": {name: getattr(cell, name) for name in CellText.__dataclass_fields__},
    }

"""Loading a table of figures: upload, preview of every row, confirmation; for those who see all provinces."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Source
from indicators.tasks import wake_worker_on_commit
from reporting.importing.batches import (
    ImportRefused,
    choose_columns,
    confirm,
    discard,
    read_batch,
    table_of,
    upload,
)
from reporting.importing.headings import RECOGNISED
from reporting.importing.loading import CHANGED, NEW, REFUSED, SAME, Preview, preview
from reporting.importing.reading import ReadTable
from reporting.importing.refusals import FileRefused
from reporting.importing.refused_rows import refused_workbook
from reporting.importing.sentences import file_sentence, row_sentences
from reporting.importing.tables import MAXIMUM_FILE
from reporting.models import ImportBatch
from reporting.views.edge import access, page, reporting_view

_SHOWN = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _import(request: HttpRequest, pk: int) -> ImportBatch:
    _sees_all(request)
    found = ImportBatch.objects.select_related("uploaded_by", "decided_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _sees_all(request: HttpRequest) -> None:
    """Reviewers and administrators; a table speaks of any province."""
    if not access(request).sees_all:
        raise PermissionDenied


@reporting_view
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was uploaded lately, and a place for the next file."""
    _sees_all(request)
    problem = ""
    if request.method == "POST":
        try:
            return redirect("reporting:import", _upload(request).pk)
        except FileRefused as refusal:
            problem = file_sentence(refusal)
    context = {
        "title": _("Load a table of figures"),
        "problem": problem,
        "batches": ImportBatch.objects.select_related("uploaded_by")[:30],
        "sources": Source.objects.filter(simulated=False).order_by("title").values_list("code", "title"),
        "source": request.POST.get("source", ""),
    }
    return page(request, "imports.html", context, status=400 if problem else 200)


def _upload(request: HttpRequest) -> ImportBatch:
    file = request.FILES.get("file")
    if file is None:
        raise FileRefused("empty")
    if (file.size or 0) > MAXIMUM_FILE:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_FILE // 2**20))
    return upload(
        name=file.name or "",
        content=file.read(),
        source=request.POST.get("source", ""),
        sheet=request.POST.get("sheet", ""),
        actor=request.user,  # type: ignore[arg-type]
    )


@reporting_view
@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview: what each row would do; or the question which column is which, where it is not known."""
    found = _import(request, pk)
    context: dict[str, Any] = {"title": found.name, "batch": found}
    if found.state != ImportBatch.State.OPEN:
        return page(request, "import.html", context)
    table = table_of(found)
    try:
        read = read_batch(found, table)
    except FileRefused as refusal:
        context |= {"problem": file_sentence(refusal), "fields": _fields(found), "headings": table.headings}
        return page(request, "import.html", context)
    seen = preview(read)
    return page(request, "import.html", context | _shown(seen, read))


def _fields(found: ImportBatch) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "label": texts[0],
            "chosen": found.chosen.get(name, ""),
            "constant": found.constants.get(name, ""),
        }
        for name, texts in RECOGNISED.items()
    ]


def _shown(seen: Preview, read: ReadTable) -> dict[str, Any]:
    reasons = row_sentences(read.problems)
    labels = {
        REFUSED: _("Refused"),
        CHANGED: _("Changed"),
        NEW: _("New"),
        SAME: _("Same"),
    }
    groups = []
    for outcome, label in labels.items():
        rows = seen.rows.filter(pl.col("outcome") == outcome)
        shown = [
            row | {"reason": reasons.get(row["row"], "")} for row in rows.head(_SHOWN).iter_rows(named=True)
        ]
        groups.append(
            {
                "outcome": outcome,
                "label": label,
                "number": rows.height,
                "rows": shown,
                "more": rows.height - len(shown),
            }
        )
    return {
        "counts": seen.counts,
        "groups": groups,
        "ignored": read.ignored,
        "loadable": read.problems.is_empty() and seen.rows.height,
    }


@reporting_view
@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which heading is which field, and what is the same in every row."""
    found = _import(request, pk)
    choose_columns(
        found,
        chosen={name: request.POST.get(f"column-{name}", "") for name in RECOGNISED},
        constants={name: request.POST.get(f"constant-{name}", "").strip() for name in RECOGNISED},
    )
    return redirect("reporting:import", pk)


@reporting_view
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Load what the preview showed, or drop it."""
    _import(request, pk)
    if "discard" in request.POST:
        discard(batch_id=pk, actor=request.user)  # type: ignore[arg-type]
        messages.info(request, _("The file was discarded; nothing was loaded."))
        return redirect("reporting:imports")
    names = ("new", "changed", "same")
    seen = {name: int(text) for name in names if (text := request.POST.get(name, "")).isdigit()}
    try:
        done = confirm(batch_id=pk, seen=seen, actor=request.user)  # type: ignore[arg-type]
    except ImportRefused as refusal:
        messages.error(request, _refusal(refusal.code))
        return redirect("reporting:import", pk)
    wake_worker_on_commit()
    messages.success(request, _("Loaded: %(new)s new, %(changed)s changed, %(same)s same.") % done.counts)
    return redirect("reporting:import", pk)


def _refusal(code: str) -> str:
    return {
        "decided": _("Somebody has decided on this file already."),
        "rows_refused": _("Rows of the file are refused; nothing was loaded."),
        "figures_changed": _(
            "Figures were published since the preview. Nothing was loaded; look at it again."
        ),
    }[code]


@reporting_view
@require_GET
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a workbook, with their reasons."""
    found = _import(request, pk)
    if found.state != ImportBatch.State.OPEN:
        raise Http404
    try:
        read = read_batch(found, table_of(found))
    except FileRefused:
        raise Http404 from None
    answer = HttpResponse(refused_workbook(read), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.xlsx"'
    return answer

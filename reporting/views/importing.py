"""Loading a table of figures: upload, preview of every row, confirmation; for those who see all provinces.

What takes long is a job (``reporting.importing.jobs``); these pages ask for it and show what it found.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from indicators.models import Source
from indicators.tasks import wake_worker_on_commit
from reporting.importing import jobs
from reporting.importing.batches import choose_columns, discard, upload
from reporting.importing.headings import RECOGNISED
from reporting.importing.loading import CHANGED, NEW, REFUSED, SAME
from reporting.importing.refusals import FileRefused
from reporting.importing.sentences import file_sentence, job_sentence, row_sentences
from reporting.importing.tables import MAXIMUM_FILE
from reporting.middleware import address_of
from reporting.models import ImportBatch, ImportJob
from reporting.sentences import language
from reporting.tasks import wake_import_on_commit
from reporting.views.edge import access, page, reporting_view

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _import(request: HttpRequest, pk: int) -> ImportBatch:
    _sees_all(request)
    found = ImportBatch.objects.select_related("uploaded_by", "decided_by", "job").filter(pk=pk).first()
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
        "batches": ImportBatch.objects.select_related("uploaded_by", "job")[:30],
        "sources": Source.objects.filter(simulated=False).order_by("title").values_list("code", "title"),
        "source": request.POST.get("source", ""),
    }
    return page(request, "imports.html", context, status=400 if problem else 200)


@transaction.atomic
def _upload(request: HttpRequest) -> ImportBatch:
    """The batch, looked through already if it is small; a small one that cannot be read is not kept."""
    file = request.FILES.get("file")
    if file is None:
        raise FileRefused("empty")
    if (file.size or 0) > MAXIMUM_FILE:
        raise FileRefused("too_large", megabytes=str(MAXIMUM_FILE // 2**20))
    made = upload(
        name=file.name or "",
        content=file.read(),
        source=request.POST.get("source", ""),
        sheet=request.POST.get("sheet", ""),
        actor=request.user,  # type: ignore[arg-type]
    )
    job = _start(request, made, ImportJob.Kind.LOOK)
    if job.problem and "all_headings" not in job.problem["params"]:
        raise FileRefused(job.problem["code"], **job.problem["params"])
    return made


def _start(
    request: HttpRequest, found: ImportBatch, kind: str, seen: dict[str, int] | None = None
) -> ImportJob:
    """Do it at once, or call a worker."""
    job = jobs.ask(
        batch=found,
        kind=kind,
        actor=request.user,  # type: ignore[arg-type]
        address=address_of(request),
        language=language(),
        seen=seen,
    )
    if jobs.is_small(found):
        return jobs.run_at_once(found.pk)
    wake_import_on_commit(found.pk)
    return job


@reporting_view
@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; the preview: what each row would do; or the question which column is which."""
    found = _import(request, pk)
    context: dict[str, Any] = {"title": found.name, "batch": found}
    if found.state == ImportBatch.State.OPEN:
        context |= _shown(found)
    return page(request, "import.html", context)


def _shown(found: ImportBatch) -> dict[str, Any]:
    job = found.job
    if job.is_open:
        return {"working": _working(job)}
    if not job.problem:
        return _preview(job.result)
    context: dict[str, Any] = {"problem": job_sentence(job.problem)}
    if columns := job.problem["params"].get("all_headings"):
        context |= {"fields": _fields(found), "headings": columns.split("\n")}
    return context


def _working(job: ImportJob) -> dict[str, Any]:
    waiting = job.state == ImportJob.State.WAITING
    said = job.get_state_display() if waiting else f"{job.get_kind_display()}: {job.get_step_display()}"
    return {"open": job.is_open, "permille": job.permille, "said": capfirst(said), "waiting": waiting}


def _preview(result: dict[str, Any]) -> dict[str, Any]:
    schema = {"row": pl.Int64, "field": pl.String, "code": pl.String, "params": pl.String}
    reasons = row_sentences(pl.DataFrame(result["problems"], schema=schema, orient="row"))
    labels = {REFUSED: _("Refused"), CHANGED: _("Changed"), NEW: _("New"), SAME: _("Same")}
    groups = [
        {
            "outcome": outcome,
            "label": label,
            "number": result["counts"][outcome],
            "rows": [row | {"reason": reasons.get(row["row"], "")} for row in result["rows"][outcome]],
            "more": result["counts"][outcome] - len(result["rows"][outcome]),
        }
        for outcome, label in labels.items()
    ]
    kept = {name: result[name] for name in ("counts", "ignored", "loadable")}
    return kept | {"groups": groups}


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


@reporting_view
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, for the script of the page."""
    return JsonResponse(_working(_import(request, pk).job))


@reporting_view
@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which heading is which field, and what is the same in every row."""
    found = _import(request, pk)
    if found.state == ImportBatch.State.OPEN and not found.job.is_open:
        choose_columns(
            found,
            chosen={name: request.POST.get(f"column-{name}", "") for name in RECOGNISED},
            constants={name: request.POST.get(f"constant-{name}", "").strip() for name in RECOGNISED},
        )
        _start(request, found, ImportJob.Kind.LOOK)
    return redirect("reporting:import", pk)


@reporting_view
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Look through the file once more: after a refusal, or to wake a worker that was lost."""
    found = _import(request, pk)
    if found.state == ImportBatch.State.OPEN:
        if found.job.is_open:
            wake_import_on_commit(pk)
        else:
            _start(request, found, ImportJob.Kind.LOOK)
    return redirect("reporting:import", pk)


@reporting_view
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Load what the preview showed, or drop it."""
    found = _import(request, pk)
    if "discard" in request.POST:
        discard(batch_id=pk, actor=request.user)  # type: ignore[arg-type]
        messages.info(request, _("The file was discarded; nothing was loaded."))
        return redirect("reporting:imports")
    if found.state != ImportBatch.State.OPEN:
        messages.error(request, job_sentence({"code": "decided", "params": {}}))
        return redirect("reporting:import", pk)
    names = ("new", "changed", "same")
    seen = {name: int(text) for name in names if (text := request.POST.get(name, "")).isdigit()}
    job = _start(request, found, ImportJob.Kind.LOAD, seen)
    found.refresh_from_db()
    if found.state == ImportBatch.State.LOADED:
        wake_worker_on_commit()
        said = _("Loaded: %(new)s new, %(changed)s changed, %(same)s same.")
        messages.success(request, said % found.counts)
    elif job.problem:
        messages.error(request, job_sentence(job.problem))
    return redirect("reporting:import", pk)


@reporting_view
@require_GET
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a workbook, with their reasons."""
    found = _import(request, pk)
    if found.state != ImportBatch.State.OPEN or not found.file.refused:
        raise Http404
    answer = HttpResponse(bytes(found.file.refused), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="refused-{found.pk}.xlsx"'
    return answer

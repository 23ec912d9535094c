"""Tables as files: which format is written by what, and under which media type."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api import formats
from api.columns import Column
from api.parquet import write_parquet
from api.rows import whole_row
from api.sdmx import stream_sdmx_csv
from api.streams import begun, stream_csv, stream_ndjson
from api.workbooks import write_workbook

_STREAMS: dict[str, tuple[Callable[..., Iterator[bytes]], str]] = {
    formats.Csv.format: (stream_csv, "text/csv; charset=utf-8; header=present"),
    formats.Ndjson.format: (stream_ndjson, "application/x-ndjson"),
    formats.SdmxCsv.format: (stream_sdmx_csv, "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"),
}
_FILES: dict[str, Callable[..., IO[bytes]]] = {
    formats.Xlsx.format: write_workbook,
    formats.Parquet.format: write_parquet,
}
_ENDINGS = {formats.SdmxCsv.format: "sdmx.csv"}


def download(
    request: Request,
    name: str,
    queryset: QuerySet[Any],
    columns: tuple[Column, ...],
    *,
    whole: bool,
    text: Combinable | None = None,
) -> HttpResponseBase:
    """Every row of ``queryset`` as a file called ``name``; ``whole`` where they are most of the table.
    ``text`` gives a row as a JSON object, where it is written already."""
    wanted = request.accepted_renderer
    stream, media_type = _STREAMS.get(wanted.format, (None, wanted.media_type))
    told = {"content_type": media_type, "headers": _saved_as(name, wanted)}
    if request.method == "HEAD":
        return StreamingHttpResponse((), **told)
    if text is not None and stream is stream_ndjson:
        columns = (whole_row(text),)
    if stream is None:
        return FileResponse(_FILES[wanted.format](queryset, columns, whole=whole), **told)
    return StreamingHttpResponse(begun(stream(queryset, columns, whole=whole)), **told)


def as_file(request: Request, name: str, body: bytes) -> HttpResponse:
    """What is written already as the same file."""
    wanted = request.accepted_renderer
    return HttpResponse(body, content_type=_STREAMS[wanted.format][1], headers=_saved_as(name, wanted))


def _saved_as(name: str, wanted: BaseRenderer) -> dict[str, str]:
    file_name = f"{name}.{_ENDINGS.get(wanted.format, wanted.format)}"
    return {"Content-Disposition": content_disposition_header(True, file_name) or ""}


def completed(response: HttpResponseBase) -> HttpResponseBase:
    """The same, all of it written before any of it is sent."""
    if not response.streaming or isinstance(response, FileResponse):
        return response
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    file.writelines(response)
    file.seek(0)
    headers = dict(response.headers)
    return FileResponse(file, content_type=headers.pop("Content-Type"), headers=headers)

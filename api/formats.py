"""Which format an answer has: ``?format=`` first, then the Accept header."""

from __future__ import annotations

from typing import Any

from django.http.request import MediaType
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.problems import BadParameters, BadValue


class _Written(BaseRenderer):
    """The database has written the body already; a renderer only names its format."""

    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class Json(_Written):
    media_type = "application/json"
    format = "json"


class Csv(_Written):
    media_type = "text/csv"
    format = "csv"


class Xlsx(_Written):
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    format = "xlsx"
    charset = None


class Parquet(_Written):
    media_type = "application/vnd.apache.parquet"
    format = "parquet"
    charset = None


class JsonStat(_Written):
    media_type = "application/vnd.json-stat+json"
    format = "jsonstat"


class SdmxCsv(_Written):
    media_type = "application/vnd.sdmx.data+csv"
    format = "sdmx-csv"


class Ndjson(_Written):
    media_type = "application/x-ndjson"
    format = "ndjson"


class SdmxJson(_Written):
    media_type = "application/vnd.sdmx.structure+json"
    format = "sdmx-json"


FORMATS = {each.format: each for each in (Json, Csv, Xlsx, JsonStat, SdmxCsv, Ndjson, Parquet)}


class FormatNegotiation(DefaultContentNegotiation):
    """``?format=`` decides whatever the Accept header says; a format nobody offers is a bad parameter.

    In the header the most specific range that names a format gives its weight (RFC 9110, 12.5.1); the
    heaviest is chosen, of equal ones what is named more exactly, then what is offered first.
    """

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        wanted = request.query_params.get("format")
        if wanted is None:
            header = request.headers.get("Accept") or "*/*"
            ranges = [MediaType(part) for part in header.split(",") if part.strip()]
            weights = [_weight(renderer.media_type, ranges) for renderer in renderers]
            best = max(weights, default=(0.0, 0))
            if not best[0]:
                raise NotAcceptable(available_renderers=renderers)
            renderer = renderers[weights.index(best)]
            return renderer, renderer.media_type
        for renderer in renderers:
            if renderer.format == wanted:
                return renderer, renderer.media_type
        offered = [renderer.format for renderer in renderers]
        raise BadParameters(BadValue("format", _("This format is not offered here."), offered))


def _weight(offered: str, ranges: list[MediaType]) -> tuple[float, int]:
    """(quality, how exactly it is named); parameters of a media type, as a version, make no difference."""
    main, _slash, sub = offered.partition("/")
    exactness = {(main, sub): 2, (main, "*"): 1, ("*", "*"): 0}
    named = [
        (exactness[name], one.quality)
        for one in ranges
        if (name := (one.main_type.lower(), one.sub_type.lower())) in exactness
    ]
    exact, quality = max(named, default=(0, 0.0))
    return float(quality), exact

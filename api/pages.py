"""What stands beside the resources: their list, the schema, the documentation, what problems mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from drf_spectacular.generators import SchemaGenerator
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.examples import with_examples
from api.formats import Json, SdmxJson
from api.freshness import answer
from api.generations import Slice, generations
from api.models import DataChange
from api.openapi import StructureSchema
from api.problems import PROBLEMS
from api.sdmx import STRUCTURE_TYPE, structure

_RESOURCES = (
    "provinces", "geographies", "boundary-changes", "indicators", "periods", "observations", "aggregates",
    "standings", "targets", "indices", "sources", "contradictions", "changes", "recompute-runs", "structure",
    "submissions", "schema", "docs",
)  # fmt: skip
_LISTED = Slice(
    frozenset(
        {
            *(DataChange.Kind.REFERENCE, DataChange.Kind.PERIODS, DataChange.Kind.SOURCES),
            DataChange.Kind.TARGETS,
        }
    )
)
_DAY = "public, max-age=86400"


class _Page(APIView):
    schema = None
    renderer_classes: ClassVar[list[type[BaseRenderer]]] = [Json]


class Root(_Page):
    """Where everything is."""

    def get(self, request: Request) -> HttpResponse:
        return _json({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in _RESOURCES})


class Problem(_Page):
    """What the ``type`` of a problem means."""

    def get(self, request: Request, code: str) -> HttpResponse:
        if code not in PROBLEMS:
            raise Http404
        status, title = PROBLEMS[code]
        return _json({"code": code, "status": status, "title": str(title)})


class Schema(_Page):
    """The OpenAPI schema. It lists the codes there are and shows rows, so that it is new when data change."""

    def get(self, request: Request) -> HttpResponse:
        return answer(request, variant="schema", check=Slice, write=_schema_response)


class Structure(_Page):
    """The SDMX data structure definition that the facts follow in SDMX-CSV, with its code lists."""

    schema = StructureSchema()
    renderer_classes = [Json, SdmxJson]

    def get(self, request: Request) -> HttpResponse:
        return answer(request, variant="structure", check=lambda: _LISTED, write=_structure_response)


class Unknown(_Page):
    """Whatever else is asked for."""

    def get(self, request: Request) -> HttpResponse:
        raise Http404


def docs(request: HttpRequest) -> HttpResponse:
    """The schema as a page to read and try, with scripts and styles of this host only. It is for people: its
    language is the one that they chose on the other pages, whatever their browser prefers."""
    with translation.override(request.LANGUAGE_CODE):
        response = render(request, "api/docs.html")
    patch_vary_headers(response, ("Cookie",))
    return response


def _schema_response() -> HttpResponse:
    schema = with_examples(_schema(generations.of(_LISTED).number))
    return HttpResponse(json.dumps(schema, ensure_ascii=False), content_type="application/json")


def _structure_response() -> HttpResponse:
    changed = generations.of(_LISTED).changed or datetime.min.replace(tzinfo=UTC)
    body = json.dumps(structure(changed), ensure_ascii=False)
    return HttpResponse(body, content_type=f"{STRUCTURE_TYPE}; version=2.0.0")


@lru_cache(maxsize=1)
def _schema(generation: int) -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def _json(body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), content_type="application/json", headers={"Cache-Control": _DAY}
    )

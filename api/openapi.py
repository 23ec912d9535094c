"""OpenAPI 3.1 from the same columns and parameters that answer requests."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from api.columns import Column, row_schema
from api.parameters import Codes, Parameter, Words
from api.problems import CONTENT_TYPE, PROBLEMS

_WITHOUT_COUNT = ("next", "previous")
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "Address that explains this kind of problem",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in the language of Accept-Language"},
        "reason": {"type": "string", "description": "Of a report that was not taken: why, as a code"},
        "entries": {"type": "array", "items": {"type": "object"}, "description": "Its cells, with findings"},
        "parameter": {"type": "string", "description": "The parameter at fault"},
        "allowed": {"type": "array", "items": {"type": "string"}, "description": "What it can say"},
        "allowed_at": {"type": "string", "description": "Where that is listed"},
        "errors": {
            "type": "array",
            "description": "Every parameter at fault",
            "items": {
                "type": "object",
                "properties": {
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                    "allowed": {"type": "array", "items": {"type": "string"}},
                    "allowed_at": {"type": "string"},
                },
                "required": ["parameter", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
_BINARY = {"type": "string", "format": "binary"}
_FILES: dict[str, dict[str, Any]] = {
    "csv": {"type": "string"},
    "ndjson": {"type": "string", "description": "One such object a line"},
    "xlsx": _BINARY | {"description": "A sheet of rows, typed, and one that says what the columns mean"},
    "parquet": _BINARY | {"description": "The same columns; dates as dates, instants in UTC"},
    "jsonstat": {"type": "object", "description": "A JSON-stat 2.0 dataset"},
    "sdmx-csv": {"type": "string", "description": "SDMX-CSV 2.0; its structure is at structure/"},
}
_HEADERS = {
    "ETag": {"schema": {"type": "string"}, "description": "Strong; give it back in If-None-Match"},
    "Last-Modified": {"schema": {"type": "string"}},
    "Link": {"schema": {"type": "string"}, "description": "Next and previous page (RFC 8288)"},
    "RateLimit": {"schema": {"type": "string"}},
    "RateLimit-Policy": {"schema": {"type": "string"}},
}
_UNCHANGED = {"description": "The copy named by If-None-Match or If-Modified-Since is still true"}
_ACCEPT_LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "description": "Language of the sentences in problems: `vi` or `en`.",
    "schema": {"type": "string"},
}


class ResourceSchema(AutoSchema):
    """Describes a ``Resource`` view."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        view = self.view
        keys = re.findall(r"{(\w+)}", path)
        return {
            "operationId": f"{view.rows}_{'list' if view.many else 'one'}".replace("-", "_"),
            "summary": view.about.split(".")[0],
            "description": view.about,
            "tags": [view.rows],
            "parameters": [
                *(self._key(registry, key) for key in keys),
                *(_parameter(registry, *named) for named in self._query().items()),
                _ACCEPT_LANGUAGE,
            ],
            "responses": self._responses(registry, one=not view.many),
            "security": [{}, {"token": []}],  # reading needs none
        }

    def _query(self) -> dict[str, Parameter]:
        """The parameters of the query string; ``format`` as far as this resource is written in it."""
        offered = [renderer.format for renderer in self.view.renderer_classes]
        known = self.view.filterset_class.parameters()
        return known | {"format": Words(words=offered, many=False, help_text=known["format"].help_text)}

    def _key(self, registry: ComponentRegistry, key: str) -> dict[str, Any]:
        codes = Codes(model=self.view.key_of or self.view.queryset().model, code=key)
        return {"name": key, "in": "path", "required": True, "schema": _codes(registry, codes)}

    def _responses(self, registry: ComponentRegistry, one: bool) -> dict[str, Any]:
        row = component(registry, self.view.row, row_schema(self.view.columns))
        body = row if one else self._page(registry, row)
        content = {"application/json": {"schema": body}} | {
            renderer.media_type: {"schema": _FILES[renderer.format]}
            for renderer in self.view.renderer_classes
            if renderer.format in _FILES
        }
        content["text/csv"] = {"schema": {"type": "string", "description": _csv_header(self.view.columns)}}
        return {
            "200": {"description": "Found", "content": content, "headers": _HEADERS},
            "304": _UNCHANGED,
            **problem_responses(
                registry,
                *("bad-parameter", "not-authenticated", "forbidden", "not-found", "not-acceptable"),
                "conflict",
                "too-many-requests",
            ),
        }

    def _page(self, registry: ComponentRegistry, row: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        properties: dict[str, Any] = {"next": address, "previous": address}
        if "page" in self.view.filterset_class.parameters():
            properties = {"count": {"type": "integer", "minimum": 0}} | properties
        arrays = {column.name: {"type": "array", "items": column.schema()} for column in self.view.columns}
        by_column = {"type": "object", "properties": arrays, "required": list(arrays)}
        columns = component(registry, f"{self.view.row}Columns", by_column)
        properties["results"] = {
            "oneOf": [{"type": "array", "items": row}, columns],
            "description": "An object a row; with `shape=columns` an array a field",
        }
        page = {"type": "object", "properties": properties, "required": list(properties)}
        return component(registry, f"{self.view.row}Page", page)


class StructureSchema(AutoSchema):
    """Describes the one address that answers SDMX-JSON."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any]:
        schema = {"type": "object", "description": "An SDMX-JSON 2.0 structure message"}
        content = {"application/vnd.sdmx.structure+json": {"schema": schema}}
        about = "The SDMX data structure definition that facts follow in SDMX-CSV, with its code lists."
        return {
            "operationId": "structure",
            "summary": "SDMX structure",
            "description": about,
            "tags": ["observations"],
            "responses": {
                "200": {"description": "Found", "content": content, "headers": _HEADERS},
                "304": _UNCHANGED,
                **problem_responses(registry, "not-acceptable", "too-many-requests"),
            },
        }


def problem_responses(registry: ComponentRegistry, *codes: str) -> dict[str, Any]:
    """Responses of these problems, by their status."""
    problem = component(registry, "Problem", _PROBLEM)
    return {
        str(PROBLEMS[code][0]): {
            "description": str(PROBLEMS[code][1]),
            "content": {CONTENT_TYPE: {"schema": problem}},
        }
        for code in codes
    }


def _parameter(registry: ComponentRegistry, name: str, parameter: Parameter) -> dict[str, Any]:
    described = parameter.openapi(name)
    if isinstance(parameter, Codes):
        described["schema"]["items"] = _codes(registry, parameter)
    return described


def _codes(registry: ComponentRegistry, codes: Codes) -> dict[str, Any]:
    """The codes there are now, listed once."""
    return component(registry, f"{codes.model.__name__}{codes.code.title()}", codes.item_schema())


def component(registry: ComponentRegistry, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
    registry.register_on_missing(component)
    return {"$ref": f"#/components/schemas/{name}"}


def _csv_header(columns: tuple[Column, ...]) -> str:
    return "RFC 4180, UTF-8 with BOM. Header: " + ",".join(column.name for column in columns)

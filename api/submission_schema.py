"""OpenAPI of submitting by API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry

from api.openapi import component, problem_responses
from api.reports import MOST_ENTRIES, NUMBERS, TEXTS, WORDS
from api.time_parameters import WRITTEN
from reporting.models import Submission

_TEXT = {"type": "string", "pattern": r"^[^\u0000]*$"}
_NULLABLE_TEXT = {**_TEXT, "type": ["string", "null"]}
_INSTANT = {"type": ["string", "null"], "format": "date-time"}
_NUMBER = "A number, or the words of the report (“trên 92%”), read as on the form"
_ENTRY = {
    "type": "object",
    "properties": {
        "indicator": {**_TEXT, "description": "Code of the indicator"},
        "category": {**_NULLABLE_TEXT, "description": "Code of the category; null: the whole province"},
        **{
            name: {**_TEXT, "type": ["string", "number", "null"], "maxLength": most, "description": _NUMBER}
            for name, most in NUMBERS.items()
        },
        **{name: {"type": "string", "enum": [*words]} for name, words in WORDS.items()},
        **{name: {**_TEXT, "maxLength": most} for name, most in TEXTS.items()},
    },
    "required": ["indicator"],
    "additionalProperties": False,
}
_REPORT = {
    "type": "object",
    "properties": {
        "form": {**_TEXT, "description": "Code of the form"},
        "province": {**_TEXT, "description": "Slug of the province: one of your own"},
        "period": {"type": "string", "pattern": WRITTEN, "description": "Code, as in `2025-Q3`"},
        "submit": {"type": "boolean", "default": True, "description": "false: saved as a draft only"},
        "correction_reason": {**_TEXT, "description": "Opens a correction of a published report"},
        "entries": {"type": "array", "items": _ENTRY, "minItems": 1, "maxItems": MOST_ENTRIES},
    },
    "required": ["form", "province", "period", "entries"],
    "additionalProperties": False,
    "example": {
        "form": "digital-transformation-quarterly",
        "province": "cao-bang",
        "period": "2025-Q3",
        "entries": [
            {"indicator": "dossiers-received", "value": 8868},
            {"indicator": "dossiers-on-time-rate", "numerator": 8405, "denominator": 8524},
            {"indicator": "satisfaction-rate", "value": "trên 92%"},
        ],
    },
}
_FINDING = {
    "type": "object",
    "properties": {
        "severity": {"type": "string", "enum": ["error", "warning"]},
        "code": {"type": "string"},
        "sentence": {"type": "string", "description": "In the language of Accept-Language"},
    },
    "required": ["severity", "code", "sentence"],
}
_RESULT = {
    "type": "object",
    "properties": {
        "indicator": {"type": "string"},
        "category": {"type": ["string", "null"]},
        "result": {"type": "string", "enum": ["accepted", "warning", "error", "empty"]},
        "findings": {"type": "array", "items": _FINDING},
        "as_typed": {"type": "string"},
        "explanation": {"type": "string"},
        "return_comment": {"type": ["string", "null"]},
    },
    "required": ["indicator", "category", "result", "findings"],
}
_STATE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "url": {"type": "string", "format": "uri"},
        "form": {"type": "string"},
        "province": {"type": "string"},
        "period": {"type": "string"},
        "version": {"type": "integer", "description": "1, and one more for each correction"},
        "state": {"type": "string", "enum": list(Submission.State.values)},
        "submitted_at": _INSTANT,
        "decided_at": _INSTANT,
        "return_reason": {"type": ["string", "null"]},
        "entries": {"type": "array", "items": _RESULT},
    },
}
_STATE["required"] = list(_STATE["properties"])
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Of your choosing, one for each report: sent again, it gives the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
}


class SubmissionSchema(AutoSchema):
    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any]:
        posting = method == "POST"
        state = component(registry, "Submission", _STATE)
        taken = {"description": "As it stands", "content": {"application/json": {"schema": state}}}
        operation = {
            "operationId": "submissions_make" if posting else "submissions_one",
            "summary": "Submit a report" if posting else "State of a report",
            "description": "Needs a token with the scope `submit`. A report goes through the form's checks, "
            "and a reviewer decides before anything is published.",
            "tags": ["submissions"],
            "security": [{"token": []}],
        }
        if not posting:
            identity = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
            return operation | {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": identity}],
                "responses": {"200": taken} | problem_responses(registry, *_READING),
            }
        body = component(registry, "Report", _REPORT)
        return operation | {
            "parameters": [_KEY],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"201": taken} | problem_responses(registry, *_READING, *_WRITING),
        }


_READING = ("not-authenticated", "forbidden", "not-found", "not-acceptable", "too-many-requests")
_WRITING = ("bad-parameter", "conflict", "too-large", "submission-refused", "unsupported-media-type")

"""What a row of a resource holds: one definition for the query, for JSON and CSV, and for the schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf


class Type(StrEnum):
    """What a value is. CODE is a word of this API, TEXT is written by people."""

    CODE = "code"
    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CODES = "codes"
    OBJECTS = "objects"
    OBJECT = "object"
    ROW = "row"  # the whole row as JSON already: no column of a resource, but what it is read from


_JSON_SCHEMA: dict[Type, dict[str, Any]] = {
    Type.CODE: {"type": "string"},
    Type.TEXT: {"type": "string"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.INSTANT: {"type": "string", "format": "date-time"},
    Type.NUMBER: {"type": "number"},
    Type.INTEGER: {"type": "integer"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.CODES: {"type": "array", "items": {"type": "string"}},
    Type.OBJECTS: {"type": "array", "items": {"type": "object"}},
    Type.OBJECT: {"type": "object"},
}


@dataclass(frozen=True)
class Column:
    """``source`` is the path or expression that the row's queryset selects; ``words`` are all it can say."""

    name: str
    source: str | Combinable
    type: Type
    description: str
    nullable: bool = False
    words: tuple[str, ...] = ()
    properties: dict[str, Any] = field(default_factory=dict)

    def schema(self) -> dict[str, Any]:
        """Its OpenAPI 3.1 schema."""
        schema = dict(_JSON_SCHEMA[self.type], description=self.description)
        if self.properties:
            schema["items"] = {"type": "object", "properties": self.properties}
        if self.words:
            words: dict[str, Any] = {"enum": [*self.words, *([None] if self.nullable else [])]}
            if self.type is Type.CODES:
                schema["items"] = {"type": "string", **words}
            else:
                schema |= words
        if self.nullable:
            schema["type"] = [schema["type"], "null"]
        return schema


def row_schema(columns: tuple[Column, ...]) -> dict[str, Any]:
    """The schema of one row as a JSON object: every column is always there."""
    return {
        "type": "object",
        "properties": {column.name: column.schema() for column in columns},
        "required": [column.name for column in columns],
    }


def blank_as_null(path: str) -> NullIf:
    """A text column that is empty where nothing was said: the API says null."""
    return NullIf(F(path), Value(""), output_field=TextField())

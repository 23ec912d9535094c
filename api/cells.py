"""SQL of one value: as JSON, as a CSV cell for people's spreadsheets, as a plain cell for other readers."""

from __future__ import annotations

from api.columns import Column, Type

# A text that a spreadsheet would run as a formula; a plain signed number is none.
_FORMULA = r"^[=+@\t\r-]"
_PLAIN_NUMBER = r"^[+-]?[0-9][0-9.,]*[ ]?\u0025?$"  # \u0025 is the percent sign, which the driver would read


def select_list(columns: tuple[Column, ...]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def json_value(column: Column) -> str:
    """``null`` where it is missing, whatever the column promises: one SQL null would swallow its row."""
    name = f'q."{column.name}"'
    if column.type in (Type.NUMBER, Type.INTEGER, Type.BOOLEAN):
        text = f"{name}::text"
    elif column.type is Type.DATE:
        text = f"'\"' || {name} || '\"'"
    else:
        text = f"to_json({name})::text"
    return f"coalesce({text}, 'null')"


def json_object(columns: tuple[Column, ...]) -> str:
    """A row as a JSON object: pieces of text joined, which costs a fifth less than ``row_to_json``."""
    if columns[0].type is Type.ROW:
        return f'q."{columns[0].name}"'
    members = " || ',' || ".join(f"'\"{column.name}\":' || {json_value(column)}" for column in columns)
    return f"'{{' || {members} || '}}'"


def csv_cell(column: Column) -> str:
    """True and false in words, instants in RFC 3339, lists joined by semicolons, objects as JSON; a text that
    a spreadsheet would run is marked as text by an apostrophe."""
    name = f'q."{column.name}"'
    if column.type is Type.TEXT:
        dangerous = f"{name} ~ '{_FORMULA}' AND {name} !~ '{_PLAIN_NUMBER}'"
        return f"CASE WHEN {dangerous} THEN '''' || {name} ELSE {name} END"
    if column.type is Type.INSTANT:
        return f"to_json({name}) #>> '{{}}'"
    return plain_cell(column)


def plain_cell(column: Column) -> str:
    """The same with every text as it is, and instants as microseconds since 1970."""
    name = f'q."{column.name}"'
    if column.type is Type.CODES:
        return f"array_to_string({name}, ';')"
    if column.type is Type.INSTANT:
        return f"(extract(epoch FROM {name}::timestamptz) * 1000000)::bigint"
    if column.type is Type.BOOLEAN:
        return f"{name}::text"
    if column.type in (Type.OBJECT, Type.OBJECTS):
        return f"to_json({name})::text"
    return name

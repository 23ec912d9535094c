"""What a province's own system sends: the body of a submission, read; each fault is told with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from api.problems import BadParameters, BadValue
from indicators.core.periods import Period, UnknownPeriod, parse_period
from indicators.models import MissingReason, Qualifier
from reporting.core.reading import CellText
from reporting.models import Entry

MOST_ENTRIES = 500
TEXTS = {"note": 4000, "explanation": 2000}
NUMBERS = {"value": 200, "numerator": 100, "denominator": 100}
STATUSES = [word for word, _label in Entry._meta.get_field("status").choices or []]
WORDS = {"qualifier": Qualifier.values, "status": STATUSES, "missing_reason": MissingReason.values}
_FIELDS = {
    "form": str,
    "province": str,
    "period": str,
    "submit": bool,
    "correction_reason": str,
    "entries": list,
}
_NEEDED = ("form", "province", "period", "entries")


@dataclass(frozen=True)
class Cell:
    indicator: str
    category: str
    text: CellText


@dataclass(frozen=True)
class Report:
    """``submit`` false saves a draft. ``correction_reason`` opens a correction where one was published."""

    form: str
    province: str
    period: Period
    submit: bool
    correction_reason: str
    cells: list[Cell]


class ExactJson(BaseParser):
    """Numbers keep their digits: 72.60 is not 72.6."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return json.loads(stream.read(), parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ParseError from error


def read_report(data: Any) -> Report:
    """Raises BadParameters that names every member at fault, as in ``entries[3].indicator``."""
    if not isinstance(data, Mapping):
        raise BadParameters(BadValue("", _("Send a JSON object.")))
    bad = _faults("", data, _FIELDS, _NEEDED)
    if bad:
        raise BadParameters(*bad)
    entries = data["entries"]
    if not 0 < len(entries) <= MOST_ENTRIES:
        bad.append(BadValue("entries", _("Send between 1 and %(most)s entries.") % {"most": MOST_ENTRIES}))
    for place, entry in enumerate(entries[:MOST_ENTRIES]):
        bad += _entry_faults(f"entries[{place}]", entry)
    try:
        period = parse_period(data["period"])
    except UnknownPeriod as unknown:
        bad.append(BadValue("period", _("This is no period."), list(unknown.allowed)))
    if bad:
        raise BadParameters(*bad)
    return Report(
        form=data["form"],
        province=data["province"],
        period=period,
        submit=data.get("submit", True),
        correction_reason=data.get("correction_reason", ""),
        cells=[_cell(entry) for entry in entries],
    )


def _entry_faults(where: str, entry: Any) -> list[BadValue]:
    if not isinstance(entry, Mapping):
        return [BadValue(where, _("Send a JSON object."))]
    names = {"indicator": str, "category": (str, type(None)), **dict.fromkeys([*TEXTS, *WORDS], str)}
    numbers = dict.fromkeys(NUMBERS, (str, int, Decimal, type(None)))
    bad = _faults(f"{where}.", entry, names | numbers, ("indicator",))
    for name, words in WORDS.items():
        if isinstance(entry.get(name), str) and entry[name] not in words:
            bad.append(BadValue(f"{where}.{name}", _("This choice does not exist."), [*words]))
    for name, most in (TEXTS | NUMBERS).items():
        if len(_typed(entry.get(name))) > most:
            bad.append(BadValue(f"{where}.{name}", _("The text is too long.")))
    return bad


def _faults(
    where: str, data: Mapping[str, Any], types: Mapping[str, Any], needed: tuple[str, ...]
) -> list[BadValue]:
    bad = [
        BadValue(f"{where}{name}", _("There is no member of this name here."), list(types))
        for name in data
        if name not in types
    ]
    bad += [BadValue(f"{where}{name}", _("This member is missing.")) for name in needed if name not in data]
    for name, kind in types.items():
        if name in data and not _is(data[name], kind):
            bad.append(BadValue(f"{where}{name}", _("This is of another type than the schema says.")))
    return bad


def _is(value: Any, kind: Any) -> TypeGuard[Any]:
    if isinstance(value, str) and "\x00" in value:
        return False
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _cell(entry: Mapping[str, Any]) -> Cell:
    texts = {name: entry[name] for name in (*TEXTS, *WORDS) if name in entry}
    numbers = {"text": "value", "numerator": "numerator", "denominator": "denominator"}
    return Cell(
        indicator=entry["indicator"],
        category=entry.get("category") or "",
        text=CellText(**texts, **{to: _typed(entry.get(name)) for to, name in numbers.items()}),
    )


def _typed(value: Any) -> str:
    """A number as a person would type it so that it can be read in one way only; a text as it is."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, int | Decimal):
        return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
    return re.sub(r"\r\n?", "\n", value) if isinstance(value, str) else ""


def _no_number(text: str) -> Any:
    raise ValueError(text)

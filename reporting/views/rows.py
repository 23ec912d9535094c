"""A checked cell as the page shows it: plain texts, nothing left for the template to work out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from indicators.models import Target
from reporting.core.checks import Finding
from reporting.core.reading import CellText
from reporting.models import Entry, FormLine
from reporting.sentences import beside, choices_of, figure, say_finding, understood
from reporting.services.cells import base_of, text_of
from reporting.services.checking import CheckedEntry

FIELDS = tuple(CellText.__dataclass_fields__)
_OPERATORS = {"at_least": "≥ ", "at_most": "≤ ", "more_than": "> ", "equal": "= "}


@dataclass
class Row:
    """One line of the form on the page. ``clash`` is what the server kept when somebody else was first."""

    entry: Entry
    cell: CellText
    name: str
    detail: str
    unit: str
    cumulative: bool
    wants_counts: bool
    previous: list[str]
    year_before: list[str]
    target: str
    understood: str
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    clash: str = ""
    open_details: bool = field(default=False)

    @property
    def base(self) -> str:
        return base_of(self.entry)

    @property
    def key(self) -> str:
        return f"c{self.entry.pk}"

    @property
    def explain(self) -> bool:
        return bool(self.warnings) or bool(self.cell.explanation)


def rows_of(
    checked: Sequence[CheckedEntry], *, quiet: bool, typed: Mapping[int, tuple[CellText, str]] | None = None
) -> list[tuple[str, list[Row]]]:
    """(section, its rows) in the order of the form. ``quiet``: an untouched cell is not yet reproached.

    ``typed`` puts what a person typed, with the sentence of the conflict, in place of what is stored.
    """
    rows = [_row(one, quiet, typed or {}) for one in checked]
    return [
        (section.name, list(members))
        for section, members in groupby(rows, key=lambda row: row.entry.line.section)
    ]


def said(finding: Finding) -> dict[str, Any]:
    return {
        "part": finding.part,
        "severity": finding.severity.value,
        "sentence": say_finding(finding),
        "choices": choices_of(finding.code, finding.params),
    }


def _row(one: CheckedEntry, quiet: bool, typed: Mapping[int, tuple[CellText, str]]) -> Row:
    entry, line = one.entry, one.entry.line
    cell, clash = typed.get(entry.pk, (text_of(entry), ""))
    silent = quiet and one.untouched
    return Row(
        entry=entry,
        cell=cell,
        name=line.indicator.name,
        detail=line.category.name if line.category else "",
        unit=line.indicator.unit,
        cumulative=line.mode == FormLine.Mode.YEAR_TO_DATE,
        wants_counts=line.wants_counts,
        previous=beside(one.background.previous, one.background.merged_previous),
        year_before=beside(one.background.year_before, one.background.merged_year_before),
        target=_target(one.background.target),
        understood=understood(one.reading.stated, cell.text),
        errors=[] if silent else [said(finding) for finding in one.errors],
        warnings=[] if silent else [said(finding) for finding in one.warnings],
        clash=clash,
        open_details=bool(cell.note or cell.qualifier or cell.status != "final"),
    )


def _target(target: Target | None) -> str:
    if target is None or target.value is None:
        return "–"
    return _OPERATORS[target.operator] + figure(target.value)

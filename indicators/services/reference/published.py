"""Loading the published figures: sources.csv, figures.csv, and notes.csv with the English of each note."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from indicators.models import Source
from indicators.services.reference.applying import apply_statements, save_sources
from indicators.services.reference.statements import Names, Statement
from provinces.services.synchronising import LoadReport
from provinces.services.tables import DataFileError, Row, read_table

SOURCE_COLUMNS = ["code", "title", "publisher", "publisher_body", "reference", "published"]
FIGURE_COLUMNS = [
    *(
        "source",
        "indicator",
        "category",
        "period",
        "province",
        "value",
        "qualifier",
        "numerator",
        "denominator",
    ),
    *("rank", "rank_of", "as_stated", "confidence", "note"),
]
NOTE_COLUMNS = ["note_vi", "note_en"]


@transaction.atomic
def load_published(folder: Path, names: Names, report: LoadReport) -> list[str]:
    """Load all figures of all sources; returns the codes of the sources. Raises DataFileError."""
    notes = {
        row.text("note_vi"): row.text("note_en") for row in read_table(folder / "notes.csv", NOTE_COLUMNS)
    }
    sources = _sources(read_table(folder / "sources.csv", SOURCE_COLUMNS), report)
    statements, refused = [], len(report.refusals)
    for row in read_table(folder / "figures.csv", FIGURE_COLUMNS):
        try:
            if row.text("source") not in sources:
                raise row.error(f"“{row.text('source')}” is not in sources.csv; correct it or add it there.")
            statements.append((_statement(row, notes), sources[row.text("source")]))
        except DataFileError as refusal:
            report.refusals.append(refusal)
    complete = len(report.refusals) == refused
    apply_statements(statements, names, report, "published figures", complete)
    return list(sources)


def _sources(rows: list[Row], report: LoadReport) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for row in rows:
        if row.text("code") in sources:
            raise row.error(f"“{row.text('code')}” stands there twice; a code names one source.")
        sources[row.text("code")] = Source(
            **{name: row.text(name) for name in ("code", "title", "publisher")},
            **{name: row.optional_text(name) for name in ("publisher_body", "reference", "published")},
        )
    return save_sources(list(sources.values()), report.tally("sources"))


def _statement(row: Row, notes: dict[str, str]) -> Statement:
    note = row.optional_text("note")
    if note and note not in notes:
        raise row.error("The note has no English yet; add a line for it to notes.csv.")
    same_names = [name for name in FIGURE_COLUMNS if name not in ("source", "note")]
    return Statement(
        where=row.place,
        note_vi=note,
        note_en=notes.get(note, ""),
        **{name: row.optional_text(name) for name in same_names},  # type: ignore[arg-type]
    )

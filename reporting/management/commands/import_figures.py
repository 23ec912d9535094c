"""Load a plain table of figures: a preview of what would happen, and with --confirm the loading itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from indicators.management.progress import ProgressLine
from indicators.tasks import wake_worker_on_commit
from reporting.importing.files import read_file
from reporting.importing.headings import RECOGNISED
from reporting.importing.loading import CHANGED, Preview, load, preview
from reporting.importing.reading import ReadTable, read_table
from reporting.importing.refusals import FileRefused
from reporting.importing.refused_rows import refused_workbook
from reporting.importing.sentences import file_sentence, row_sentences

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Load a table of figures (.xlsx or .csv; a row is a province, indicator, period and value). Without "
        "--confirm nothing is written: it is said what would be. Either every row is loaded or none; refused "
        "rows are written beside the file, with their reasons."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--confirm", action="store_true", help="load it, if no row is refused")
        parser.add_argument("--source", default="", help="code of the source of all rows")
        parser.add_argument("--sheet", default="", help="the sheet, where several hold a table")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help=f"the column of a field whose heading is not recognised; fields: {', '.join(RECOGNISED)}",
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="FIELD=TEXT", help="one text for every row"
        )
        parser.add_argument("--reason", default="", help="why, for the record of the publication")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            read = self._read(path, options)
        except FileRefused as refusal:
            raise CommandError(file_sentence(refusal)) from refusal
        except OSError as error:
            raise CommandError(str(error)) from error
        if options["confirm"] and read.problems.is_empty():
            self._load(read, options["reason"] or path.name)
        else:
            self._say(preview(read, self._progress(read)), read)
        if not read.problems.is_empty():
            beside = path.with_name(f"{path.stem}-refused.xlsx")
            beside.write_bytes(refused_workbook(read))
            raise CommandError(f"Nothing was loaded. The refused rows are in {beside}.")

    def _read(self, path: Path, options: dict[str, Any]) -> ReadTable:
        constants = _pairs(options["set"]) | ({"source": options["source"]} if options["source"] else {})
        table = read_file(path.read_bytes(), options["sheet"])
        return read_table(
            table, today=timezone.localdate(), chosen=_pairs(options["map"]), constants=constants
        )

    def _load(self, read: ReadTable, reason: str) -> None:
        result = load(read, reason=reason, progress=self._progress(read))
        wake_worker_on_commit()
        self.stdout.write(f"Loaded: {result.new} new, {result.changed} changed, {result.same} same.")

    def _say(self, found: Preview, read: ReadTable) -> None:
        counts = ", ".join(f"{number} {outcome}" for outcome, number in found.counts.items())
        self.stdout.write(f"Would be: {counts}. Nothing was written.")
        if read.ignored:
            self.stdout.write(f"Columns left aside: {', '.join(read.ignored)}")
        changed = found.rows.filter(pl.col("outcome") == CHANGED)
        for row in changed.head(_SHOWN).iter_rows(named=True):
            old = row["old_as_stated"] or row["old_value"] or row["old_missing_reason"]
            new = row["value"] or row["missing_reason"]
            said = " · ".join(row[name] for name in ("province", "indicator", "period") if row[name])
            self.stdout.write(f"  row {row['row']}: {said}: {old} → {new}")
        for number, sentence in sorted(row_sentences(read.problems).items())[:_SHOWN]:
            self.stderr.write(f"  row {number}: {sentence}")

    def _progress(self, read: ReadTable) -> Any:
        line, total = ProgressLine(self.stderr), read.facts.height
        return lambda done: line("rows", done, total)


def _pairs(given: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in given:
        name, separator, text = pair.partition("=")
        if not separator:
            raise CommandError(f"{pair}: write FIELD=TEXT")
        pairs[name.strip()] = text.strip()
    return pairs

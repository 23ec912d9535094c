"""Load the reference data: provinces in their time, the catalogue, the reports, the published figures."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.management.progress import ProgressLine
from indicators.services.reference.steps import load_everything
from provinces.services.synchronising import LoadReport


class Command(BaseCommand):
    help = (
        "Load the reference data that comes with the system. Running it again changes nothing unless a data "
        "file changed. What is refused is said with its place and reason; everything else is loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--strict", action="store_true", help="exit with status 1 if anything is refused")
        parser.add_argument(
            "--no-recompute", action="store_true", help="leave aggregates and ranks to the worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(self.stderr)
        report = LoadReport(progress=progress)
        complete = load_everything(report, recompute=not options["no_recompute"])
        progress.end()
        for kind, tally in report.tallies.items():
            self.stdout.write(f"{kind:<20} {tally}")
        for remark in report.remarks:
            self.stdout.write(remark)
        for refusal in report.refusals:
            self.stderr.write(self.style.ERROR(f"Refused: {refusal}"))
        if not complete or (options["strict"] and report.refusals):
            raise CommandError(f"{len(report.refusals)} refused; correct the data files and load again.")

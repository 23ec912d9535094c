"""Compute again: what is pending, or everything."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from indicators.management.progress import ProgressLine
from indicators.services.rebuilding import rebuild
from indicators.services.recomputing import drain_pending


class Command(BaseCommand):
    help = (
        "Recompute what is pending. With --full, compute everything once more, compare it with what stands, "
        "and put the differences in place at once; with --check, only count them (exit status 1 if any)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="everything, not only what is pending")
        parser.add_argument("--check", action="store_true", help="with --full: leave differences as they are")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(self.stderr)
        if not options["full"]:
            units = drain_pending(
                cause="command", progress=lambda done, left: progress("recomputed", done, done + left)
            )
            progress.end()
            self.stdout.write(f"{units} units recomputed.")
            return
        run = rebuild(
            cause="command",
            progress=lambda done, total: progress("rebuilt", done, total),
            apply=not options["check"],
        )
        progress.end()
        assert run.finished_at is not None
        seconds = (run.finished_at - run.started_at).total_seconds()
        found = "left as they are" if options["check"] else "put in place"
        self.stdout.write(
            f"{run.rows} rows compared in {seconds:.1f} s; {run.differences} differences {found}."
        )
        if options["check"] and run.differences:
            raise SystemExit(1)

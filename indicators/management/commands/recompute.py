"""Compute again: what is pending, or everything."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.management.helpers import cores, helpers, leave_ctrl_c_to_the_parent
from indicators.management.progress import ProgressLine
from indicators.services.rebuilding import rebuild, take_part
from indicators.services.recomputing import drain_pending


class Command(BaseCommand):
    help = (
        "Recompute what is pending. With --full, compute everything once more, compare it with what stands, "
        "and put the differences in place at once; with --check, only count them (exit status 1 if any)."
    )

    #: They import all pages and the whole API, once more in every helper: two fifths of what starting takes.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="everything, not only what is pending")
        parser.add_argument("--check", action="store_true", help="with --full: leave differences as they are")
        parser.add_argument(
            "--processes",
            type=int,
            default=cores(),
            help="with --full: how many share the work (default: one for each core, %(default)s)",
        )
        parser.add_argument("--take-part", type=int, metavar="RUN", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["take_part"]:
            leave_ctrl_c_to_the_parent()
            take_part(options["take_part"])
            return
        if options["processes"] < 1:
            raise CommandError("--processes: at least 1.")
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
            helped=lambda run: helpers(options["processes"] - 1, "recompute", "--take-part", str(run)),
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

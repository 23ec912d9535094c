"""Load simulated data for demonstration, or bring them to another seed or size."""

from __future__ import annotations

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.management.progress import ProgressLine
from indicators.services.recomputing import drain_pending
from indicators.services.simulated_plan import ACROSS, LAST_QUARTER, Request, SimulationRefused
from indicators.services.simulating import load_simulated


class Command(BaseCommand):
    help = (
        "Load simulated data for demonstration. Every figure is flagged as simulated and none is ever added "
        "to real ones. The same command a second time changes nothing; `remove_simulated` removes them all."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Request()
        parser.add_argument(
            "--geography",
            default=usual.geography,
            help=f"whose figures: 34, 63, or “{ACROSS}”: each province in its own time (default: 34)",
        )
        parser.add_argument("--indicators", type=int, default=usual.indicators, help="(default: %(default)s)")
        parser.add_argument("--quarters", type=int, default=usual.quarters, help="(default: %(default)s)")
        parser.add_argument(
            "--until",
            default=usual.until,
            help=f"the last quarter (default: the last of the geography, {LAST_QUARTER} if it is in force)",
        )
        parser.add_argument(
            "--seed", type=int, default=usual.seed, help="of the chance (default: %(default)s)"
        )
        parser.add_argument("--replace", action="store_true", help="remove other simulated data first")
        parser.add_argument(
            "--leave-to-worker", action="store_true", help="do not recompute here: a worker does, soon"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        request = Request(
            **{name: options[name] for name in ("geography", "indicators", "quarters", "until", "seed")}
        )
        progress, began = ProgressLine(self.stderr), monotonic()
        try:
            loaded = load_simulated(request, replace=options["replace"], progress=progress)
        except SimulationRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            progress.end()
        if not loaded.figures:
            self.stdout.write(f"Already there: {request.words}")
            return
        self.stdout.write(
            f"{loaded.figures} simulated figures, {loaded.corrections} corrected by a later publication, "
            f"{loaded.slips} contradicting their counts and {loaded.sums_off} their parts, "
            f"in {monotonic() - began:.1f} s."
        )
        if not options["leave_to_worker"]:
            self._recompute(progress)

    def _recompute(self, progress: ProgressLine) -> None:
        began = monotonic()
        units = drain_pending(
            cause="load_simulated", progress=lambda done, left: progress("recomputed", done, done + left)
        )
        progress.end()
        self.stdout.write(f"{units} units recomputed in {monotonic() - began:.1f} s.")

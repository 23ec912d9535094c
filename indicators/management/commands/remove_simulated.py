"""Remove everything that is simulated; real data stay as they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.db.models import ProtectedError

from indicators.management.progress import ProgressLine
from indicators.services.removing_simulated import remove_simulated


class Command(BaseCommand):
    help = "Remove all simulated data and whatever was made for them. Real data stay as they are."

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        progress = ProgressLine(self.stderr)
        try:
            removed = remove_simulated(progress)
        except ProtectedError as error:
            used = ", ".join(sorted({str(row) for row in error.protected_objects}))
            raise CommandError(f"Indicators made for simulated data are in use: {used}.") from error
        finally:
            progress.end()
        for what, rows in removed.items():
            self.stdout.write(f"{what:<20} {rows} removed")

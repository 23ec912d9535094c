"""Make the reporting forms that come with the system."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reporting.services.forms import load_forms


class Command(BaseCommand):
    help = "Make the reporting forms that come with the system. A form that exists already is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        made, lacking = load_forms()
        self.stdout.write(f"reporting forms      {made} new")
        for name in lacking:
            self.stderr.write(f"Not in the catalogue, so its form was not made: {name}")

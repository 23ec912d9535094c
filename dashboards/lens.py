"""Through what a page looks at the figures: today's real ones, simulated ones, or those of a past day.

The queries ask ``current()``: one place decides for all of them, so that no page mixes what must stay apart.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date

from django.utils import timezone


@dataclass(frozen=True)
class Lens:
    """``day`` None: as things stand now."""

    day: date | None = None
    simulated: bool = False


_NOW = Lens()
_LOOKED_THROUGH: ContextVar[Lens] = ContextVar("lens", default=_NOW)


def current() -> Lens:
    return _LOOKED_THROUGH.get()


def simulated() -> bool:
    """Whether this page is one of simulated figures; never both kinds."""
    return current().simulated


def today() -> date:
    """The day that the page takes for today: what is due is told by it."""
    return current().day or timezone.localdate()

"""Through what a page looks at the figures: today's real ones, simulated ones, or those of a past day.

The queries ask ``current()``: one place decides for all of them, so that no page mixes what must stay apart.
Both are parameters of the address (``ngay=2026-11-01``, ``so-lieu=mo-phong``) that every link keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dateparse import parse_date

DAY, FIGURES = "ngay", "so-lieu"
SIMULATED = "mo-phong"


@dataclass(frozen=True)
class Lens:
    """``day`` None: as things stand now."""

    day: date | None = None
    simulated: bool = False

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Its parameters: none for today's real figures."""
        pairs = [(DAY, self.day.isoformat())] if self.day else []
        return [*pairs, (FIGURES, SIMULATED)] if self.simulated else pairs

    @property
    def instant(self) -> datetime | None:
        """The last instant of the day in Vietnam."""
        return timezone.make_aware(datetime.combine(self.day, time.max)) if self.day else None


_NOW = Lens()
_LOOKED_THROUGH: ContextVar[Lens] = ContextVar("lens", default=_NOW)


class UnreadableLens(ValueError):
    """A day that is none or lies ahead, or figures of no known kind."""

    def __init__(self, parameter: str, value: str) -> None:
        super().__init__(f"{parameter}={value}")
        self.parameter, self.value = parameter, value


def read(day: str, figures: str) -> Lens:
    """What the parameters ask for. Today's date is now."""
    if figures not in ("", SIMULATED):
        raise UnreadableLens(FIGURES, figures)
    asked = None
    if day:
        asked = _day(day)
        if asked is None or asked > timezone.localdate():
            raise UnreadableLens(DAY, day)
    return Lens(None if asked == timezone.localdate() else asked, figures == SIMULATED)


def _day(text: str) -> date | None:
    """2026-11-01 as a date field sends it, or 1/11/2026 as people write it."""
    if text.count("/") == 2:
        text = "-".join(part.zfill(2) for part in reversed(text.split("/")))
    try:
        return parse_date(text)
    except ValueError:
        return None


@contextmanager
def looking_through(lens: Lens) -> Iterator[None]:
    token = _LOOKED_THROUGH.set(lens)
    try:
        yield
    finally:
        _LOOKED_THROUGH.reset(token)


def current() -> Lens:
    return _LOOKED_THROUGH.get()


def simulated() -> bool:
    """Whether this page is one of simulated figures; never both kinds."""
    return current().simulated


def today() -> date:
    """The day that the page takes for today: what is due is told by it."""
    return current().day or timezone.localdate()

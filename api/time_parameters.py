"""Parameters that speak of time: periods, days and instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.parameters import Parameter, refuse, refused, split
from api.problems import NotThere
from indicators import models
from indicators.core.periods import Period, UnknownPeriod, parse_period

WRITTEN = r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]|YTD-(0[1-9]|1[0-2])))?(-ND09)?$"


class _PeriodCodes(Parameter):
    def item_schema(self) -> dict[str, Any]:
        """Every code of a kind that a pattern can say, and the ranges that have figures."""
        ranges = models.Period.objects.filter(kind="range").values_list("code", flat=True)
        written = [{"type": "string", "pattern": WRITTEN}, {"type": "string", "format": "date"}]
        return {"anyOf": [*written, *([{"enum": list(ranges)}] if ranges else [])]}


class Periods(_PeriodCodes):
    """Codes of periods, each read as the one code of the period that it names (2024-YTD-06 is 2024-H1)."""

    many = True

    def read(self, text: str) -> list[str]:
        return [_period(code).code for code in split(text)]


class Edge(_PeriodCodes):
    """A date, or a period's code that stands for its first (``start``) or last day (``end``)."""

    def __init__(self, *, end: bool, **options: Any) -> None:
        super().__init__(**options)
        self.end = end

    def read(self, text: str) -> date:
        period = _period(text)
        return period.end if self.end else period.start


class Day(Parameter):
    schema = {"type": "string", "format": "date"}

    def read(self, text: str) -> date:
        return _day(text) or refused(_("“%(value)s” is not a date."), ["2025-06-30"], value=text)


class Instant(Parameter):
    """An instant (RFC 3339), or a date: the end of that day in Vietnam, or its start."""

    schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}

    def __init__(self, *, end_of_day: bool, past: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.end_of_day, self.past = end_of_day, past

    def read(self, text: str) -> datetime:
        now = timezone.now()
        day = _day(text)
        if day is not None:
            instant = timezone.make_aware(
                datetime.combine(day, time.max if self.end_of_day else time.min),
                timezone.get_default_timezone(),
            )
            future = day > timezone.localdate(now, timezone.get_default_timezone())
        else:
            instant = _instant(text)
            future = instant > now
        if future and self.past:
            sentence = gettext("“%(value)s” lies in the future: what was true then is not known yet.")
            raise NotThere("as_of", sentence % {"value": text})
        return instant


def _period(code: str) -> Period:
    try:
        return parse_period(code)
    except UnknownPeriod as unknown:
        raise refuse(
            _("“%(value)s” is no period; write it in one of the forms allowed."),
            list(unknown.allowed),
            value=code,
        ) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _instant(text: str) -> datetime:
    """In UTC: PostgreSQL knows no offset of 16 hours or more. A “+” that the address lost to a space is put
    back."""
    try:
        instant = parse_datetime(text.replace(" ", "+").upper()) if "T" in text.upper() else None
        if instant is not None and timezone.is_aware(instant):
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise refuse(
        _("“%(value)s” is neither a date nor an instant with its offset."),
        ["2025-06-30", "2025-06-30T17:00:00Z", "2025-07-01T00:00:00+07:00"],
        value=text,
    )

"""What there is to look at: since when there are figures, and whether any are simulated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists
from django.utils import timezone

from dashboards.caching import once_a_generation
from indicators.models import Publication, Source


@dataclass(frozen=True)
class Span:
    """``first`` is None before anything was published."""

    first: date | None
    simulated: bool


@once_a_generation
def span() -> Span:
    """One query."""
    made_up = Exists(Source.objects.filter(simulated=True))
    found = Publication.objects.order_by("id").values_list("instant", made_up).first()
    return Span(timezone.localdate(found[0]), found[1]) if found else Span(None, False)

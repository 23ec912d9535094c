"""Who has submitted for a period, for everybody to see: nothing of what was typed, and no person's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from indicators.core.periods import Period as CorePeriod
from indicators.models import Contradiction
from reporting.models import ReportingForm
from reporting.services.duties import Duty, Standing, duties, recent_quarters

#: How the page counts: an opened draft is nobody's business, it counts as not submitted.
ORDER = (
    *(Standing.LATE, Standing.RETURNED, Standing.DUE, Standing.NOT_OPEN),
    *(Standing.SUBMITTED, Standing.ACCEPTED),
)


@dataclass(frozen=True)
class FormOverview:
    """One form for one period. ``contradictions`` by province: how many of its figures stand contradicted."""

    form: ReportingForm
    opens: date
    due: date
    duties: Sequence[Duty]
    contradictions: dict[int, int]

    def counts(self) -> list[tuple[Standing, int]]:
        tally = Counter(duty.standing for duty in self.duties)
        return [(standing, tally[standing]) for standing in ORDER if tally[standing]]

    @property
    def published(self) -> int:
        return sum(duty.standing is Standing.ACCEPTED for duty in self.duties)


def asked_quarters(today: date, count: int = 8) -> list[CorePeriod]:
    """The recent quarters for which a form is asked and open, the newest first."""
    forms = list(ReportingForm.objects.exclude(applies_from=None))
    found = [
        period
        for period in recent_quarters(today, count)
        if any(form.applies_to_period(period) and form.opens_on(period) <= today for form in forms)
    ]
    return sorted(found, key=lambda period: period.end, reverse=True)


def form_overviews(*, period: CorePeriod, today: date) -> list[FormOverview]:
    """One for each form that is asked for ``period``."""
    by_form: dict[int, list[Duty]] = {}
    for duty in duties(periods=[period], today=today):
        by_form.setdefault(duty.form.pk, []).append(duty)
    return [
        FormOverview(found[0].form, found[0].opens, found[0].due, found, _contradictions(found))
        for found in by_form.values()
    ]


def _contradictions(found: Sequence[Duty]) -> dict[int, int]:
    """By province: how many current figures of this form × period stand contradicted."""
    publications = [
        duty.submission.publication_id
        for duty in found
        if duty.submission is not None and duty.submission.publication_id is not None
    ]
    rows = (
        Contradiction.objects.filter(
            Q(observation__publication__in=publications), observation__superseded_at=None
        )
        .values("observation__province")
        .annotate(n=Count("observation", distinct=True))
        .values_list("observation__province", "n")
    )
    return dict(rows)

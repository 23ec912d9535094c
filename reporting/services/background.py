"""What stands beside each cell: last quarter's and last year's figure, the target, and what the checks need.

Three queries for a whole form, whatever the number of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from indicators.core.periods import Period as CorePeriod
from indicators.core.stated import Measure, Qualifier, StatedNumberError, StatedValue, from_value
from indicators.models import Dimension, Observation, Target
from reporting.models import Entry, FormLine, Submission

_YEARS_OF_HISTORY = 5


@dataclass(frozen=True, slots=True)
class Known:
    """A published figure of the province."""

    value: Decimal
    qualifier: str
    measure: str
    derived: bool

    def stated(self) -> StatedValue | None:
        try:
            return from_value(self.value, Qualifier(self.qualifier), Measure(self.measure))
        except StatedNumberError:
            return None


@dataclass
class Background:
    """What is known around one line; None or empty where nothing is."""

    previous: Known | None = None
    year_before: Known | None = None
    target: Target | None = None
    history: list[Decimal] = field(default_factory=list)
    earlier: StatedValue | None = None


Figures = Mapping[tuple[int, int | None], Mapping[CorePeriod, Known]]


def period_of(line: FormLine, quarter: CorePeriod) -> CorePeriod:
    """The period that a line's figure speaks of. A year to date is never missing for a quarter."""
    if line.mode == FormLine.Mode.YEAR_TO_DATE:
        return quarter.year_to_date() or quarter
    return quarter


def backgrounds(submission: Submission, entries: Sequence[Entry]) -> dict[int, Background]:
    """By entry. ``entries`` come with line, indicator and category."""
    quarter = submission.period.core
    figures = _figures(submission, entries, quarter)
    targets = _targets(submission, entries)
    return {
        entry.pk: _background(
            figures.get((entry.line.indicator_id, entry.line.category_id), {}),
            entry.line,
            quarter,
            _pick(targets, entry.line, quarter.end),
        )
        for entry in entries
    }


def category_counts() -> dict[int, int]:
    """How many categories each dimension has."""
    return dict(Dimension.objects.annotate(n=Count("categories")).values_list("pk", "n"))


def _figures(submission: Submission, entries: Sequence[Entry], quarter: CorePeriod) -> Figures:
    since = date(quarter.start.year - _YEARS_OF_HISTORY, 1, 1)
    rows = (
        Observation.objects.current()
        .usable()
        .real()
        .filter(
            province=submission.province_id,
            indicator__in={entry.line.indicator_id for entry in entries},
            period__start__gte=since,
            period__end__lt=quarter.end,
            period__calendar=quarter.calendar.value,
        )
        .preferred()
        .values_list(
            *("indicator_id", "category_id", "period__start", "period__end"),
            *("value", "qualifier", "indicator__measure", "derived"),
        )
    )
    found: dict[tuple[int, int | None], dict[CorePeriod, Known]] = {}
    for indicator, category, start, end, value, qualifier, measure, derived in rows:
        known = Known(value, qualifier, measure, derived)
        found.setdefault((indicator, category), {})[CorePeriod(start, end)] = known
    return found


def _background(
    known: Mapping[CorePeriod, Known], line: FormLine, quarter: CorePeriod, target: Target | None
) -> Background:
    period = period_of(line, quarter)
    result = Background(target=target)
    last_quarter, year_before = quarter.previous(), period.year_before()
    if last_quarter is not None:
        result.previous = known.get(period_of(line, last_quarter))
    if year_before is not None:
        result.year_before = known.get(year_before)
    comparable = sorted(other for other in known if other.comparable_with(period))
    result.history = [known[other].value for other in comparable]
    if line.mode == FormLine.Mode.YEAR_TO_DATE and last_quarter is not None:
        _add_earlier(result, known, period, last_quarter)
    return result


def _add_earlier(
    result: Background, known: Mapping[CorePeriod, Known], period: CorePeriod, last_quarter: CorePeriod
) -> None:
    """The cumulative figure before this one within the year, where there is one."""
    before = last_quarter.year_to_date()
    if before is not None and before.start == period.start and before in known:
        result.earlier = known[before].stated()


def _targets(submission: Submission, entries: Sequence[Entry]) -> list[Target]:
    wanted = {entry.line.indicator_id for entry in entries}
    return list(
        Target.objects.filter(
            Q(province=submission.province_id) | Q(province=None), indicator__in=wanted
        ).exclude(value=None)
    )


def _pick(targets: Sequence[Target], line: FormLine, day: date) -> Target | None:
    """The province's own target before the national one; the next one due before those gone by."""
    fitting = [
        target
        for target in targets
        if target.indicator_id == line.indicator_id and target.category_id == line.category_id
    ]

    def preference(target: Target) -> tuple[Any, ...]:
        past = target.due < day
        return (past, target.province_id is None, abs((target.due - day).days))

    return min(fitting, key=preference, default=None)

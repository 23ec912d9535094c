"""What stands beside each cell: last quarter's and last year's figure, the target, and what the checks need.

A fixed number of queries for a whole form, whatever the number of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from indicators.core.periods import Period as CorePeriod
from indicators.core.stated import StatedValue
from indicators.models import Category, Observation, SeriesBreak, Target
from reporting.models import Entry, FormLine, Submission
from reporting.services.known import Known
from reporting.services.predecessors import Merged, Predecessor, merged, predecessors_of

_YEARS_OF_HISTORY = 5


@dataclass
class Background:
    """What is known around one line; None or empty where nothing is.

    ``history`` holds the comparable figures before this period since the last break in the series, ``around``
    those of other periods of its year. Where the province did not exist yet, ``merged_previous`` and
    ``merged_year_before`` say what its predecessors had.
    """

    previous: Known | None = None
    year_before: Known | None = None
    merged_previous: Merged | None = None
    merged_year_before: Merged | None = None
    target: Target | None = None
    history: list[Decimal] = field(default_factory=list)
    around: dict[CorePeriod, StatedValue] = field(default_factory=dict)

    @property
    def compared(self) -> Known | None:
        """Last quarter's figure, or that of all predecessors together where it is the same thing."""
        if self.previous is None and self.merged_previous is not None:
            return self.merged_previous.known
        return self.previous


Series = Mapping[CorePeriod, Known]
#: (province, indicator, category) → its figures.
Figures = Mapping[tuple[int, int, int | None], Series]


def period_of(line: FormLine, quarter: CorePeriod) -> CorePeriod:
    """The period that a line's figure speaks of. A year to date is never missing for a quarter."""
    if line.mode == FormLine.Mode.YEAR_TO_DATE:
        return quarter.year_to_date() or quarter
    return quarter


def backgrounds(submission: Submission, entries: Sequence[Entry]) -> dict[int, Background]:
    """By entry. ``entries`` come with line, indicator and category."""
    quarter = submission.period.core
    kin = predecessors_of(submission.province)
    wanted = {entry.line.indicator_id for entry in entries}
    figures = _figures([submission.province_id, *(one.province.pk for one in kin)], wanted, quarter)
    targets, breaks = _targets(submission, wanted), _breaks(wanted, quarter.end)
    found = {}
    for entry in entries:
        line = entry.line
        known = figures.get((submission.province_id, line.indicator_id, line.category_id), {})
        since = breaks.get(line.indicator_id)
        background = _background(known, line, quarter, since)
        background.target = _pick(targets, line, quarter.end)
        if kin:
            _add_merged(background, figures, line, quarter, kin)
        found[entry.pk] = background
    return found


def sibling_counts() -> dict[tuple[int, int | None], int]:
    """(dimension, parent) → how many categories have this parent: only these add up to it."""
    rows = Category.objects.order_by().values_list("dimension_id", "parent_id").annotate(n=Count("pk"))
    return {(dimension, parent): number for dimension, parent, number in rows}


def _figures(provinces: Sequence[int], indicators: set[int], quarter: CorePeriod) -> Figures:
    """From some years back to the end of the quarter's year: figures after it matter to a late one."""
    rows = (
        Observation.objects.current()
        .usable()
        .real()
        .filter(
            province__in=provinces,
            indicator__in=indicators,
            period__start__gte=date(quarter.start.year - _YEARS_OF_HISTORY, 1, 1),
            period__end__lte=date(quarter.end.year, 12, 31),
            period__calendar=quarter.calendar.value,
        )
        .preferred()
        .values_list(
            *("province_id", "indicator_id", "category_id", "period__start", "period__end"),
            *("value", "qualifier", "indicator__measure", "derived", "numerator", "denominator"),
        )
    )
    found: dict[tuple[int, int, int | None], dict[CorePeriod, Known]] = {}
    for province, indicator, category, start, end, *known in rows:
        found.setdefault((province, indicator, category), {})[CorePeriod(start, end)] = Known(*known)
    return found


def _background(known: Series, line: FormLine, quarter: CorePeriod, since: date | None) -> Background:
    period = period_of(line, quarter)
    result = Background(previous=_before(known, line, quarter), year_before=_year_before(known, period))
    unbroken = sorted(other for other in known if since is None or other.end >= since)
    result.history = [
        known[other].value for other in unbroken if other.end < period.end and other.comparable_with(period)
    ]
    year = quarter.year_to_date()
    for other in unbroken:
        same_year = year is not None and other.start >= year.start
        if same_year and other != period and not known[other].derived and (stated := known[other].stated()):
            result.around[other] = stated
    return result


def _before(known: Series, line: FormLine, quarter: CorePeriod) -> Known | None:
    last_quarter = quarter.previous()
    return known.get(period_of(line, last_quarter)) if last_quarter else None


def _year_before(known: Series, period: CorePeriod) -> Known | None:
    before = period.year_before()
    return known.get(before) if before else None


def _add_merged(
    background: Background,
    figures: Figures,
    line: FormLine,
    quarter: CorePeriod,
    kin: Sequence[Predecessor],
) -> None:
    """Where the province has no figure of its own because it did not exist yet."""
    series = [figures.get((one.province.pk, line.indicator_id, line.category_id), {}) for one in kin]
    last_quarter, period = quarter.previous(), period_of(line, quarter)
    if background.previous is None and last_quarter is not None:
        found = [_before(known, line, quarter) for known in series]
        background.merged_previous = _merged(line, kin, found, last_quarter.end)
    year_before = period.year_before()
    if background.year_before is None and year_before is not None:
        found = [_year_before(known, period) for known in series]
        background.merged_year_before = _merged(line, kin, found, year_before.end)


def _merged(
    line: FormLine, kin: Sequence[Predecessor], found: Sequence[Known | None], day: date
) -> Merged | None:
    there = [(one, known) for one, known in zip(kin, found, strict=True) if one.province.is_valid_on(day)]
    return merged(line.indicator, there) if any(known for _one, known in there) else None


def _breaks(indicators: set[int], day: date) -> dict[int, date]:
    """Indicator → the last day up to ``day`` from which its figures are not comparable with those before."""
    rows = SeriesBreak.objects.filter(indicator__in=indicators, date__lte=day).order_by("date")
    return dict(rows.values_list("indicator_id", "date"))


def _targets(submission: Submission, indicators: set[int]) -> list[Target]:
    return list(
        Target.objects.filter(
            Q(province=submission.province_id) | Q(province=None),
            indicator__in=indicators,
            source__simulated=False,
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

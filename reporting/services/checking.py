"""The findings of a submission: its cells as they stand, checked together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.core.periods import Period
from indicators.core.ranking import Direction
from indicators.core.stated import (
    Interval,
    Measure,
    Qualifier,
    StatedNumberError,
    StatedValue,
    from_value,
)
from indicators.models import Indicator, Target
from reporting.core.checks import CheckedLine, Finding, Severity, check_lines
from reporting.core.reading import CellReading, read_cell
from reporting.models import Entry, FormLine, Submission
from reporting.services.background import Background, backgrounds, period_of, sibling_counts
from reporting.services.cells import rules_of, text_of


@dataclass
class CheckedEntry:
    """A cell with everything that a page shows of it."""

    entry: Entry
    reading: CellReading
    background: Background
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    @property
    def unexplained(self) -> bool:
        return bool(self.warnings) and not self.entry.explanation.strip()

    @property
    def untouched(self) -> bool:
        return self.entry.version == 0 and not self.entry.as_typed and not self.entry.missing_reason


def entries_of(submission: Submission) -> list[Entry]:
    """The cells in the order of the form, with what the checks and the page read of them."""
    return list(
        submission.entries.select_related(
            "line__section",
            "line__indicator__numerator_indicator",
            "line__indicator__denominator_indicator",
            "line__category__parent",
            "changed_by",
        ).order_by("line__section__position", "line__position")
    )


def check_submission(submission: Submission, entries: Sequence[Entry]) -> list[CheckedEntry]:
    """Every cell, in the order of the form."""
    around = backgrounds(submission, entries)
    sizes = sibling_counts()
    readings = {entry.pk: read_cell(text_of(entry), rules_of(entry)) for entry in entries}
    quarter = submission.period.core
    lines = [_line(entry, readings[entry.pk], around[entry.pk], sizes, quarter) for entry in entries]
    found: dict[int, list[Finding]] = {entry.pk: [] for entry in entries}
    for finding in check_lines(lines):
        found[finding.key].append(finding)  # type: ignore[index]
    return [CheckedEntry(entry, readings[entry.pk], around[entry.pk], found[entry.pk]) for entry in entries]


def line_alone(entry: Entry, reading: CellReading) -> CheckedLine:
    """A cell by itself, for a first answer while it is typed: nothing around it is looked up."""
    indicator = entry.line.indicator
    return CheckedLine(
        key=entry.pk,
        indicator=indicator.code,
        category="",
        dimension="",
        mode=entry.line.mode,
        cell=text_of(entry),
        reading=reading,
        measure=Measure(indicator.measure),
        wants_counts=entry.line.wants_counts,
        bounds=Interval(indicator.lower_bound, indicator.upper_bound),
    )


def _line(
    entry: Entry,
    reading: CellReading,
    background: Background,
    sizes: Mapping[tuple[int, int | None], int],
    quarter: Period,
) -> CheckedLine:
    line, indicator, category = entry.line, entry.line.indicator, entry.line.category
    numerator, denominator = indicator.numerator_indicator, indicator.denominator_indicator
    period = period_of(line, quarter)
    return CheckedLine(
        key=entry.pk,
        indicator=indicator.code,
        category=category.code if category else "",
        dimension=str(category.dimension_id) if category else "",
        mode=line.mode,
        cell=text_of(entry),
        reading=reading,
        measure=Measure(indicator.measure),
        wants_counts=line.wants_counts,
        bounds=Interval(indicator.lower_bound, indicator.upper_bound),
        period=period,
        history=background.history,
        around=background.around,
        adds_up=indicator.accumulates or line.mode == FormLine.Mode.YEAR_TO_DATE,
        target=_target(background.target, period, indicator),
        direction=Direction(indicator.direction),
        numerator_indicator=numerator.code if numerator else "",
        denominator_indicator=denominator.code if denominator else "",
        parent=category.parent.code if category and category.parent else "",
        siblings=sizes.get((category.dimension_id, category.parent_id), 0) if category else 0,
    )


def _target(target: Target | None, period: Period, indicator: Indicator) -> StatedValue | None:
    """What the words of a note are held against; not a target whose day has passed."""
    if target is None or target.value is None or target.due < period.end:
        return None
    same = target.operator == Target.Operator.EQUAL
    qualifier = Qualifier.EXACT if same else Qualifier(target.operator)
    try:
        return from_value(target.value, qualifier, Measure(indicator.measure))
    except StatedNumberError:
        return None

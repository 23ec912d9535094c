"""What is checked while a form is typed and when it is submitted.

Errors block the submission. Warnings ask for one sentence of explanation, which the reviewer sees. The rules
that compare figures are those of the aggregation engine (indicators.core.contradictions).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from indicators.core import contradictions as rules
from indicators.core.contradictions import Contradiction
from indicators.core.stated import Interval, Measure, StatedValue
from reporting.core.reading import CellReading, CellText


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


_UNBOUNDED = Interval(None, None)


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One cell with what is known around it. `key` is the caller's; missing figures are None or empty.

    `history` holds the comparable earlier figures in the order of time; `earlier` is the last cumulative
    figure of the same year.
    """

    key: Hashable
    indicator: str
    category: str
    dimension: str
    mode: str
    cell: CellText
    reading: CellReading
    measure: Measure
    wants_counts: bool = False
    bounds: Interval = _UNBOUNDED
    history: Sequence[Decimal] = ()
    earlier: StatedValue | None = None
    numerator_indicator: str = ""
    denominator_indicator: str = ""
    categories_of_dimension: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or strange about a cell."""

    key: Hashable
    severity: Severity
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    contradiction: Contradiction | None = None
    part: str = "text"


def check_lines(lines: Sequence[CheckedLine]) -> list[Finding]:
    """All findings, in the order of the lines."""
    found: dict[Hashable, list[Finding]] = {line.key: [] for line in lines}
    counts = {(line.indicator, line.category, line.mode): line for line in lines}
    for line in lines:
        found[line.key] += [*_complete(line), *_of_one_cell(line, counts)]
    for finding in _parts(lines):
        found[finding.key].append(finding)
    return [finding for findings in found.values() for finding in findings]


def unexplained(findings: Iterable[Finding], cells: Mapping[Hashable, CellText]) -> list[Finding]:
    """The warnings whose cell has no explanation."""
    return [
        finding
        for finding in findings
        if finding.severity is Severity.WARNING and not cells[finding.key].explanation.strip()
    ]


def _complete(line: CheckedLine) -> Iterable[Finding]:
    cell, reading = line.cell, line.reading
    for problem in reading.problems:
        yield Finding(line.key, Severity.ERROR, problem.code, problem.params, part=problem.part)
    typed = bool(cell.text.strip()) or reading.computed
    counted = bool(cell.numerator.strip()), bool(cell.denominator.strip())
    if cell.missing_reason:
        if typed or any(counted):
            yield Finding(line.key, Severity.ERROR, "value_and_reason")
        return
    if line.wants_counts and counted[0] != counted[1]:
        yield Finding(
            line.key, Severity.ERROR, "one_count", part="denominator" if counted[0] else "numerator"
        )
    elif not typed and not reading.problems:
        yield Finding(line.key, Severity.ERROR, "empty")
    elif line.wants_counts and not any(counted):
        yield Finding(line.key, Severity.WARNING, "counts_missing", part="numerator")


def _of_one_cell(line: CheckedLine, lines: Mapping[tuple[str, str, str], CheckedLine]) -> Iterable[Finding]:
    stated = line.reading.stated
    if stated is None:
        return
    numerator, denominator = _counts(line, lines)
    if numerator and denominator and line.measure is Measure.PERCENT and not line.reading.computed:
        found = rules.percentage_against_counts(stated, numerator, denominator)
        # Its own counts are the same statement; those of other lines may be counted at another time.
        own = bool(line.reading.numerator or line.reading.denominator)
        yield from _error(line, found) if own else _warning(line, found)
    yield from _error(line, rules.outside_bounds(stated, line.bounds))
    yield from _warning(line, rules.jump_against_series(stated, line.history))
    if line.earlier is not None and line.measure is Measure.COUNT:
        yield from _warning(line, rules.year_to_date_falls(stated, line.earlier))


def _counts(
    line: CheckedLine, lines: Mapping[tuple[str, str, str], CheckedLine]
) -> tuple[StatedValue | None, StatedValue | None]:
    """A percentage's own counts, or those of the lines that report them as indicators of their own."""
    if line.reading.numerator or line.reading.denominator:
        return line.reading.numerator, line.reading.denominator
    if not (line.numerator_indicator and line.denominator_indicator):
        return None, None
    names = (line.numerator_indicator, line.denominator_indicator)
    both = [lines.get((name, line.category, line.mode)) for name in names]
    numerator, denominator = (other.reading.stated if other else None for other in both)
    return numerator, denominator if denominator and denominator.value else None


def _parts(lines: Sequence[CheckedLine]) -> Iterable[Finding]:
    """Counts by category against the line for the whole province, one dimension at a time."""
    parts: dict[tuple[str, str, str], list[CheckedLine]] = {}
    for line in lines:
        if line.category and line.measure is Measure.COUNT:
            parts.setdefault((line.indicator, line.mode, line.dimension), []).append(line)
    for whole in lines:
        if whole.category or whole.reading.stated is None or whole.measure is not Measure.COUNT:
            continue
        for (indicator, mode, _), members in parts.items():
            if (indicator, mode) != (whole.indicator, whole.mode):
                continue
            stated = [member.reading.stated for member in members if member.reading.stated is not None]
            every = members[0].categories_of_dimension
            if stated:
                complete = len(stated) == len(members) == every
                found = rules.parts_against_whole(whole.reading.stated, stated, complete=complete)
                yield from _warning(whole, found)


def _error(line: CheckedLine, found: Contradiction | None) -> Iterable[Finding]:
    if found is not None:
        yield Finding(line.key, Severity.ERROR, found.rule.value, contradiction=found)


def _warning(line: CheckedLine, found: Contradiction | None) -> Iterable[Finding]:
    if found is not None:
        yield Finding(line.key, Severity.WARNING, found.rule.value, contradiction=found)

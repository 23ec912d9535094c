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
from indicators.core.periods import Period, tilings
from indicators.core.ranking import Direction
from indicators.core.stated import Interval, Measure, StatedValue
from reporting.core.reading import CellReading, CellText
from reporting.core.target_words import said_outcome


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


_UNBOUNDED = Interval(None, None)


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One cell with what is known around it. `key` is the caller's; missing figures are None or empty.

    `history` holds the comparable earlier figures in the order of time, `around` those of other periods of
    the same year. `parent` is the category that contains this one, `siblings` how many have that parent.
    `adds_up`: figures of successive periods add up to that of both.
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
    period: Period | None = None
    history: Sequence[Decimal] = ()
    around: Mapping[Period, StatedValue] = field(default_factory=dict)
    adds_up: bool = False
    target: StatedValue | None = None
    direction: Direction = Direction.NONE
    numerator_indicator: str = ""
    denominator_indicator: str = ""
    parent: str = ""
    siblings: int = 0


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
    if line.period is not None and line.adds_up and line.measure is Measure.COUNT:
        yield from _warning(line, _falls(line.period, stated, line.around))
        yield from _warning(line, _does_not_add_up(line.period, stated, line.around))
    said_met = said_outcome(line.cell.note)
    if line.target is not None and said_met is not None:
        found = rules.target_text_against_figure(
            stated, line.target, said_met=said_met, direction=line.direction
        )
        yield from _warning(line, found)


def _falls(period: Period, stated: StatedValue, around: Mapping[Period, StatedValue]) -> Contradiction | None:
    """A cumulative figure against the one before and the one after it that begin on the same day."""
    together = sorted(other for other in around if other.start == period.start)
    before = [other for other in together if other.end < period.end]
    after = [other for other in together if other.end > period.end]
    found = rules.year_to_date_falls(stated, around[before[-1]]) if before else None
    return found or (rules.year_to_date_falls(around[after[0]], stated) if after else None)


def _does_not_add_up(
    period: Period, stated: StatedValue, around: Mapping[Period, StatedValue]
) -> Contradiction | None:
    """The quarters (or months) of the year against the cumulative figure that they make up, if this figure is
    one of them or the whole."""
    figures = {**around, period: stated}
    for whole, *parts in tilings(figures):
        if period in (whole, *parts):
            found = rules.year_to_date_against_quarters(figures[whole], [figures[part] for part in parts])
            if found is not None:
                return found
    return None


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
    """Counts by category against what contains them: the line of their parent, or of the whole province.

    Only categories of one parent are disjoint; grandchildren beside their parent would count twice.
    """
    siblings: dict[tuple[str, str, str, str], list[CheckedLine]] = {}
    wholes: dict[tuple[str, str, str, str], CheckedLine] = {}
    for line in lines:
        if line.measure is not Measure.COUNT:
            continue
        wholes[line.indicator, line.mode, line.dimension, line.category] = line
        if line.category:
            siblings.setdefault((line.indicator, line.mode, line.dimension, line.parent), []).append(line)
    for (indicator, mode, dimension, parent), members in siblings.items():
        whole = wholes.get((indicator, mode, dimension if parent else "", parent))
        stated = [member.reading.stated for member in members if member.reading.stated is not None]
        if whole is None or whole.reading.stated is None or not stated:
            continue
        complete = len(stated) == len(members) == members[0].siblings
        yield from _warning(whole, rules.parts_against_whole(whole.reading.stated, stated, complete=complete))


def _error(line: CheckedLine, found: Contradiction | None) -> Iterable[Finding]:
    if found is not None:
        yield Finding(line.key, Severity.ERROR, found.rule.value, contradiction=found)


def _warning(line: CheckedLine, found: Contradiction | None) -> Iterable[Finding]:
    if found is not None:
        yield Finding(line.key, Severity.WARNING, found.rule.value, contradiction=found)

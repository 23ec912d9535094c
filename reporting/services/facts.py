"""Entries as facts: what is published when a submission is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils import timezone

from indicators.core.periods import Period as CorePeriod
from indicators.core.stated import Qualifier, StatedValue
from indicators.models import Observation, Period, Source, Status
from indicators.services.publishing import Fact
from reporting.core.reading import read_cell
from reporting.models import Entry, Submission
from reporting.services.background import period_of
from reporting.services.cells import rules_of, text_of
from reporting.services.opening import period_row

_STATED = (
    *("value", "qualifier", "as_stated", "numerator", "numerator_as_stated", "denominator"),
    *("denominator_as_stated", "missing_reason", "note_vi"),
)


def facts_of(submission: Submission, entries: Sequence[Entry]) -> list[Fact]:
    """One fact a cell. All versions of a submission speak through one source, so that a correction
    supersedes what it corrects."""
    source = source_of(submission)
    quarter = submission.period.core
    periods: dict[CorePeriod, Period] = {}
    facts = []
    for entry in entries:
        core = period_of(entry.line, quarter)
        if core not in periods:
            periods[core] = period_row(core)
        facts.append(_fact(submission, entry, periods[core], source))
    return _revised(facts, source) if submission.number > 1 else facts


def _revised(facts: Sequence[Fact], source: Source) -> list[Fact]:
    """Of a correction, what it changes is revised; the rest keeps the status under which it stands."""
    standing = {
        (row.indicator_id, row.category_id, row.period_id): row
        for row in Observation.objects.current().filter(source=source)
    }
    result = []
    for fact in facts:
        category = fact.category.pk if fact.category else None
        row = standing.get((fact.indicator.pk, category, fact.period.pk))
        if row is not None and all(getattr(row, name) == getattr(fact, name) for name in _STATED):
            result.append(replace(fact, status=row.status))
        elif fact.status == Status.FINAL and fact.value is not None:
            result.append(replace(fact, status=Status.REVISED.value))
        else:
            result.append(fact)
    return result


def source_of(submission: Submission) -> Source:
    """The document that a form is, for one province and period; the same for all its versions."""
    form, province, period = submission.form, submission.province, submission.period
    label = period.core.label("vi")
    source, _ = Source.objects.get_or_create(
        code=f"form-{form.code}-{province.slug}-{period.code.lower()}"[:120],
        defaults={
            "title": f"{form.name_vi}, {label}: {province.name_vi}",
            "publisher": province.name_vi,
            "publisher_body": "province",
            "reference": "",
            "published": timezone.localdate().isoformat(),
            "province": province,
        },
    )
    return source


def _fact(submission: Submission, entry: Entry, period: Period, source: Source) -> Fact:
    cell = text_of(entry)
    reading = read_cell(cell, rules_of(entry))
    stated = reading.stated
    return Fact(
        province=submission.province,
        indicator=entry.line.indicator,
        period=period,
        source=source,
        category=entry.line.category,
        place=f"{entry.line.section.position}.{entry.line.position}",
        value=stated.value if stated else None,
        qualifier=(stated.qualifier if stated else Qualifier.EXACT).value,
        as_stated=cell.text,
        numerator=_number(reading.numerator),
        numerator_as_stated=cell.numerator,
        denominator=_number(reading.denominator),
        denominator_as_stated=cell.denominator,
        status=Status.ESTIMATED.value if reading.estimated else entry.status,
        missing_reason="" if stated else (cell.missing_reason or "not_reported"),
        note_vi=cell.note,
    )


def _number(stated: StatedValue | None) -> Decimal | None:
    return stated.value if stated else None

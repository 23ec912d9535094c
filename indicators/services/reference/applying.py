"""Bringing the published facts of a source in line with its file: publish, correct, withdraw."""

from __future__ import annotations

from collections.abc import Sequence

from indicators.models import Observation, PendingRecompute, Publication, Source
from indicators.models.facts import ObservationQuerySet
from indicators.services.publishing import Fact, publish, withdraw
from indicators.services.reference.statements import Names, Statement, resolve
from provinces.services.synchronising import LoadReport, Tally, synchronise
from provinces.services.tables import DataFileError

GONE_VI = "Không còn trong tệp dữ liệu gốc"
GONE_EN = "No longer in the reference files"
_SOURCE_COLUMNS = [
    *("title", "publisher", "publisher_body", "reference", "published", "province_id", "note_vi", "note_en"),
]


def save_sources(sources: Sequence[Source], tally: Tally) -> dict[str, Source]:
    """The saved sources by code. A source that the files no longer have stays: its old facts name it."""
    saved = synchronise(
        Source,
        key=["code"],
        records=sources,
        columns=_SOURCE_COLUMNS,
        tally=tally,
        among=Source.objects.filter(code__in=[source.code for source in sources]),
    )
    return {source.code: source for source in saved.values()}


def apply_statements(
    statements: Sequence[tuple[Statement, Source]],
    names: Names,
    report: LoadReport,
    kind: str,
    complete: bool = True,
) -> None:
    """Make the facts of these sources say what ``statements`` say.

    A statement that cannot be taken is refused and its fact, if there is one, stays as it was. A fact that
    the file no longer states is withdrawn, unless something was refused here or (not ``complete``) before:
    then it may be the refused one. A fact that a person has corrected or withdrawn since is kept.
    """
    names.ensure_periods(statement for statement, _ in statements)
    sources = {source for _, source in statements}
    decided = _decided_by_people(sources)
    facts: dict[tuple[int, int, int, int | None, int], tuple[Fact, str]] = {}
    tally, refused = report.tally(kind), len(report.refusals)
    for done, (statement, source) in enumerate(statements, start=1):
        try:
            fact = resolve(statement, source, names)
            if fact.key in facts:
                raise statement.error(
                    f"{facts[fact.key][1]} states the same fact of the same source; keep one."
                )
        except DataFileError as refusal:
            report.refusals.append(refusal)
            continue
        facts[fact.key] = fact, statement.where
        report.progress(f"{kind}: read", done, len(statements))
    wanted = [fact for key, (fact, _) in facts.items() if key not in decided]
    result = publish(facts=wanted, cause=Publication.Cause.REFERENCE)
    tally.count(new=result.new, changed=result.changed, same=result.same, kept=len(facts) - len(wanted))
    if complete and len(report.refusals) == refused:
        tally.count(removed=_withdraw_gone(sources, set(facts)))


def withdraw_lost_sources(known: Sequence[str], report: LoadReport) -> None:
    """Withdraw reference facts whose source the files no longer have at all."""
    rows = _from_reference().exclude(source__code__in=known)
    if rows.exists():
        report.tally("facts of sources that are gone").count(removed=_withdraw(list(rows)))


def mark_out_of_date(indicators: set[int] | None) -> int:
    """Put every unit of ``indicators`` (None: of all) into the outbox: what it is computed by has changed."""
    rows = Observation.objects.current()
    if indicators is not None:
        rows = rows.filter(indicator__in=indicators)
    latest = rows.order_by("indicator_id", "period_id", "simulated", "-publication_id").distinct(
        "indicator_id", "period_id", "simulated"
    )
    units = latest.values("indicator_id", "period_id", "simulated", "publication_id")
    return len(PendingRecompute.objects.bulk_create(PendingRecompute(**unit) for unit in units))


def _decided_by_people(sources: set[Source]) -> set[tuple[int, int, int, int | None, int]]:
    rows = Observation.objects.current().filter(source__in=sources, publication__actor__isnull=False)
    return {(r.province_id, r.indicator_id, r.period_id, r.category_id, r.source_id) for r in rows}


def _from_reference() -> ObservationQuerySet:
    return Observation.objects.current().filter(publication__cause=Publication.Cause.REFERENCE)


def _withdraw_gone(sources: set[Source], stated: set[tuple[int, int, int, int | None, int]]) -> int:
    rows = _from_reference().filter(source__in=sources)
    gone = [
        r
        for r in rows
        if (r.province_id, r.indicator_id, r.period_id, r.category_id, r.source_id) not in stated
    ]
    return _withdraw(gone)


def _withdraw(rows: Sequence[Observation]) -> int:
    if rows:
        withdraw(observations=rows, reason=GONE_VI, reason_en=GONE_EN)
    return len(rows)

"""Publishing facts: the only way by which observations come to be, are corrected or withdrawn.

Every act runs in one transaction under one advisory lock. Acts are therefore serialised: the order of
``Publication.id`` is the order in which acts become visible, which the change feed and ``as_of`` rely on.
What the act touched is written to the outbox in the same transaction; the caller wakes a worker on commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from indicators.core.stated import Qualifier
from indicators.models import (
    Category,
    Confidence,
    Indicator,
    Observation,
    PendingRecompute,
    Period,
    Publication,
    Source,
    Status,
)
from indicators.services.stating import stated_value
from provinces.models import Province

# A number of our own choosing that no other lock of this database uses.
PUBLISHING_LOCK = 0x7105_0001
_BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact as one source states it; the words are those of ``Observation``.

    ``value`` in the indicator's unit, or None with a ``missing_reason``. The plausible interval is worked out
    from ``as_stated`` where that can be read, otherwise from the digits and qualifier of ``value``.
    """

    province: Province
    indicator: Indicator
    period: Period
    source: Source
    category: Category | None = None
    place: str = ""
    value: Decimal | None
    qualifier: str = Qualifier.EXACT.value
    as_stated: str = ""
    numerator: Decimal | None = None
    numerator_as_stated: str = ""
    denominator: Decimal | None = None
    denominator_as_stated: str = ""
    status: str = Status.FINAL.value
    missing_reason: str = ""
    stated_rank: int | None = None
    stated_rank_of: int | None = None
    confidence: str = Confidence.READ.value
    derived: bool = False
    note_vi: str = ""
    note_en: str = ""

    @property
    def key(self) -> tuple[int, int, int, int | None, int]:
        return (
            self.province.pk,
            self.indicator.pk,
            self.period.pk,
            self.category.pk if self.category else None,
            self.source.pk,
        )


_RELATIONS = {"province", "indicator", "period", "source", "category"}
_CONTENT = [f.name for f in fields(Fact) if f.name not in _RELATIONS]


@dataclass
class PublishingResult:
    """How many facts were new, changed (a correction of the same source's row) or already there."""

    publication: Publication | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    observations: list[Observation] = field(default_factory=list)


@transaction.atomic
def publish(
    *,
    facts: Sequence[Fact],
    cause: str,
    actor: User | None = None,
    reason: str = "",
) -> PublishingResult:
    """Record new facts, supersede those that their source now states otherwise, leave the same.

    Publishing the same facts twice changes nothing the second time. Two facts with one key (province,
    indicator, period, category, source) raise ValueError: which of them it says cannot be known.
    """
    by_key = {fact.key: fact for fact in facts}
    if len(by_key) != len(facts):
        raise ValueError("Two facts speak of the same province, indicator, period, category and source.")
    _lock_publishing()
    current = _current_rows(facts)
    result = PublishingResult()
    fresh: list[tuple[Fact, Observation | None]] = []
    for key, fact in by_key.items():
        old = current.get(key)
        if old is not None and _says_the_same(old, fact):
            result.same += 1
        else:
            fresh.append((fact, old))
    if not fresh:
        return result
    result.publication = Publication.objects.create(
        instant=timezone.now(), cause=cause, reason=reason, actor=actor
    )
    result.changed = sum(old is not None for _, old in fresh)
    result.new = len(fresh) - result.changed
    result.observations = _record(fresh, result.publication)
    return result


@transaction.atomic
def withdraw(
    *,
    observations: Iterable[Observation],
    reason: str,
    reason_en: str = "",
    actor: User | None = None,
) -> PublishingResult:
    """Withdraw current observations: each is superseded by a row without a value and with status withdrawn.

    ``reason`` is told to everybody, in English as ``reason_en`` where that is given.

    An observation that is no longer current raises ValueError; the caller saw an old state.
    """
    _lock_publishing()
    ids = [observation.pk for observation in observations]
    rows = list(Observation.objects.current().with_context().filter(pk__in=ids))
    if len(rows) != len(set(ids)):
        raise ValueError("An observation to be withdrawn is not current any more; look at it again.")
    publication = Publication.objects.create(
        instant=timezone.now(), cause=Publication.Cause.WITHDRAWAL, reason=reason, actor=actor
    )
    withdrawn: list[tuple[Fact, Observation | None]] = [
        (
            Fact(
                province=row.province,
                indicator=row.indicator,
                period=row.period,
                source=row.source,
                category=row.category,
                place=row.place,
                value=None,
                status=Status.WITHDRAWN.value,
                note_vi=reason,
                note_en=reason_en or reason,
            ),
            row,
        )
        for row in rows
    ]
    recorded = _record(withdrawn, publication)
    return PublishingResult(publication=publication, changed=len(recorded), observations=recorded)


def _lock_publishing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING_LOCK])


def _current_rows(facts: Sequence[Fact]) -> dict[tuple[int, int, int, int | None, int], Observation]:
    rows = Observation.objects.current().filter(
        source__in={fact.source.pk for fact in facts}, indicator__in={fact.indicator.pk for fact in facts}
    )
    return {(r.province_id, r.indicator_id, r.period_id, r.category_id, r.source_id): r for r in rows}


def _says_the_same(row: Observation, fact: Fact) -> bool:
    return all(_written(getattr(row, name)) == _written(getattr(fact, name)) for name in _CONTENT)


def _written(value: Any) -> Any:
    """Decimals compare by their digits: 1.0 and 1.00 say different things about precision."""
    return str(value) if isinstance(value, Decimal) else value


def _record(pairs: list[tuple[Fact, Observation | None]], publication: Publication) -> list[Observation]:
    replaced = [old.pk for _, old in pairs if old is not None]
    Observation.objects.filter(pk__in=replaced).update(superseded_at=publication.instant)
    recorded = Observation.objects.bulk_create(
        [_observation(fact, old, publication) for fact, old in pairs], batch_size=_BATCH
    )
    units = {(row.indicator_id, row.period_id, row.source.simulated) for row in recorded}
    PendingRecompute.objects.bulk_create(
        PendingRecompute(
            indicator_id=indicator, period_id=period, simulated=simulated, publication=publication
        )
        for indicator, period, simulated in sorted(units)
    )
    return recorded


def _observation(fact: Fact, old: Observation | None, publication: Publication) -> Observation:
    lower, upper = plausible_bounds(fact)
    content = {name: getattr(fact, name) for name in (*_CONTENT, *_RELATIONS)}
    return Observation(
        **content,
        lower=lower,
        upper=upper,
        simulated=fact.source.simulated,
        from_compiler=bool(fact.indicator.compiled_by)
        and fact.indicator.compiled_by == fact.source.publisher_body,
        publication=publication,
        recorded_at=publication.instant,
        supersedes=old,
    )


def plausible_bounds(fact: Fact) -> tuple[Decimal | None, Decimal | None]:
    """The plausible interval of a fact within its indicator's bounds; (None, None) without a value."""
    if fact.value is None:
        return None, None
    stated = stated_value(fact.value, fact.as_stated, fact.qualifier, fact.indicator.measure)
    lower, upper = stated.plausible.lower, stated.plausible.upper
    if fact.indicator.lower_bound is not None and lower is not None:
        lower = min(max(lower, fact.indicator.lower_bound), fact.value)
    if fact.indicator.upper_bound is not None and upper is not None:
        upper = max(min(upper, fact.indicator.upper_bound), fact.value)
    return lower, upper

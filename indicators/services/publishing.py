"""Publishing facts: the only way by which observations come to be, are corrected or withdrawn.

Every act runs in one transaction under one advisory lock. Acts are therefore serialised: the order of
``Publication.id`` is the order in which acts become visible, which the change feed and ``as_of`` rely on.
What the act touched is written to the outbox in the same transaction; the caller wakes a worker on commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl
from django.contrib.auth.models import User
from django.db import transaction

from indicators.core.stated import Qualifier
from indicators.models import (
    Category,
    Confidence,
    Indicator,
    Observation,
    Period,
    Publication,
    Source,
    Status,
)
from indicators.services.bulk_publishing import lock_publishing, publish_columns
from indicators.services.staging import CONTENT, FACT_SCHEMA, KEYS
from provinces.models import Province


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
        """Primary keys in the order of ``staging.KEYS``."""
        return (
            self.province.pk,
            self.indicator.pk,
            self.period.pk,
            self.category.pk if self.category else None,
            self.source.pk,
        )


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
    result = publish_columns(facts=[_columns(facts)], cause=cause, actor=actor, reason=reason)
    return PublishingResult(
        publication=result.publication,
        new=result.new,
        changed=result.changed,
        same=result.same,
        observations=_recorded(facts, result.publication) if result.publication else [],
    )


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
    lock_publishing()
    ids = [observation.pk for observation in observations]
    rows = list(Observation.objects.current().with_context().filter(pk__in=ids))
    if len(rows) != len(set(ids)):
        raise ValueError("An observation to be withdrawn is not current any more; look at it again.")
    withdrawn = [
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
        )
        for row in rows
    ]
    return publish(facts=withdrawn, cause=Publication.Cause.WITHDRAWAL, reason=reason, actor=actor)


def _columns(facts: Sequence[Fact]) -> pl.DataFrame:
    keys = {name: [fact.key[place] for fact in facts] for place, name in enumerate(KEYS)}
    content = {name: [_written(getattr(fact, name)) for fact in facts] for name in CONTENT}
    return pl.DataFrame({**keys, **content}, schema=FACT_SCHEMA)


def _written(value: Any) -> Any:
    """Decimals as plain digits: their zeros say how exact a number is."""
    return f"{value:f}" if isinstance(value, Decimal) else value


def _recorded(facts: Sequence[Fact], publication: Publication) -> list[Observation]:
    """The rows that ``publication`` recorded, in the order of ``facts`` and with what these refer to."""
    rows = {
        (row.province_id, row.indicator_id, row.period_id, row.category_id, row.source_id): row
        for row in Observation.objects.filter(publication=publication)
    }
    recorded = []
    for fact in facts:
        if (row := rows.get(fact.key)) is not None:
            for name in KEYS:
                setattr(row, name, getattr(fact, name))
            row.publication = publication
            recorded.append(row)
    return recorded

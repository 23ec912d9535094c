"""Which stated figures contradict their counts, parts, neighbours or claims: found by rule, shown, never
corrected.

One path finds them for one publication, for a full rebuild and for a past instant; only what figures are
held against (``Evidence``) differs. Contradictions stand of current figures: those of a past state are found
again (``answering``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from indicators.core import contradictions as rules
from indicators.core.contradiction_sentences import describe
from indicators.core.frames import Facts, Frame
from indicators.models import Contradiction, Observation
from indicators.models.facts import ObservationQuerySet
from indicators.services.component_sums import against_components
from indicators.services.contradicting_claims import (
    TARGET_RULES,
    Spans,
    against_ranks,
    against_targets,
    spans_of_tables,
)
from indicators.services.contradicting_figures import against_own_numbers, against_parts
from indicators.services.contradicting_series import against_earlier_periods

Found = tuple[Observation, rules.Contradiction]
_CONTENT = [
    *("rule", "stated_lower", "stated_upper", "computed_lower", "computed_upper"),
    *("sentence_vi", "sentence_en"),
]


@dataclass(frozen=True)
class Evidence:
    """``stated``: every fact as it stands (or stood at an instant), real or simulated. ``facts``: the series
    of the indicators in question. ``spans``: where provinces rank."""

    stated: ObservationQuerySet
    facts: Facts
    frame: Frame
    spans: Spans = spans_of_tables


def found_against(
    evidence: Evidence, indicators: Iterable[int], periods: set[int] | None = None
) -> list[Contradiction]:
    """What contradicts the figures of ``indicators`` (keys) in ``periods``, as rows that are not saved; what
    is said of targets in all periods, since the newest figure is meant."""
    keys = sorted(set(indicators))
    whole = evidence.stated.filter(indicator__in=keys).exclude(value=None).select_related("indicator")
    touched = set(evidence.frame.calendar.period.tolist()) if periods is None else periods
    units = whole if periods is None else whole.filter(period__in=touched)
    found: list[Found] = [
        *against_own_numbers(units),
        *against_parts(units),
        *against_earlier_periods(evidence.facts, evidence.frame, touched),
        *against_ranks(units, evidence.spans),
        *against_targets(whole, keys),
        *against_components(units, keys, evidence.stated),
    ]
    # The facts of a series that goes on in another definition are those of both.
    return _rows([one for one in found if one[0].indicator_id in keys])


def refresh_contradictions(
    evidence: Evidence, indicators: Iterable[int], periods: set[int], *, simulated: bool
) -> None:
    """Bring what is recorded against whole units up to date, after their standings were computed."""
    found = found_against(evidence, indicators, periods)
    within = Q(observation__period__in=periods) | Q(rule__in=TARGET_RULES)
    _put_in_place(standing_against(indicators, simulated=simulated).filter(within), found)


def refresh_component_sums(
    stated: ObservationQuerySet, totals: Iterable[int], periods: set[int], *, simulated: bool
) -> None:
    """The same of sums alone: totals (keys) of indices whose components changed."""
    units = stated.filter(indicator__in=totals, period__in=periods).exclude(value=None)
    units = units.select_related("indicator")
    standing = standing_against(totals, simulated=simulated).filter(
        observation__period__in=periods, rule=rules.Rule.PARTS_AGAINST_WHOLE
    )
    found = [*against_parts(units), *against_components(units, totals, stated)]
    sums = [row for row in _rows(found) if row.rule == rules.Rule.PARTS_AGAINST_WHOLE]
    _put_in_place(standing, sums)


def standing_against(indicators: Iterable[int], *, simulated: bool) -> QuerySet[Contradiction]:
    """What is recorded against figures of ``indicators``, superseded ones too."""
    return Contradiction.objects.filter(
        observation__indicator__in=list(indicators), observation__simulated=simulated
    )


def compared(
    standing: Iterable[Contradiction], found: Sequence[Contradiction]
) -> tuple[list[Contradiction], list[Contradiction]]:
    """(rows that should stand and do not, rows that stand and should not)."""
    old, new = ({_content(row): row for row in rows} for rows in (standing, found))
    fresh = [row for key, row in new.items() if key not in old]
    return fresh, [row for key, row in old.items() if key not in new]


def _put_in_place(standing: QuerySet[Contradiction], found: Sequence[Contradiction]) -> None:
    """A row that stands keeps the instant at which it was detected."""
    fresh, stale = compared(standing, found)
    if stale:
        Contradiction.objects.filter(pk__in=[row.pk for row in stale]).delete()
    if fresh:
        Contradiction.objects.bulk_create(fresh)


def _content(row: Contradiction) -> tuple[object, ...]:
    return row.observation_id, *(getattr(row, name) for name in _CONTENT)


def _rows(everything: list[Found]) -> list[Contradiction]:
    # One rule may find a figure twice, by two breakdowns or two targets: the first is recorded.
    found = {
        (row.pk, contradiction.rule): (row, contradiction) for row, contradiction in reversed(everything)
    }
    now = timezone.now()
    return [
        Contradiction(
            observation=observation,
            rule=contradiction.rule.value,
            stated_lower=contradiction.stated.lower,
            stated_upper=contradiction.stated.upper,
            computed_lower=contradiction.computed.lower,
            computed_upper=contradiction.computed.upper,
            sentence_vi=describe(contradiction, "vi"),
            sentence_en=describe(contradiction, "en"),
            detected_at=now,
        )
        for observation, contradiction in found.values()
    ]

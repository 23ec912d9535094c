"""What a reviewer looks at: the suspicious submissions first, and what changed in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reporting.models import Entry, Submission
from reporting.services.checking import CheckedEntry


def queue() -> list[Submission]:
    """Everything that waits for a decision: most warnings first, then corrections, then the oldest."""
    return list(
        Submission.objects.with_context()
        .select_related("submitted_by")
        .filter(state=Submission.State.SUBMITTED)
        .order_by("-suspicion", "-number", "submitted_at")
    )


@dataclass(frozen=True)
class Difference:
    """A cell against the previous period and, in a correction, against the previous version.

    ``change`` in the indicator's unit and ``relative`` in per cent; None where either figure is missing.
    """

    checked: CheckedEntry
    change: Decimal | None
    relative: Decimal | None
    before: Entry | None

    @property
    def differs_from_before(self) -> bool:
        before, now = self.before, self.checked.entry
        return before is not None and any(
            getattr(before, name) != getattr(now, name)
            for name in ("as_typed", "numerator_as_typed", "denominator_as_typed", "missing_reason", "note")
        )


def differences(submission: Submission, checked: Sequence[CheckedEntry]) -> list[Difference]:
    """One a cell, in the order of the form."""
    before = (
        {entry.line_id: entry for entry in Entry.objects.filter(submission=submission.correction_of_id)}
        if submission.correction_of_id
        else {}
    )
    return [_difference(one, before.get(one.entry.line_id)) for one in checked]


def summary(submission: Submission, checked: Sequence[CheckedEntry]) -> dict[str, Any]:
    """What the queue shows of a submission: the figure that differs most from the last quarter's, in per cent
    of it, and how many cells a correction changes. Kept with it, so that the queue works nothing out."""
    found = differences(submission, checked)
    moved = [(abs(one.relative), one) for one in found if one.relative is not None]
    kept: dict[str, Any] = {}
    if moved:
        _size, most = max(moved, key=lambda pair: pair[0])
        indicator = most.checked.entry.line.indicator
        kept["indicator"] = {"vi": indicator.name_vi, "en": indicator.name_en}
        kept |= {"change": str(most.change), "relative": str(most.relative)}
    if submission.correction_of_id:
        kept["changed"] = sum(one.differs_from_before for one in found)
    return kept


def _difference(one: CheckedEntry, before: Entry | None) -> Difference:
    previous, value = one.background.compared, one.reading.value
    change = value - previous.value if previous is not None and value is not None else None
    relative = None
    if change is not None and previous is not None and previous.value:
        relative = 100 * change / abs(previous.value)
    return Difference(one, change, relative, before)

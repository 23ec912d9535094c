"""Facts as they were reported, and in the provinces of one geography: the same columns, found elsewhere.

The figures of a geography are those of its standings in the nation. One that was reported in it is the fact
itself, with its digits, its words and its source; another was computed, and has neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, FloatField, OuterRef, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from api.columns import Column, Type
from api.figure_columns import CURRENT
from indicators.models import Contradiction
from indicators.models.numbers import ExactNumberField

_COMPUTED_HAVE_NONE = ("qualifier", "status", "source", "id", "confidence")
_NOTHING = Value(None, output_field=FloatField(null=True))
_SHARE = "Share of the province that the figures of its predecessors cover, 0 to 1; null where reported"


def _either(name: str) -> Coalesce:
    """The fact's number with its digits, or the computed one with all that it has."""
    computed = Cast(Cast(name, TextField()), ExactNumberField())
    return Coalesce(f"observation__{name}", computed, output_field=ExactNumberField())


def _text(name: str) -> NullIf:
    return NullIf(F(f"observation__{name}"), Value(""), output_field=TextField())


_FOUND: dict[str, Any] = {
    **{name: _either(name) for name in ("value", "numerator", "denominator", "lower", "upper")},
    **{name: _text(name) for name in ("as_stated", "place", "note_vi", "note_en")},
    **{name: f"observation__{name}" for name in ("qualifier", "status", "confidence")},
    **{name: f"observation__{name}" for name in ("stated_rank", "stated_rank_of")},
    "id": "observation_id",
    "source": "observation__source__code",
    "restated": "restated",
    "recorded_at": Coalesce("observation__recorded_at", "computed_at"),
    "contradictions": ArraySubquery(
        Contradiction.objects.filter(observation=OuterRef("observation")).order_by("rule").values("rule"),
        output_field=CharField(),
    ),
    "covered_share": "covered_share",
}
OBSERVATION = (
    *(replace(c, nullable=c.nullable or c.name in _COMPUTED_HAVE_NONE) for c in CURRENT),
    Column("covered_share", _NOTHING, Type.NUMBER, _SHARE, nullable=True),
)
RESTATED = tuple(replace(column, source=_FOUND.get(column.name, column.source)) for column in OBSERVATION)

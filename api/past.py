"""Answers as of a past instant: the same queries, asked of the tables as they stood then."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.utils import timezone

from api.generations import Slice, generations
from api.models import DataChange
from indicators.services.past_tables import tables_as_of

#: What is taken as it stands now: targets, and whatever every answer depends on.
_NOW = Slice.of(frozenset({DataChange.Kind.TARGETS}), {})
_EVERYTHING = Slice()


def slice_of(values: dict[str, Any]) -> Slice | None:
    """What an answer with ``as_of`` is made of: what was published by a past instant never changes. None
    without ``as_of``."""
    instant = values.get("as_of")
    if instant is None:
        return None
    settled = instant < timezone.now() and values["simulated"] == "false"
    return _NOW if settled else _EVERYTHING


def tables(values: dict[str, Any]) -> AbstractContextManager[None]:
    """Within it, queries find what was true at ``as_of``."""
    instant = values.get("as_of")
    if instant is None:
        return nullcontext()
    chosen = values.get("indicator")
    return tables_as_of(
        instant,
        simulated={"true": True, "false": False}.get(values["simulated"]),
        state=str(generations.of(_NOW).number),
        indicators=frozenset(chosen) if chosen else None,
    )

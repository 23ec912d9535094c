"""Answers as of a past instant: the same queries, asked of the tables as they stood then."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from api.figure_filters import AS_OF
from api.generations import Slice
from api.problems import NotThere
from indicators.services.past_tables import tables_as_of
from indicators.services.reference_history import reference_as_of

#: What was published by a past instant, and what was known of it then, never changes.
_NOTHING = Slice(frozenset())
_EVERYTHING = Slice()


def slice_of(values: dict[str, Any]) -> Slice | None:
    """What an answer with ``as_of`` is made of. None without ``as_of``."""
    instant = values.get("as_of")
    if instant is None:
        return None
    settled = instant < timezone.now() and values["simulated"] == "false"
    return _NOTHING if settled else _EVERYTHING


def codes(query: QueryDict) -> AbstractContextManager[None]:
    """Within it, the codes that a query string names are those of its ``as_of``."""
    try:
        return reference_as_of(AS_OF.clean(query["as_of"]))
    except (ValidationError, NotThere):  # said together with whatever else is wrong
        return nullcontext()


def tables(values: dict[str, Any]) -> AbstractContextManager[None]:
    """Within it, queries find what was true at ``as_of``."""
    instant = values.get("as_of")
    if instant is None:
        return nullcontext()
    chosen = values.get("indicator")
    return tables_as_of(
        instant,
        simulated={"true": True, "false": False}.get(values["simulated"]),
        indicators=frozenset(chosen) if chosen else None,
    )

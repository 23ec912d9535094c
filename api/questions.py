"""What an address asks for, understood once: checked parameters, and the SQL of the page they lead to.

Codes become keys on the way, so that what was understood holds until reference data change. Only questions
to the long lists are kept; others are short, and some of them depend on the day.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models.expressions import Combinable

from api import past
from api.columns import Column
from api.filtering import ApiFilterSet, CursorListing, FeedListing
from api.generations import REFERENCE, generations
from api.statements import Statement

_KEPT = 500
_T = TypeVar("_T")


@dataclass
class Question:
    filters: ApiFilterSet
    columns: tuple[Column, ...]
    #: a row as JSON, where it is written already
    text: Combinable | None = None
    lines: str = ""
    #: the generation of reference data that it holds for; None: for this request only
    reference: int | None = None
    #: by the shape that they write
    statements: dict[str, Statement] = field(default_factory=dict)


class Recent(Generic[_T]):
    """What was last asked for, of this process, by its key."""

    def __init__(self) -> None:
        self._known: OrderedDict[Any, _T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> _T | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def put(self, key: Any, asked: _T) -> None:
        with self._lock:
            self._known[key] = asked
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._known.clear()


questions = Recent[Question]()


def question(view: Any) -> Question:
    """What this request asks. Raises BadParameters."""
    listing = view.filterset_class._meta.form
    query = view.request.query_params
    if not issubclass(listing, CursorListing | FeedListing) or "as_of" in query:
        with past.codes(query) if "as_of" in query else nullcontext():
            read: Question = view.read()
        return read
    reference = generations.of(REFERENCE).number
    key = (type(view), reference, view.request._request.META["QUERY_STRING"])
    asked = questions.get(key)
    if asked is None:
        asked = view.read()
        asked.reference = reference
        questions.put(key, asked)
    return asked

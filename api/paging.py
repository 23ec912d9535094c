"""Pages: by number with a count, or from a place in the order of keys without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from api.filtering import DEFAULT_PAGE_SIZE
from api.parameters import Cursor
from api.problems import NotThere
from api.questions import Question
from api.rows import Rows, page_statement


@dataclass(frozen=True)
class Page:
    """Where the neighbours are, and the rows: as JSON text, or as the queryset that CSV is copied from."""

    next: str | None
    previous: str | None
    count: int | None
    text: str
    queryset: Callable[[], QuerySet[Any]]

    def body(self) -> str:
        counted = {} if self.count is None else {"count": self.count}
        head = json.dumps(counted | {"next": self.next, "previous": self.previous})
        return f'{head[:-1]}, "results": {self.text}}}'

    def link_header(self) -> str:
        """RFC 8288; empty where there is nothing before or after."""
        links = {"next": self.next, "previous": self.previous}
        return ", ".join(f'<{target}>; rel="{relation}"' for relation, target in links.items() if target)


@dataclass(frozen=True)
class Pager:
    """Cuts pages for a request to ``address`` with ``query``. ``shape`` is None where only the queryset of
    the page is wanted (CSV); ``question`` keeps the statement of the page, for when it is asked again."""

    address: str
    query: QueryDict
    question: Question
    shape: str | None

    @property
    def values(self) -> dict[str, Any]:
        return self.question.filters.values

    @property
    def size(self) -> int:
        return self.values["page_size"] or DEFAULT_PAGE_SIZE

    def numbered(self, queryset: QuerySet[Any]) -> Page:
        number, size = self.values["page"], self.size
        count = queryset.count()
        last = max(1, -(-count // size))
        if number > last:
            raise NotThere("page", _("The last page is %(last)s.") % {"last": last})
        rows = queryset[(number - 1) * size : number * size]
        return Page(
            next=self._at(page=number + 1) if number < last else None,
            previous=self._at(page=number - 1) if number > 1 else None,
            count=count,
            text=self._rows(lambda: rows).text,
            queryset=lambda: rows,
        )

    def by_cursor(self, queryset: QuerySet[Any]) -> Page:
        """Rows in the order of their keys: new ones come at the end, so that whoever walks misses none."""
        backwards, key = self.values["cursor"] or (False, 0)

        def ordered() -> QuerySet[Any]:
            if backwards:
                return queryset.filter(pk__lt=key).order_by("-pk")[: self.size + 1]
            return queryset.filter(pk__gt=key).order_by("pk")[: self.size + 1]

        rows = self._rows(ordered, backwards)
        more = rows.found > self.size
        after = rows.last is not None and (more or backwards)
        before = rows.first is not None and (more if backwards else key > 0)
        return Page(
            next=self._at(cursor=Cursor.write(backwards=False, key=rows.last or 0)) if after else None,
            previous=self._at(cursor=Cursor.write(backwards=True, key=rows.first or 0)) if before else None,
            count=None,
            text=rows.text,
            queryset=lambda: _between(queryset, rows),
        )

    def feed(self, queryset: QuerySet[Any]) -> Page:
        """What came after the key that the reader has; ``next`` is null once she has everything."""
        after = self.values["after"]
        rows = self._rows(lambda: queryset.filter(pk__gt=after).order_by("pk")[: self.size + 1])
        return Page(
            next=self._at(after=rows.last) if rows.found > self.size else None,
            previous=None,
            count=None,
            text=rows.text,
            queryset=lambda: _between(queryset, rows),
        )

    def _rows(self, queryset: Callable[[], QuerySet[Any]], backwards: bool = False) -> Rows:
        if self.shape is not None:
            known, columns = self.question.statements, self.question.columns
            if self.shape not in known:
                how = {"limit": self.size, "backwards": backwards, "text": self.question.text}
                known[self.shape] = page_statement(queryset(), columns, shape=self.shape, **how)
            return Rows(*known[self.shape].row())
        keys = list(queryset().values_list("pk", flat=True))
        shown = keys[: self.size]
        return Rows("", len(keys), min(shown, default=None), max(shown, default=None))

    def _at(self, **changed: Any) -> str:
        """Its own address with some parameters changed."""
        query = self.query.copy()
        for name, value in changed.items():
            query[name] = str(value)
        return f"{self.address}?{query.urlencode(safe=',')}"


def _between(queryset: QuerySet[Any], rows: Rows) -> QuerySet[Any]:
    """The same rows again, by their keys."""
    return queryset.filter(pk__gte=rows.first or 0, pk__lte=rows.last or 0).order_by("pk")

"""What every resource is made of: a queryset, its columns, its parameters. A view says only these."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.views import APIView

from api import past
from api.columns import Column
from api.cubes import Cube
from api.downloads import as_file, completed, download
from api.filtering import ApiFilterSet, CursorListing, FeedListing
from api.formats import Csv, Json, JsonStat, Ndjson, Parquet, Xlsx
from api.freshness import answer
from api.generations import Slice
from api.jsonstat import write_jsonstat
from api.known import Known
from api.openapi import ResourceSchema
from api.paging import Page, Pager
from api.questions import Question, question
from api.rows import fetch_lines, fetch_one
from api.written import written_lines

_SHORT = 5000  # rows


class Resource(APIView):
    """``row`` names a row in the schema, ``rows`` the file a download is saved as; ``about`` describes it."""

    renderer_classes = [Json, Csv, Xlsx, Ndjson, Parquet]
    schema = ResourceSchema()
    row: ClassVar[str]
    rows: ClassVar[str]
    about: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    cube: ClassVar[Cube]
    many: ClassVar[bool]
    #: what the key in the address is a code of; missing: the rows' own model
    key_of: ClassVar[type[Model] | None] = None
    #: The kinds of data that its rows are made of; None: any change may change them.
    made_of: ClassVar[frozenset[str] | None] = None
    #: a row as JSON, where it is written already
    text: Combinable | None = None

    def queryset(self) -> QuerySet[Any]:
        raise NotImplementedError

    def state(self) -> str:
        """What an answer depends on beside the data, the address and the format."""
        return ""

    def variant(self) -> str:
        return f"{self.request.accepted_renderer.format} {self.state()}"

    def respond(
        self, check: Callable[[], Slice], page: Callable[[], HttpResponse], table: Callable[[], HttpResponse]
    ) -> HttpResponseBase:
        """The answer in the format asked for (``page`` writes JSON, ``table`` a download), or 304."""
        write = page if self.request.accepted_renderer.format == Json.format else table
        response = answer(self.request, variant=self.variant(), check=check, write=write)
        patch_vary_headers(response, ["Accept", "Accept-Encoding", "Authorization"])
        return response

    def written(self, body: str) -> HttpResponse:
        return HttpResponse(body, content_type="application/json")

    def copied(self, queryset: QuerySet[Any], whole: bool = False) -> HttpResponseBase:
        """The rows as a file; ``whole`` where they are most of the table."""
        if self.request.accepted_renderer.format != JsonStat.format:
            return download(self.request, self.rows, queryset, self.columns, whole=whole, text=self.text)
        address = self.request.build_absolute_uri()
        body = write_jsonstat(queryset, self.columns, self.cube, address)
        return HttpResponse(body, content_type=JsonStat.media_type)


class ListResource(Resource):
    """Filtered rows, a page at a time in JSON; in other formats every row unless a page is asked for."""

    many = True
    filterset_class: ClassVar[type[ApiFilterSet]]
    #: Whether its tables are there for the length of a question only.
    passing: ClassVar[bool] = False

    def get(self, request: Request, **kwargs: str) -> HttpResponseBase:
        return self.respond(self._check, self._json, self._table)

    def _check(self) -> Slice:
        self.question = question(self)
        self.filters, self.columns = self.question.filters, self.question.columns
        self.text = self.question.text
        return past.slice_of(self.filters.values) or self.slice()

    def read(self) -> Question:
        """The parameters as this request gives them."""
        return Question(self.filterset_class.read(self.request.query_params, self.queryset()), self.columns)

    def slice(self) -> Slice:
        """What the answer is made of."""
        return Slice.of(self.made_of, self.filters.values)

    def tables(self, values: dict[str, Any]) -> AbstractContextManager[None]:
        """Within it the rows are there to be read."""
        return past.tables(values)

    def _json(self) -> HttpResponse:
        with self.tables(self.filters.values):
            cut = self._cutter(self.filters.values["shape"])
            page = cut()
        self._remember(lambda: _told(cut()))
        return _with_links(self.written(page.body()), page)

    def _table(self) -> HttpResponseBase:
        with self.tables(self.filters.values):
            response = self._all_or_page()
            # Such tables are gone when it is sent; and in HTTP/1.0 a broken answer looks like a whole one.
            passing = self.passing or self.filters.values.get("as_of")
            old = self.request.META.get("SERVER_PROTOCOL") == "HTTP/1.0" and self.request.method == "GET"
            return completed(response) if old or passing else response

    def _all_or_page(self) -> HttpResponseBase:
        values = self.filters.values
        if values["page_size"] or values.get("cursor") or values.get("page", 1) > 1:
            page = self._cutter(None)()
            return _with_links(self.copied(page.queryset()), page)
        short = None if self.filters.whole else self._short()
        rows = self.filters.qs.filter(pk__gt=values.get("after") or 0)
        return short or self.copied(rows, whole=self.filters.whole)

    def _short(self) -> HttpResponseBase | None:
        """A table of some thousand rows in one piece, which spares a plan and a thread; None where there are
        more, or rows are not written."""
        question = self.question
        if question.text is None or self.request.accepted_renderer.format != Ndjson.format:
            return None
        if not question.lines:
            question.lines = written_lines(self.filters.qs, self.filters.values["indicator"])
        lines = None if self.request.method == "HEAD" else fetch_lines(question.lines, _SHORT)
        if lines is None:
            return None
        self._remember(lambda: None if (now := fetch_lines(question.lines, _SHORT)) is None else (now, ""))
        return as_file(self.request, self.rows, lines)

    def _cutter(self, shape: str | None) -> Callable[[], Page]:
        """Cuts the page that is asked for, each time anew; holds nothing of the request itself."""
        request = self.request
        address = request.build_absolute_uri(request.path)
        pager = Pager(address, request.query_params, self.question, shape)
        listing = self.filterset_class._meta.form
        if issubclass(listing, FeedListing):
            return partial(pager.feed, self.filters.qs)
        if issubclass(listing, CursorListing):
            return partial(pager.by_cursor, self.filters.qs)
        return partial(pager.numbered, self.filters.qs)

    def _remember(self, write: Callable[[], tuple[bytes, str] | None]) -> None:
        """How this answer is written, for whoever asks the same next."""
        reference = self.question.reference
        if reference is not None and not self.request.auth and not self.passing:
            address, variant = self.request.build_absolute_uri(), self.variant()
            self.request._request.api_known = Known(self.slice(), reference, address, variant, write, {})


class DetailResource(Resource):
    """One row by its key in the address."""

    many = False
    key: ClassVar[str]
    filterset_class: ClassVar[type[ApiFilterSet]]

    def get(self, request: Request, **kwargs: str) -> HttpResponseBase:
        return self.respond(self._check, self._json, self._table)

    def _check(self) -> Slice:
        self.filterset_class.read(self.request.query_params, self.queryset())
        return Slice.of(self.made_of, {})

    def _row(self) -> QuerySet[Any]:
        return self.queryset().filter(**{self.key: self.kwargs[self.key]})

    def _json(self) -> HttpResponse:
        text = fetch_one(self._row(), self.columns)
        if text is None:
            raise Http404
        return self.written(text)

    def _table(self) -> HttpResponse:
        if not self._row().exists():
            raise Http404
        return self.copied(self._row())


def _told(page: Page) -> tuple[bytes, str]:
    return page.body().encode(), page.link_header()


def _with_links(response: HttpResponse, page: Page) -> HttpResponse:
    if links := page.link_header():
        response["Link"] = links
    return response

"""What an address means, known from the last time it was asked: its answer is written anew, and nothing of
what stands between the front door and the rows is asked again.

Nothing of an answer's body is kept here. Only questions that ``api.questions`` keeps are known, and only to
those who ask without a token or a condition; whatever is unusual, or fails, goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from api.freshness import etag_of, tell_age
from api.generations import REFERENCE, Slice, generations
from api.shelf import Kept

_ITS_OWN = {"etag", "last-modified", "link", "content-length", "ratelimit", "ratelimit-policy"}


@dataclass
class Known:
    """``write`` gives the body and the Link header; None where only the ordinary way can tell."""

    slice: Slice
    reference: int  # generation of the reference data with which it was understood
    address: str
    variant: str
    write: Callable[[], tuple[bytes, str] | None]
    headers: dict[str, str]

    def learn(self, response: HttpResponse) -> None:
        """The headers that are the same whatever the rows are."""
        self.headers = {name: text for name, text in response.items() if name.lower() not in _ITS_OWN}

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        newest = generations.refresh()
        if generations.of(REFERENCE).number != self.reference:
            return None
        generation = generations.of(self.slice)
        try:
            written = self.write()
        except DatabaseError:
            return None
        if written is None:
            return None
        body, links = written
        response = HttpResponse(body, headers=self.headers | {"Content-Length": str(len(body))})
        if links:
            response["Link"] = links
        etag = etag_of(self.address, generation, self.variant)
        tell_age(response, etag, generation)
        request.api_kept = Kept(self.slice, generation, newest, etag)  # type: ignore[attr-defined]
        return response

"""Answers kept in the memory of this process, each with the generation that it belongs to.

An answer is compressed once, when somebody first asks for it so. It is given away again while the newest
change of its slice is still the one that it was made at: one small query says so.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import brotli
from django.http import HttpResponseBase

from api.generations import Generation, Slice, generations

_WORTH_PACKING = 500  # bytes
LARGEST = 8 * 1024 * 1024
_TEXTS = (
    "text/",
    "application/json",
    "application/x-ndjson",
    "application/vnd.sdmx",
    "application/vnd.json-stat",
)
_STATUS = {200: "200 OK", 304: "304 Not Modified"}
_OF_A_BODY = ("Content-Type", "Content-Length")
_ENCODINGS = {  # the better first
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
    "": lambda body: body,
}
_ACCEPTED = {
    name: re.compile(rf"(?<![\w-]){name}(?!\s*;\s*q=0(?:\.0*)?(?:\s|,|$))(?![\w-])")
    for name in _ENCODINGS
    if name
}


Key = tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    """What leaves, but for what is told to one reader alone."""

    code: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def status(self) -> str:
        return _STATUS[self.code]


@dataclass
class Kept:
    """What an answer is made of, and what it says once it was written. Without ``body`` (it was too long,
    or only a 304 was given) it still tells that a client's copy is true."""

    slice: Slice
    generation: Generation
    seen: int  # the newest change of all when the generation was looked up
    etag: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    answers: dict[tuple[str, bool], Answer] = field(default_factory=dict)
    size: int = 3000  # bytes that it takes, about

    def is_current(self) -> bool:
        """After ``generations.refresh()``."""
        newest = generations.newest
        if newest != self.seen:
            if generations.of(self.slice, self.generation, self.seen) != self.generation:
                return False
            self.seen = newest
        return True

    def fill(self, response: HttpResponseBase, body: bytes | None) -> None:
        """Take over what was answered, without what is told to this one reader."""
        self.headers = {name: text for name, text in response.items() if not name.startswith("RateLimit")}
        self.answers = {}
        if body is not None and len(body) <= LARGEST:
            self.body = body
            self.size += len(body) * 3 // 2  # packed ones take a fraction

    def answer(self, accepted: str, *, unchanged: bool = False) -> Answer:
        """In the best encoding that ``accepted`` (Accept-Encoding) names, or a 304; made once."""
        encoding = next((name for name in self._possible() if _ACCEPTED[name].search(accepted)), "")
        answer = self.answers.get((encoding, unchanged))
        if answer is None:
            self.answers[encoding, unchanged] = answer = self._made(encoding, unchanged)
        return answer

    def _made(self, encoding: str, unchanged: bool) -> Answer:
        headers, body = self.headers.copy(), b""
        if encoding:
            headers["ETag"] = f'{self.etag[:-1]}-{encoding}"'
        if unchanged:
            headers = {name: text for name, text in headers.items() if name not in _OF_A_BODY}
        else:
            body = _ENCODINGS[encoding](self.body or b"")
            headers["Content-Length"] = str(len(body))
            if encoding:
                headers["Content-Encoding"] = encoding
        return Answer(304 if unchanged else 200, tuple(headers.items()), body)

    def _possible(self) -> Iterator[str]:
        packed = not self.headers.get("Content-Type", "text/").startswith(_TEXTS)
        if not packed and (self.body is None or len(self.body) >= _WORTH_PACKING):
            yield from _ACCEPTED


def kept_while_read(chunks: Iterable[bytes], keep: Callable[[bytes], object]) -> Iterator[bytes]:
    """Hand on what is streamed; ``keep`` gets all of it at the end, unless it was too long or broke off."""
    so_far: list[bytes] | None = []
    length = 0
    for chunk in chunks:
        length += len(chunk)
        if length > LARGEST:
            so_far = None
        if so_far is not None:
            so_far.append(chunk)
        yield chunk
    if so_far is not None:
        keep(b"".join(so_far))


class Shelf:
    """The answers last asked for, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
            return kept

    def put(self, key: Key, kept: Kept) -> None:
        with self._lock:
            self._drop(key)
            kept.size += sum(len(str(part)) for part in key)  # addresses may be long
            self._kept[key] = kept
            self._size += kept.size
            while self._size > self.most:
                self._drop(next(iter(self._kept)))

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _drop(self, key: Key) -> None:
        if key in self._kept:
            self._size -= self._kept.pop(key).size

"""CSV and NDJSON of any length, straight from COPY: at constant memory, the first byte at once.

COPY runs in a thread that waits while nobody reads, on the connection of the request; who left early has it
cancelled. An error in the middle is raised while the answer is being sent, so that the server breaks the
connection off and no client takes half a file for a whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from queue import SimpleQueue
from threading import Semaphore
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from api.cells import csv_cell, plain_cell, select_list
from api.columns import Column
from api.rows import BINARY_FIELD, BINARY_HEADER, for_copy, lines_query, select

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK, _CHUNKS_AHEAD = 128 * 1024, 8
# In the order of the keys as their index has it: sorting a whole table first would keep the reader waiting.
# Statements sent together are one transaction, which both settings end with.
_AT_ONCE = "SET LOCAL enable_sort = off; SET LOCAL jit = off;"


def stream_csv(
    queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool, mark: bytes = BYTE_ORDER_MARK
) -> Iterator[bytes]:
    """Every row as CSV (RFC 4180, UTF-8, header row). ``whole``: expect most of the table."""
    yield mark
    cells = ", ".join(f'{csv_cell(column)} AS "{column.name}"' for column in columns)
    # COPY gives whole lines; the line ends of RFC 4180 hold within cells too.
    for chunk in _copied(_query(cells, queryset, columns), "FORMAT csv, HEADER true", whole):
        yield chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def stream_plain(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> Iterator[bytes]:
    """Every row as CSV for programs of ours: no header, no mark, no apostrophes."""
    cells = ", ".join(map(plain_cell, columns))
    return _copied(_query(cells, queryset, columns), "FORMAT csv", whole)


def stream_ndjson(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> Iterator[bytes]:
    """Every row as a JSON object on a line of its own."""
    return _copied(lines_query(queryset, columns), "FORMAT binary", whole, _Fields())


def begun(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same with its first rows read already: what fails at once fails while an error can be answered."""
    first = list(islice(chunks, 2))  # CSV begins with a mark that is no row

    def whole() -> Iterator[bytes]:
        with closing(chunks):
            yield b"".join(first)
            yield from chunks

    return whole()


def _query(cells: str, queryset: QuerySet[Any], columns: tuple[Column, ...]) -> str:
    inner, parameters = select(queryset, columns)
    return for_copy(f"SELECT {cells} FROM ({inner}) AS q(_key, {select_list(columns)})", parameters)


def _copied(query: str, options: str, whole: bool, pipe: _Pipe | None = None) -> Iterator[bytes]:
    statement = f"{_AT_ONCE if whole else ''} COPY ({query}) TO STDOUT WITH ({options})"
    connection.ensure_connection()
    server, pipe = connection.connection, pipe or _Pipe()
    with ThreadPoolExecutor(max_workers=1) as thread:
        copying = thread.submit(_copy, server, statement, pipe)
        read_to_the_end = False
        try:
            yield from pipe.chunks()
            read_to_the_end = True
        finally:
            if not read_to_the_end:
                pipe.abandon()
                if not server.closed:
                    server.cancel()
        copying.result()  # raises what stopped it


def _copy(server: Any, statement: str, pipe: _Pipe) -> None:
    try:
        with server.cursor() as cursor:
            cursor.copy_expert(statement, pipe)
        pipe.pass_on()
    finally:
        pipe.end()


class _Pipe:
    """What COPY writes, gathered into chunks; a writer that is too far ahead waits."""

    def __init__(self) -> None:
        self._gathered = bytearray()
        self._queue: SimpleQueue[bytes] = SimpleQueue()
        self._room = Semaphore(_CHUNKS_AHEAD)
        self._abandoned = False

    def write(self, line: bytes) -> int:
        self._gathered += line
        if len(self._gathered) >= _CHUNK:
            self.pass_on()
        return len(line)

    def end(self) -> None:
        self._queue.put(b"")

    def abandon(self) -> None:
        """Nobody reads any more: the writer need not wait."""
        self._abandoned = True
        self._room.release()

    def chunks(self) -> Iterator[bytes]:
        while chunk := self._queue.get():
            self._room.release()
            yield chunk

    def pass_on(self) -> None:
        if self._gathered and not self._abandoned:
            self._room.acquire()
            self._queue.put(bytes(self._gathered))
        self._gathered.clear()


class _Fields(_Pipe):
    """What a binary COPY of one column writes, without what stands before each field. A text is sent as it is
    that way; looking for what had to be quoted in it takes PostgreSQL a third of the time."""

    def __init__(self) -> None:
        super().__init__()
        self._before = BINARY_HEADER + BINARY_FIELD

    def write(self, row: bytes) -> int:
        # The last message, and that of an empty table, hold no field.
        if len(row) > self._before:
            self._gathered += memoryview(row)[self._before :]
            self._gathered += b"\n"
        self._before = BINARY_FIELD
        if len(self._gathered) >= _CHUNK:
            self.pass_on()
        return len(row)

"""The tables of a finished page, with the title, the sentence and the source of the chart each belongs to.

Pure: HTML in, plain rows out. Every table belongs to the charts before it in its section, or to the heading
above it, and says itself how it may be charted (``data-chart``: ``bars`` or ``lines``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_HEADINGS = ("h1", "h2", "h3")
_WORDS = {"sentence", "source-line"}
_VOID = {"input", "img", "br", "hr", "meta", "link", "col", "rect", "path", "line", "circle", "polyline"}
#: What stands in a cell for the eye or the hand alone.
_SKIPPED = ("svg", "details", "button")


@dataclass
class Table:
    """``names``: of the charts that it belongs to, none without one. ``rows`` are texts, the heads apart."""

    names: tuple[str, ...]
    title: str
    chart: str
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    sentence: str = ""
    source: str = ""


@dataclass
class Sheet:
    """What was read: the page's title, and its tables in their order."""

    title: str = ""
    tables: list[Table] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Sheet()
        self._figures: list[str] = []
        self._heading = self._sentence = self._source = ""
        self._table: Table | None = None
        self._row: list[str] | None = None
        self._in_head = False
        self._text: list[str] | None = None
        self._ends: list[tuple[str, str]] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            if tag == "br" and self._text is not None:
                self._text.append(" ")
            return
        if tag in ("p", "div") and self._text is not None:
            self._text.append(" ")
        words = given.get("class", "").split()
        if self._table is not None and (tag in _SKIPPED or "picker" in words):
            self._skipped += 1
            self._ends.append((tag, "skip"))
            return
        self._ends.append((tag, self._begin(tag, given, words)))

    def _begin(self, tag: str, given: dict[str, str], words: list[str]) -> str:
        if tag == "figure":
            self._figures.append(given.get("aria-labelledby", "").removesuffix("-title"))
            self._sentence = self._source = ""
            return ""
        if tag == "section":
            self._figures, self._sentence, self._source = [], "", ""
        if tag == "table":
            self._table = Table(
                tuple(self._figures), self._heading or self.page.title, given.get("data-chart", "")
            )
            self._table.sentence, self._table.source = self._sentence, self._source
            return "table"
        if tag in ("thead", "tr") and self._table is not None:
            if tag == "thead":
                self._in_head = True
            else:
                self._row = []
            return tag
        is_text = tag in ("td", "th") and self._row is not None
        is_words = self._table is None and (tag in _HEADINGS or _WORDS & set(words))
        if (is_text or is_words) and self._text is None:
            self._text = []
            return "cell" if is_text else next((one for one in words if one in _WORDS), tag)
        return ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A drawing's parts: nothing ends that had not begun."""

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._skipped:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        while self._ends:
            name, what = self._ends.pop()
            self._end(what)
            if name == tag:
                return

    def _end(self, what: str) -> None:
        if what == "skip":
            self._skipped -= 1
        elif what == "thead":
            self._in_head = False
        elif what == "table":
            if self._table is not None and self._table.rows:
                self.page.tables.append(self._table)
            self._table = None
        elif what == "tr" and self._table is not None and self._row is not None:
            if self._in_head:
                self._table.heads = self._row
            else:
                self._table.rows.append(self._row)
            self._row = None
        elif what:
            self._take(what)

    def _take(self, what: str) -> None:
        text = _squeezed("".join(self._text or ()))
        self._text = None
        if what == "cell" and self._row is not None:
            self._row.append(text)
        elif what == "h1":
            self.page.title = text
        elif what in _HEADINGS:
            self._heading = text
        elif what == "sentence":
            self._sentence = text
        elif what == "source-line":
            self._source = text


def _squeezed(text: str) -> str:
    """White space of the source made one; a no-break space is a character of ours and stays."""
    return " ".join(part for part in text.replace("\n", " ").replace("\t", " ").split(" ") if part)


def tables_of(html: str) -> Sheet:
    """Columns without any text (bars) are left out."""
    reader = _Reader()
    reader.feed(html)
    for table in reader.page.tables:
        _without_empty_columns(table)
    return reader.page


def _without_empty_columns(table: Table) -> None:
    width = max(len(row) for row in table.rows)
    rows = [row + [""] * (width - len(row)) for row in table.rows]
    heads = table.heads + [""] * (width - len(table.heads))
    kept = [at for at in range(width) if any(row[at] for row in rows)]
    table.heads = [heads[at] for at in kept]
    table.rows = [[row[at] for at in kept] for row in rows]

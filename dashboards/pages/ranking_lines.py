"""The lines of the comparison's table, written here: 63 of them cost a template a third of the whole page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dashboards.pages.parts import RankingRow

_SVG = (
    '<svg class="cell-bar" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true"'
    ' focusable="false">'
)


def table_lines(rows: Sequence[RankingRow], *, ranked: bool) -> SafeString:
    """No space between cells, and few elements: a browser makes a node of each."""
    words = _Words()
    return mark_safe("\n".join(words.line(row, ranked) for row in rows))


class _Words:
    """What every line says, translated once."""

    def __init__(self) -> None:
        self.as_stated = escape(_("As stated:"))
        self.restated = f' <span class="tag">{escape(_("restated"))}</span>'
        self.contradicted = escape(_("contradicted"))

    def line(self, row: RankingRow, ranked: bool) -> str:
        name = escape(row.name)
        title = f' title="{self.as_stated} {escape(row.as_stated)}"' if row.as_stated else ""
        return (
            ('<tr class="chosen">' if row.chosen else "<tr>")
            + (f'<td class="rank">{escape(row.rank)}</td>' if ranked else "")
            + f'<th scope="row"><a href="{escape(row.address)}">{name}</a>{self._tags(row)}</th>'
            + f'<td class="bar">{_SVG}{row.bar.marks}</svg></td>'
            + f'<td class="num"{title}><a class="to-card" href="{escape(row.card)}">'
            + f'{escape(row.value)}</a></td><td class="num wide-only">{escape(row.difference)}</td></tr>'
        )

    def _tags(self, row: RankingRow) -> str:
        tags = self.restated if row.restated else ""
        if row.notes:
            notes = escape(" ".join(row.notes))
            tags += f' <span class="tag warn" title="{notes}">{self.contradicted}</span>'
        return tags

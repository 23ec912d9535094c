"""The sentences under charts of change: between two periods, and over time province by province."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards.rows import IndicatorRow


def slope_sentence(
    indicator: IndicatorRow,
    periods: tuple[str, str],
    changes: Sequence[tuple[str, float, bool]],
    without: int,
    bounded: int,
    language: f.Language,
) -> str:
    """``changes``: name, later minus earlier, whether picked, of those stated exactly in both periods;
    ``bounded``: how many are not; ``without``: those of the later period only."""
    parts = _changes(indicator, periods, changes, language) if changes else []
    if bounded:
        text = ngettext(
            "%(count)s province states a bound, which gives no exact change.",
            "%(count)s provinces state a bound, which gives no exact change.",
            bounded,
        )
        parts.append(text % {"count": bounded})
    if without:
        text = ngettext(
            "%(count)s province has a figure in one period only.",
            "%(count)s provinces have a figure in one period only.",
            without,
        )
        parts.append(text % {"count": without})
    return " ".join(parts)


def _changes(
    indicator: IndicatorRow,
    periods: tuple[str, str],
    changes: Sequence[tuple[str, float, bool]],
    language: f.Language,
) -> list[str]:

    def told(change: float) -> str:
        return f.change(change, indicator.measure, language, indicator.decimals)

    rose, fell = max(changes, key=lambda row: row[1]), min(changes, key=lambda row: row[1])
    words = {
        "from": periods[0],
        "to": periods[1],
        "up": sum(change > 0 for _n, change, _c in changes),
        "down": sum(change < 0 for _n, change, _c in changes),
        "rose": rose[0],
        "rise": told(rose[1]),
        "fell": fell[0],
        "fall": told(fell[1]),
        "median": told(float(np.median([change for _n, change, _c in changes]))),
    }
    parts = [
        _("From %(from)s to %(to)s %(up)s provinces rose and %(down)s fell; the middle change is %(median)s.")
        % words
    ]
    if rose[0] != fell[0]:
        parts.append(_ends(rose[1], fell[1]) % words)
    parts += [
        _("%(name)s: %(change)s.") % {"name": name, "change": told(change)}
        for name, change, chosen in changes
        if chosen
    ]
    return parts


def _ends(rise: float, fall: float) -> str:
    if fall > 0:
        return _("Rose most: %(rose)s (%(rise)s); least: %(fell)s (%(fall)s).")
    if rise < 0:
        return _("Fell most: %(fell)s (%(fall)s); least: %(rose)s (%(rise)s).")
    return _("The most upward: %(rose)s (%(rise)s); the most downward: %(fell)s (%(fall)s).")


def multiples_sentence(
    indicator: IndicatorRow, lines: Sequence[tuple[str, Sequence[float]]], left: int, language: f.Language
) -> str:
    """``lines``: name, values since the last break up to the period asked for, in the order of time."""
    moved = [(name, values[-1] - values[0]) for name, values in lines if len(values) > 1]
    parts = [
        _moves(indicator, moved, language)
        if moved
        else _("No province has an earlier figure that this period may be compared with.")
    ]
    if left:
        parts.append(_("%(left)s more are not drawn: narrow the peers to see them.") % {"left": left})
    return " ".join(parts)


def _moves(indicator: IndicatorRow, moved: Sequence[tuple[str, float]], language: f.Language) -> str:
    rose, fell = max(moved, key=lambda row: row[1]), min(moved, key=lambda row: row[1])
    return _(
        "Of %(count)s provinces %(up)s rose over what is comparable; from %(fell)s (%(fall)s) to "
        "%(rose)s (%(rise)s)."
    ) % {
        "count": len(moved),
        "up": sum(change > 0 for _name, change in moved),
        "rose": rose[0],
        "rise": f.change(rose[1], indicator.measure, language, indicator.decimals),
        "fell": fell[0],
        "fall": f.change(fell[1], indicator.measure, language, indicator.decimals),
    }

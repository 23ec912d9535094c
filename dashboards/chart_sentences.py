"""The sentence under each further chart of a comparison, and why one is not drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards.correlation import rank_correlation
from dashboards.figures.funnel import Case
from dashboards.rows import IndicatorRow, Place, Slice
from dashboards.sentences import ranking_sentence, standing


def too_few(there: int, needed: int) -> str:
    return _(
        "Not drawn: only %(count)s provinces have a figure here, and fewer than %(needed)s show no pattern."
    ) % {
        "count": there,
        "needed": needed,
    }


def left_out(names: Sequence[str]) -> str:
    if not names:
        return ""
    return _("Left out, as they carry no judgement or too few provinces report: %(names)s.") % {
        "names": "; ".join(names)
    }


def other_units(picked: Sequence[str], drawn: Sequence[str]) -> str:
    """Of what was picked for a mix, what cannot be part of it."""
    left = [name for name in picked if name not in drawn]
    if not left:
        return ""
    return _("Left out, as they count something else or in another period: %(names)s.") % {
        "names": "; ".join(left)
    }


def missing(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("%(count)s province has no figure.", "%(count)s provinces have no figure.", count) % {
        "count": count
    }


def fifths() -> list[str]:
    return [_("lowest fifth"), _("second fifth"), _("middle fifth"), _("fourth fifth"), _("best fifth")]


def beyond(side: int) -> str:
    """What ``figures.funnel.outside`` found, in words."""
    return {
        2: _("above the outer limit (99.8 %)"),
        1: _("above the inner limit (95 %)"),
        0: _("within the limits"),
        -1: _("below the inner limit (95 %)"),
        -2: _("below the outer limit (99.8 %)"),
    }[side]


def spread_sentence(
    indicator: IndicatorRow,
    period: str,
    places: Sequence[Place],
    group: Slice,
    chosen: Sequence[Place],
    language: f.Language,
) -> str:
    if len(places) < 2:
        return ranking_sentence(indicator, period, places, group, chosen, language)
    values = [place.value for place in places]

    def number(value: float | None) -> str:
        return f.quantity(value, indicator.measure, language, indicator.decimals)

    words = {
        "period": period,
        "low": number(min(values)),
        "high": number(max(values)),
        "q1": number(group.q1),
        "q3": number(group.q3),
        "median": number(group.median),
    }
    text = _("%(period)s: figures reach from %(low)s to %(high)s.") % words
    if group.complete:
        text += " " + _("The middle half lies between %(q1)s and %(q3)s, the median is %(median)s.") % words
    parts = [text, *(standing(indicator, place, group, language) for place in chosen[:3])]
    return " ".join(filter(None, [*parts, missing(group.expected - group.reporting)]))


def funnel_sentence(
    cases: Sequence[Case], sides: Sequence[int], centre: float, without: int, language: f.Language
) -> str:
    """``sides`` as ``figures.funnel.outside`` gives them; ``without``: provinces without counts."""
    counted = {side: [c.name for c, s in zip(cases, sides, strict=True) if s == side] for side in (2, -2)}
    parts = [
        _("Together %(value)s; chance alone leaves 99.8 %% of provinces between the outer lines.")
        % {"value": f.quantity(100 * centre, "percent", language, 2)},
        _("Above them: %(names)s.") % {"names": _listed(counted[2])} if counted[2] else "",
        _("Below them: %(names)s.") % {"names": _listed(counted[-2])} if counted[-2] else "",
        "" if counted[2] or counted[-2] else _("No province lies beyond them."),
    ]
    parts += [
        _("%(province)s: %(side)s.") % {"province": case.name, "side": beyond(side)}
        for case, side in zip(cases, sides, strict=True)
        if case.chosen
    ]
    if without:
        text = ngettext(
            "%(count)s province with a figure states no counts.",
            "%(count)s provinces with a figure state no counts.",
            without,
        )
        parts.append(text % {"count": without})
    return " ".join(filter(None, parts))


def _listed(names: Sequence[str], most: int = 6) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return _("%(names)s and %(count)s more") % {"names": ", ".join(names[:most]), "count": len(names) - most}


def heat_sentence(rows: Sequence[tuple[str, bool, Sequence[int | None]]]) -> str:
    """``rows``: name, whether picked, bands 0–4. Most often in the best fifth, and in the lowest."""
    best = _most(rows, 4)
    worst = _most(rows, 0)
    parts = [
        _("Most often in the best fifth: %(name)s (%(count)s of %(of)s).") % best if best else "",
        _("Most often in the lowest fifth: %(name)s (%(count)s of %(of)s).") % worst if worst else "",
    ]
    for name, chosen, bands in rows:
        if chosen:
            known = [band for band in bands if band is not None]
            words = {"name": name, "best": known.count(4), "worst": known.count(0), "of": len(known)}
            parts.append(
                _("%(name)s: best fifth in %(best)s of %(of)s indicators, lowest fifth in %(worst)s.") % words
            )
    gaps = sum(band is None for _name, _chosen, bands in rows for band in bands)
    if gaps:
        parts.append(
            ngettext("%(count)s cell is empty.", "%(count)s cells are empty.", gaps) % {"count": gaps}
        )
    return " ".join(filter(None, parts))


def _most(rows: Sequence[tuple[str, bool, Sequence[int | None]]], band: int) -> dict[str, object] | None:
    counted = [(list(bands).count(band), name, len(bands)) for name, _chosen, bands in rows]
    top = max(counted, key=lambda row: row[0], default=(0, "", 0))
    if not top[0]:
        return None
    return {
        "name": _listed([row[1] for row in counted if row[0] == top[0]], 3),
        "count": top[0],
        "of": top[2],
    }


def scatter_sentence(
    points: Sequence[tuple[str, float, float, bool]],
    names: tuple[str, str],
    medians: tuple[float | None, float | None],
    without: int,
    language: f.Language,
) -> str:
    """``points``: name, x, y, whether picked; ``without``: how many of the peers lack one or both."""
    strength = rank_correlation([x for _n, x, _y, _c in points], [y for _n, _x, y, _c in points])
    parts = []
    if strength is not None:
        words = {"count": len(points), "rho": f.number(strength, language, 2), "how": _how_strong(strength)}
        parts.append(
            _(
                "%(count)s provinces: %(how)s (Spearman's rank correlation %(rho)s). "
                "This says nothing of causes."
            )
            % words
        )
    x_median, y_median = medians
    if x_median is not None and y_median is not None:
        for name, x, y, chosen in points:
            if chosen:
                sides = {
                    "name": name,
                    "first": _side(x, x_median),
                    "second": _side(y, y_median),
                    "a": names[0],
                    "b": names[1],
                }
                parts.append(_("%(name)s: %(first)s in %(a)s, %(second)s in %(b)s.") % sides)
    return " ".join(filter(None, [*parts, absent(without)]))


def absent(count: int) -> str:
    if count <= 0:
        return ""
    text = ngettext("%(count)s province lacks the figures.", "%(count)s provinces lack the figures.", count)
    return text % {"count": count}


def _side(value: float, median: float) -> str:
    if value == median:
        return _("on the median")
    return _("above the median") if value > median else _("below the median")


def _how_strong(strength: float) -> str:
    if abs(strength) < 0.3:
        return _("hardly any common order")
    if strength > 0:
        return (
            _("those high in one are mostly high in the other")
            if strength >= 0.6
            else _("those high in one are rather high in the other")
        )
    return (
        _("those high in one are mostly low in the other")
        if strength <= -0.6
        else _("those high in one are rather low in the other")
    )


def mix_sentence(
    names: Sequence[str],
    wholes: Sequence[tuple[str, bool, Sequence[float]]],
    without: int,
    language: f.Language,
) -> str:
    """``wholes``: name, whether picked, shares; the largest share of the first part first."""

    def share(value: float) -> str:
        return f.quantity(value, "percent", language, 1)

    first, last = wholes[0], wholes[-1]
    words = {
        "part": names[0],
        "first": first[0],
        "high": share(first[2][0]),
        "last": last[0],
        "low": share(last[2][0]),
        "middle": share(float(np.median([whole[2][0] for whole in wholes]))),
    }
    if len(wholes) == 1:
        text = _("%(part)s: %(high)s in %(first)s, the only province that states its parts.") % words
    else:
        text = (
            _("%(part)s: from %(low)s (%(last)s) to %(high)s (%(first)s), in the middle %(middle)s.") % words
        )
    parts = [text]
    for name, chosen, shares in wholes:
        if chosen:
            told = "; ".join(f"{part} {share(value)}" for part, value in zip(names, shares, strict=True))
            parts.append(_("%(name)s: %(change)s.") % {"name": name, "change": told})
    return " ".join(filter(None, [*parts, absent(without)]))

"""The sentence under a chart: who leads, the middle, how a chosen province stands, what is missing.

It is what a screen reader reads and what an official copies into a report. Words go through gettext in the
active language, numbers through ``formatting``.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards.questions import in_period
from dashboards.rows import Break, IndicatorRow, Place, Slice


def ranking_sentence(
    indicator: IndicatorRow,
    period: str,
    places: Sequence[Place],
    group: Slice,
    chosen: Sequence[Place],
    language: f.Language,
) -> str:
    """``places`` best first. Empty where there is nothing to say."""
    if not places:
        return ""
    parts = [_extremes(indicator, period, places, group, language)]
    if group.reporting > 1:
        parts += [standing(indicator, place, group, language) for place in chosen[:3]]
    missing = group.expected - group.reporting
    if missing > 0:
        parts.append(
            ngettext("%(count)s province has no figure.", "%(count)s provinces have no figure.", missing)
            % {"count": missing}
        )
    return " ".join(parts)


def _extremes(
    indicator: IndicatorRow, period: str, places: Sequence[Place], group: Slice, language: f.Language
) -> str:
    first, last = places[0], places[-1]
    words = {
        "period": period,
        "first": first.province.name,
        "first_value": shown(first, indicator, language),
        "last": last.province.name,
        "last_value": shown(last, indicator, language),
        "median": f.quantity(group.median, indicator.measure, language, indicator.decimals, ""),
        "count": group.reporting,
    }
    if group.reporting == 1:
        return (
            _(
                "%(period)s: only %(first)s has a figure, %(first_value)s; there is nothing to compare it "
                "with yet."
            )
            % words
        )
    if not indicator.ranked:
        return (
            _(
                "%(period)s: from %(last_value)s (%(last)s) to %(first_value)s (%(first)s); the median of "
                "%(count)s provinces is %(median)s. This indicator carries no judgement and is not ranked."
            )
            % words
        )
    return (
        _(
            "%(period)s: %(first)s leads with %(first_value)s, %(last)s comes last with %(last_value)s; "
            "the median of %(count)s provinces is %(median)s."
        )
        % words
    )


def standing(indicator: IndicatorRow, place: Place, group: Slice, language: f.Language) -> str:
    """How one province stands, and how far it moved since the period before where that compares."""
    text = _standing(indicator, place, group, language)
    if place.change_previous is None:
        return text
    moved = f.change(place.change_previous, indicator.measure, language, indicator.decimals)
    return f"{text} " + _("Against the period before: %(change)s.") % {"change": moved}


def _standing(indicator: IndicatorRow, place: Place, group: Slice, language: f.Language) -> str:
    difference = place.difference_to_median
    words = {
        "province": place.province.name,
        "value": shown(place, indicator, language),
        "rank": f.rank(place.rank, place.rank_from, place.rank_to),
        "count": group.reporting,
        "difference": f.change(
            abs(difference) if difference is not None else None,
            indicator.measure,
            language,
            indicator.decimals,
        ).lstrip("+±"),
    }
    if place.rank is None:
        return _("%(province)s: %(value)s.") % words
    if not difference:
        return _("%(province)s is at rank %(rank)s of %(count)s with %(value)s, on the median.") % words
    if difference > 0:
        return (
            _(
                "%(province)s is at rank %(rank)s of %(count)s with %(value)s, "
                "%(difference)s above the median."
            )
            % words
        )
    return (
        _("%(province)s is at rank %(rank)s of %(count)s with %(value)s, %(difference)s below the median.")
        % words
    )


def trend_sentence(
    indicator: IndicatorRow, name: str, stretch: Sequence[Place], apart: int, language: f.Language
) -> str:
    """From the first to the last place of one line that may be compared; one point is no trend.
    ``apart``: how many figures of the province lie in other kinds of periods."""
    first, last = stretch[0], stretch[-1]
    words = {
        "name": name,
        "from": shown(first, indicator, language),
        "from_period": in_period(first.period, language),
        "to": shown(last, indicator, language),
        "to_period": in_period(last.period, language),
        "change": change_between(first, last, indicator, language),
    }
    if len(stretch) == 1 and apart:
        text = ngettext(
            "%(name)s: %(to)s (%(to_period)s); its %(count)s other figure is of another kind of period and "
            "not joined to it.",
            "%(name)s: %(to)s (%(to_period)s); its %(count)s other figures are of other kinds of periods and "
            "not joined to it.",
            apart,
        )
        return text % (words | {"count": apart})
    if len(stretch) == 1:
        return _("%(name)s: one figure only, %(to)s (%(to_period)s); one point is no trend.") % words
    if not words["change"]:
        return (
            _(
                "%(name)s: from %(from)s (%(from_period)s) to %(to)s (%(to_period)s); stated as a bound, "
                "a figure gives no exact change."
            )
            % words
        )
    return (
        _("%(name)s: from %(from)s (%(from_period)s) to %(to)s (%(to_period)s), a change of %(change)s.")
        % words
    )


def change_between(earlier: Place, later: Place, indicator: IndicatorRow, language: f.Language) -> str:
    """Later minus earlier; empty where the words of a source leave one of them open ("over 92%")."""
    if any(place.open_interval != (None, None) for place in (earlier, later)):
        return ""
    return f.change(later.value - earlier.value, indicator.measure, language, indicator.decimals)


def break_sentence(mark: Break, language: f.Language) -> str:
    return _("Figures from %(day)s on are not comparable with those before.") % {
        "day": f.day(mark.day, language)
    }


def shown(place: Place, indicator: IndicatorRow, language: f.Language) -> str:
    """The figure as it was stated, with qualifier and unit; a computed one with the indicator's digits."""
    if place.stated is None:
        return f.quantity(place.value, indicator.measure, language, indicator.decimals)
    return f.stated(
        place.stated.value,
        place.stated.qualifier,
        indicator.measure,
        language,
        estimated=place.stated.status == "estimated",
    )


def coverage(group: Slice, language: f.Language) -> str:
    """ "34 of 34 provinces (100 %)"."""
    return _("%(reporting)s of %(expected)s provinces (%(share)s)") % {
        "reporting": group.reporting,
        "expected": group.expected,
        "share": f.share(group.coverage, language),
    }


def why_not_comparable(places: Sequence[Place], apart: int) -> str:
    """What is said in the place of a trend that cannot honestly be drawn. ``apart``: as above."""
    if not places:
        return _("No trend: the chosen provinces have no figure here.")
    if apart:
        return _(
            "No trend: there is only one period of this kind to show; figures of a day, a quarter and a year "
            "are not joined."
        )
    return _("No trend: there is only one period to show.")

"""The catalogue by pillar, and one indicator: its definition, its breaks, what is computed of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards.addresses import slice_card
from dashboards.pages import parts
from dashboards.pages.trends import province_trends
from dashboards.pages.verdicts import target_words
from dashboards.queries import catalogue, comparison
from dashboards.questions import Availability, ComparisonQuestion, in_period, period_name
from dashboards.rows import IndicatorRow, Place, Slice
from dashboards.sentences import ranking_sentence
from dashboards.sentences import shown as stated

_MOST = 5
_FEW = 3  # so few provinces are named, and their figures stand beside their names


@dataclass(frozen=True)
class CatalogueLine:
    code: str
    name: str
    definition: str
    period: str
    coverage: str
    compare: str
    said: Sequence[tuple[str, str]] = ()  # a province's figure in words, and where it stands


@dataclass(frozen=True)
class SliceLine:
    """One computed slice in words; a dash where nothing could be computed."""

    period: str
    geography: str
    reporting: str
    complete: bool
    median: str
    middle: str
    span: str
    ratio: str
    compare: str
    card: str
    who: Sequence[tuple[str, str, str]] = ()  # name, slug and figure as stated, where few report


def catalogue_page(
    indicators: Mapping[str, IndicatorRow], availability: Availability, language: f.Language
) -> dict[str, Any]:
    ordered = sorted(indicators.values(), key=lambda row: row.pillar_place)
    pillars = []
    for name, rows in groupby(ordered, key=lambda row: row.pillar_name):
        lines = [catalogue_line(row, availability, language) for row in rows]
        pillars.append((name, lines, _how_many(lines)))
    return {"pillars": pillars, "count": len(indicators)}


def _how_many(lines: Sequence[CatalogueLine]) -> str:
    count, known = len(lines), sum(bool(line.period) for line in lines)
    words = ngettext("%(count)s indicator", "%(count)s indicators", count) % {"count": count}
    if not known:
        return f"{words}, {_('no figures')}"
    return words if known == count else words + _(", %(known)s with figures") % {"known": known}


def catalogue_line(
    indicator: IndicatorRow, availability: Availability, language: f.Language
) -> CatalogueLine:
    best = availability.best(indicator.code)
    return CatalogueLine(
        code=indicator.code,
        name=indicator.name,
        definition=indicator.definition,
        period=period_name(best.period, language) if best else "",
        coverage=f"{best.reporting}/{best.expected}" if best else "",
        compare=_compare(best) if best else "",
    )


def _compare(row: Slice) -> str:
    return ComparisonQuestion(row.indicator, row.period.code, row.geography).query()


def indicator_page(
    indicator: IndicatorRow,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    best = availability.best(indicator.code)
    context: dict[str, Any] = {
        "indicator": indicator,
        "mistakable": parts.mistakable(indicator, indicators),
        "validity": _validity(indicator, language),
        "direction": _directions()[indicator.direction],
        "threshold": f.share(indicator.threshold, language),
        "targets": [
            (target_words(indicator, goal, language), goal) for goal in catalogue.goals(indicator.code)
        ],
        "slices": _slice_lines(indicator, availability, language),
    }
    if best is None:
        return context | {"breaks": catalogue.definition_breaks(indicator.code)}
    places = comparison.places(indicator.code, best.period.code, best.geography, "nation")
    ends = list(dict.fromkeys(place.province.slug for place in (*places[:1], *places[-1:])))
    trend = province_trends(indicator, ends, catalogue.mergers(), availability, best.period, language)
    rows = parts.ranking_rows(places, indicator, best, (), language)
    period = period_name(best.period, language)
    return context | {
        "best": best,
        "in_period": in_period(best.period, language),
        "compare": _compare(best),
        "rows": rows[:_MOST],
        "last_rows": rows[-_MOST:] if len(rows) > 2 * _MOST else rows[_MOST:],
        "sentence": ranking_sentence(indicator, period, places, best, [], language),
        "source": parts.source_line(places, best, language),
        "trend": trend,
        "breaks": trend.breaks,
        "computed_at": best.computed_at,
        "simulated": best.simulated,
    }


def _directions() -> dict[str, str]:
    return {
        "higher": _("higher is better"),
        "lower": _("lower is better"),
        "none": _("no judgement: compared, not ranked"),
    }


def _validity(indicator: IndicatorRow, language: f.Language) -> str:
    if indicator.valid_from and indicator.valid_to:
        return f"{f.day(indicator.valid_from, language)} – {f.day(indicator.valid_to, language)}"
    if indicator.valid_from:
        return _("since %(day)s") % {"day": f.day(indicator.valid_from, language)}
    if indicator.valid_to:
        return _("until %(day)s") % {"day": f.day(indicator.valid_to, language)}
    return ""


def _slice_lines(
    indicator: IndicatorRow, availability: Availability, language: f.Language
) -> list[SliceLine]:
    slices = availability.of(indicator.code)
    few = [row for row in slices if row.reporting <= _FEW]
    known = comparison.places_in(indicator.code, few) if few else {}
    return [
        _slice_line(row, known.get((row.period, row.geography), ()), indicator, language) for row in slices
    ]


def _slice_line(row: Slice, few: Sequence[Place], indicator: IndicatorRow, language: f.Language) -> SliceLine:
    """``few``: the provinces that report where they are so few that each is named. One alone has no median:
    its figure stands there as it was stated."""

    def shown(value: float | None) -> str:
        return f.quantity(value, indicator.measure, language, indicator.decimals)

    who = [(place.province.name, place.province.slug, stated(place, indicator, language)) for place in few]

    return SliceLine(
        period=period_name(row.period, language),
        geography=row.geography,
        reporting=f"{row.reporting}/{row.expected}",
        complete=row.complete,
        median=who[0][2] if len(who) == 1 else shown(row.median),
        middle=f.MISSING if few else f"{shown(row.q1)} – {shown(row.q3)}",
        span=f.MISSING if len(few) == 1 else f"{shown(row.minimum)} – {shown(row.maximum)}",
        ratio=shown(row.ratio_of_sums),
        compare=_compare(row),
        card=slice_card(row),
        who=who,
    )

"""A province's page: what is said at its head, its profile among the others, its figures by pillar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboards import formatting as f
from dashboards import lens
from dashboards.figures.profile import Dot, profile_figure
from dashboards.pages.figure_lines import IndicatorLine, indicator_lines
from dashboards.pages.index_parts import split_scores
from dashboards.pages.parts import Figure, api_series
from dashboards.pages.trends import TrendPart, province_trends
from dashboards.pages.verdicts import TargetLine, target_lines
from dashboards.queries import catalogue, indices
from dashboards.queries import province as queries
from dashboards.questions import DEFAULT_INDICATOR, Availability, in_period, period_name, within
from dashboards.rows import IndicatorRow, Place, Slice

_ENOUGH = 10  # a percentile among fewer provinces says little


def province_page(
    card: queries.ProvinceCard,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> dict[str, Any]:
    slug = card.province.slug
    figures, places, goals = queries.figures(slug), queries.places(slug), queries.goals(slug)
    breaks = {code: [mark.day for mark in marks] for code, marks in catalogue.series_breaks().items()}
    contradicted = catalogue.contradictions([figure.stated.observation for figure in figures])
    targets = target_lines(goals, figures, indicators, lens.today(), language)
    lines = indicator_lines(
        figures, places, targets, contradicted, indicators, availability, breaks, language
    )
    return {
        "card": card,
        "population": f.number(card.population, language),
        "lifetime": _lifetime(card, language),
        "summary": _summary(card, lines, targets, language),
        "targets": targets,
        **_profile(card, lines, language),
        "trend": _trend(card, indicators, availability, language),
        "splits": split_scores(indices.versions(), indices.of_province(slug), language),
        "pillars": _by_pillar(lines),
        "computed_at": max((row.computed_at for row in availability.slices if row.computed_at), default=None),
        "simulated": any(place.simulated for place in places),
    }


def _by_pillar(
    lines: Sequence[tuple[IndicatorRow, IndicatorLine]],
) -> list[tuple[str, list[IndicatorLine]]]:
    """Composite indices, which most come for, first."""
    ordered = sorted(lines, key=lambda pair: pair[0].pillar_place)
    return [
        (name, [line for _row, line in group])
        for name, group in groupby(ordered, key=lambda pair: pair[0].pillar_name)
    ]


def _lifetime(card: queries.ProvinceCard, language: f.Language) -> str:
    if card.province.valid_to:
        return _("until %(day)s") % {"day": f.day(card.province.valid_to, language)}
    if card.province.valid_from:
        return _("since %(day)s") % {"day": f.day(card.province.valid_from, language)}
    return _("unchanged by the merger of 01/07/2025")


def _summary(
    card: queries.ProvinceCard,
    lines: Sequence[tuple[IndicatorRow, IndicatorLine]],
    targets: Sequence[TargetLine],
    language: f.Language,
) -> str:
    """Where it stands in the DTI, how much is known, how many targets were met, how much is contradicted."""
    name, count = card.province.name, len(lines)
    if not lines:
        return _("No published figure of %(province)s is loaded.") % {"province": name}
    parts = [
        *(_headline(row, line, language) for row, line in lines if row.code == DEFAULT_INDICATOR),
        ngettext(
            "%(province)s has published figures for %(count)s indicator.",
            "%(province)s has published figures for %(count)s indicators.",
            count,
        )
        % {"province": name, "count": count},
    ]
    if targets:
        met = sum(line.verdict.met is True for line in targets)
        parts.append(_("Targets: %(met)s of %(all)s met.") % {"met": met, "all": len(targets)})
        untold = sum(line.verdict.met is None for line in targets)
        if untold:
            parts.append(_("Of %(count)s it cannot be told.") % {"count": untold})
    figures = [figure for _row, line in lines for figure in (line.newest, *line.others)]
    contradicted = sum(bool(figure.contradictions) for figure in figures)
    if contradicted:
        parts.append(
            ngettext(
                "%(count)s figure is contradicted by what stands beside it.",
                "%(count)s figures are contradicted by what stands beside them.",
                contradicted,
            )
            % {"count": contradicted}
        )
    return " ".join(parts)


def _headline(indicator: IndicatorRow, line: IndicatorLine, language: f.Language) -> str:
    period, value = within(line.newest.period, language), line.newest.value
    words = {"indicator": indicator.name, "period": period, "value": value}
    if line.rank == f.MISSING or line.among == "1":
        return _("%(indicator)s, %(period)s: %(value)s.") % words
    ranked = words | {"rank": line.rank, "count": line.among}
    return _("%(indicator)s, %(period)s: %(value)s, rank %(rank)s of %(count)s.") % ranked


def _profile(
    card: queries.ProvinceCard, lines: Sequence[tuple[IndicatorRow, IndicatorLine]], language: f.Language
) -> dict[str, Any]:
    """Where the figures of the tables below stand, as far as at least ten provinces are ranked there, and the
    same as a table. Empty where there is none."""
    newest = [
        (row, line.place, line.group)
        for row, line in lines
        if line.place and line.place.percentile is not None
        if line.group and line.group.reporting >= _ENOUGH
    ]
    dots = [_dot(*one, language) for one in newest]
    dots.sort(key=lambda dot: -dot.percentile)
    if not dots:
        return {}
    figure = Figure(
        name="profile",
        title=_("%(province)s among the provinces") % {"province": card.province.name},
        data=profile_figure(
            dots,
            language=language,
            axis_title=_("percentile: share of the others at or below it"),
            halves=(_("lower half"), _("upper half")),
        ),
        sentence=_profile_sentence(card, dots),
        source=_(
            "Each dot is the newest period of its indicator; rank and period stand in the tables below."
        ),
        height=f"lines-{min(24, max(2, len(dots)))}",
        simulated=any(place.simulated for _row, place, _group in newest),
        api=api_series([row.code for row, _place, _group in newest], [card.province.slug]),
    )
    told = sorted(newest, key=lambda one: -(one[1].percentile or 0.0))
    return {
        "profile": figure,
        "profile_rows": [_profile_row(*one, language) for one in told],
    }


def _profile_row(indicator: IndicatorRow, place: Place, group: Slice, language: f.Language) -> dict[str, Any]:
    return {
        "name": indicator.name,
        "period": period_name(place.period, language),
        "percentile": f.number(place.percentile, language, 0),
        "rank": f.rank(place.rank, place.rank_from, place.rank_to),
        "among": group.reporting,
    }


def _profile_sentence(card: queries.ProvinceCard, dots: Sequence[Dot]) -> str:
    return _(
        "%(province)s is in the upper half in %(upper)s of %(all)s indicators that at least ten provinces "
        "report; furthest ahead in “%(best)s”, furthest behind in “%(worst)s”."
    ) % {
        "province": card.province.name,
        "upper": sum(dot.percentile >= 50 for dot in dots),
        "all": len(dots),
        "best": dots[0].name,
        "worst": dots[-1].name,
    }


def _dot(indicator: IndicatorRow, place: Place, group: Slice, language: f.Language) -> Dot:
    rank = f.rank(place.rank, place.rank_from, place.rank_to)
    words = _("rank %(rank)s of %(count)s") % {"rank": rank, "count": group.reporting}
    hover = f"{indicator.name}, {in_period(place.period, language)}: {words}"
    return Dot(indicator.name, float(place.percentile or 0.0), hover)


def _trend(
    card: queries.ProvinceCard,
    indicators: Mapping[str, IndicatorRow],
    availability: Availability,
    language: f.Language,
) -> TrendPart | None:
    """The DTI of the province beside those it came from or went into; None where nobody has one."""
    best = availability.best(DEFAULT_INDICATOR)
    if best is None:
        return None
    return province_trends(
        indicators[DEFAULT_INDICATOR],
        [card.province.slug],
        [*card.predecessors, *card.successors],
        availability,
        best.period,
        language,
    )

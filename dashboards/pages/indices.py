"""The pages of composite indices: what there is, and the league table of one with its parts taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from dashboards import formatting as f
from dashboards.figures import drawn
from dashboards.pages.controls import geography_labels
from dashboards.pages.index_parts import PartLine, moves, part_lines
from dashboards.queries import indices as queries
from dashboards.queries.indices import Score, ScoredSlice, Version
from dashboards.questions import (
    GEOGRAPHY,
    PERIOD,
    PROVINCES,
    BadQuestion,
    Parameters,
    in_period,
    one,
    period_name,
)
from dashboards.rows import Choice
from provinces.vietnamese import sort_key


@dataclass(frozen=True)
class VersionLine:
    """One version in words. ``why_not`` says why nothing can be computed with it."""

    version: str
    legal_basis: str
    validity: str
    inferred: bool
    note: str
    why_not: str
    parts: tuple[PartLine, ...]


@dataclass(frozen=True)
class LeagueLine:
    """One province: ``stable`` is where nine in ten draws of weights put it, 0–100 along all ranks."""

    slug: str
    name: str
    rank: str
    score: str
    bar: drawn.CellBar | None
    published: str
    change: str
    stable: str
    stable_bar: drawn.CellBar | None
    missing: str
    chosen: bool
    address: str


def index_list(language: f.Language) -> dict[str, Any]:
    """Every index with its versions, and where it is computed."""
    versions = queries.versions()
    scored = queries.slices(version.key for version in versions)
    listed = []
    for code, found in groupby(versions, key=lambda version: version.code):
        own = list(found)
        keys = {version.key for version in own}
        newest = default_slice([one for one in scored if one.version in keys])
        listed.append(
            {
                "code": code,
                "name": own[-1].name,
                "versions": [_version_line(version, language) for version in own],
                "newest": _slice_words(newest, language) if newest else "",
            }
        )
    return {"indices": listed}


def index_page(
    versions: Sequence[Version], parameters: Parameters, address: str, language: f.Language
) -> dict[str, Any]:
    """BadQuestion where the period, the set of provinces or the picked province has no score here."""
    by_key = {version.key: version for version in versions}
    scored = queries.slices(by_key)
    context: dict[str, Any] = {
        "name": versions[-1].name,
        "code": versions[-1].code,
        "total": versions[-1].total,
        "versions": [_version_line(version, language) for version in reversed(versions)],
    }
    chosen = _chosen(scored, parameters, language)
    if chosen is None:
        return context
    version, scores = by_key[chosen.version], queries.league(chosen)
    picked = _picked(scores, one(parameters, PROVINCES))
    question = _Question(address, chosen, picked.province.slug if one(parameters, PROVINCES) else "")
    complete = [score for score in scores if score.score is not None]
    return context | {
        "period": period_name(chosen.period, language),
        "in_period": in_period(chosen.period, language),
        "geography": geography_labels()[chosen.geography],
        "version": _version_line(version, language),
        "league": [_league_line(score, scores, version, question, picked, language) for score in complete],
        "unscored": [
            _league_line(score, scores, version, question, picked, language)
            for score in scores
            if score.score is None
        ],
        "sentence": _sentence(version, complete, scores, language),
        "picked": picked,
        "picked_score": f.number(picked.score, language, version.decimals),
        "parts": part_lines(version, picked, language),
        "moves": moves(version, picked, language),
        "before": in_period(previous, language) if (previous := chosen.period.previous()) else "",
        "periods": _period_choices(scored, chosen, question, language),
        "geographies": _geography_choices(scored, chosen, question),
        "provinces": sorted(
            ((score.province.name, score.province.slug) for score in scores), key=lambda one: sort_key(one[0])
        ),
        "question": question,
        "computed_at": max(score.computed_at for score in scores),
    }


@dataclass(frozen=True)
class _Question:
    """The address of the page with one thing changed."""

    address: str
    chosen: ScoredSlice
    province: str

    def with_(self, *, period: str = "", geography: str = "", province: str = "") -> str:
        pairs = [(PERIOD, period or self.chosen.period.code), (GEOGRAPHY, geography or self.chosen.geography)]
        if province or self.province:
            pairs.append((PROVINCES, province or self.province))
        return f"{self.address}?{urlencode(pairs)}"


def default_slice(scored: Sequence[ScoredSlice]) -> ScoredSlice | None:
    """The newest with at least half as many complete provinces as the fullest; ``scored`` newest first."""
    most = max((one.complete for one in scored), default=0)
    usual = [one for one in scored if one.complete and 2 * one.complete >= most]
    return next(iter(usual or scored), None)


def _chosen(
    scored: Sequence[ScoredSlice], parameters: Parameters, language: f.Language
) -> ScoredSlice | None:
    period, geography = one(parameters, PERIOD), one(parameters, GEOGRAPHY)
    if period and not any(one.period.code == period for one in scored):
        codes = {one.period.code: period_name(one.period, language) for one in scored}
        raise BadQuestion(PERIOD, period, (Choice(code, label) for code, label in codes.items()))
    found = [one for one in scored if one.period.code == period] if period else list(scored)
    if geography and not any(one.geography == geography for one in found):
        raise BadQuestion(GEOGRAPHY, geography, _geographies_of(found))
    return default_slice([one for one in found if geography in ("", one.geography)])


def _geographies_of(found: Sequence[ScoredSlice]) -> list[Choice]:
    labels = geography_labels()
    return [Choice(code, labels[code]) for code in dict.fromkeys(one.geography for one in found)]


def _picked(scores: Sequence[Score], slug: str) -> Score:
    """The province asked for; the first of the league where none is."""
    found = next((score for score in scores if not slug or score.province.slug == slug), None)
    if found is None:
        raise BadQuestion(
            PROVINCES, slug, (Choice(score.province.slug, score.province.name) for score in scores)
        )
    return found


def _league_line(
    score: Score,
    scores: Sequence[Score],
    version: Version,
    question: _Question,
    picked: Score,
    language: f.Language,
) -> LeagueLine:
    low, high = score.rank_p5, score.rank_p95
    ranks = drawn.Scale(1.0, float(max(score.rank_of, 2)))
    names = {component.code: component.name for component in version.components if not component.depth}
    missing = [name for code, name in names.items() if score.parts.get(code, {}).get("contribution") is None]
    return LeagueLine(
        slug=score.province.slug,
        name=score.province.name,
        rank=f.rank(score.rank, None, None),
        score=f.number(score.score, language, version.decimals),
        bar=drawn.cell_bar(score.score, drawn.Scale(0.0, version.scale)) if score.score is not None else None,
        published=f.number(score.published, language, version.decimals),
        change=f.change(score.change, "score", language, version.decimals),
        stable=f.rank(low, low, high),
        stable_bar=drawn.cell_bar(
            score.rank or 1, ranks, lower=float(low), upper=float(high), median=score.rank
        )
        if low and high
        else None,
        missing=", ".join(missing),
        chosen=score is picked,
        address=question.with_(province=score.province.slug),
    )


def _sentence(
    version: Version, complete: Sequence[Score], scores: Sequence[Score], language: f.Language
) -> str:
    """Who leads, how firm that is, and of how many provinces no score can be computed."""
    words: list[str] = []
    if not complete:
        words.append(_("No province has all components that carry weight, so no score is computed."))
    else:
        first = complete[0]
        words.append(
            _("%(first)s leads %(count)s provinces with %(score)s.")
            % {
                "first": first.province.name,
                "count": len(complete),
                "score": f.number(first.score, language, version.decimals),
            }
        )
        firm = sum(score.rank_p5 == score.rank_p95 for score in complete)
        words.append(
            _("%(firm)s of the %(count)s ranks stay the same in nine of ten draws of other weights.")
            % {"firm": firm, "count": len(complete)}
        )
    if len(scores) > len(complete):
        words.append(
            _("Of %(count)s provinces a component is missing: their total is published, not computed.")
            % {"count": len(scores) - len(complete)}
        )
    return " ".join(words)


def _version_line(version: Version, language: f.Language) -> VersionLine:
    why = ""
    if not version.computable:
        missing = [part.name for part in version.components if part.weight is None]
        why = _("Cannot be computed: the weights of %(components)s are not published.") % {
            "components": ", ".join(missing)
        }
    return VersionLine(
        version=version.version,
        legal_basis=version.legal_basis,
        validity=_validity(version, language),
        inferred=version.inferred,
        note=version.note,
        why_not=why,
        parts=tuple(part_lines(version, None, language)),
    )


def _validity(version: Version, language: f.Language) -> str:
    first, last = (f.day(day, language) for day in (version.valid_from, version.valid_to))
    return f"{first} – {last}" if version.valid_to else _("since %(day)s") % {"day": first}


def _slice_words(scored: ScoredSlice, language: f.Language) -> str:
    words = {"period": period_name(scored.period, language), "count": scored.complete, "all": scored.rows}
    return _("%(period)s: %(count)s of %(all)s provinces have a computed score") % words


def _period_choices(
    scored: Sequence[ScoredSlice], chosen: ScoredSlice, question: _Question, language: f.Language
) -> list[dict[str, object]]:
    best: dict[str, ScoredSlice] = {}
    for row in scored:
        known = best.get(row.period.code)
        if known is None or row.complete > known.complete:
            best[row.period.code] = row
    return [
        {
            "label": period_name(row.period, language),
            "detail": f"{row.complete}/{row.rows}",
            "address": question.with_(period=code, geography=row.geography),
            "current": row.period == chosen.period,
        }
        for code, row in best.items()
    ]


def _geography_choices(
    scored: Sequence[ScoredSlice], chosen: ScoredSlice, question: _Question
) -> list[Mapping[str, object]]:
    here = {row.geography for row in scored if row.period == chosen.period}
    return [
        {
            "label": label,
            "address": question.with_(geography=code) if code in here else "",
            "current": code == chosen.geography,
        }
        for code, label in geography_labels().items()
    ]

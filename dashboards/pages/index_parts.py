"""A score of a composite index taken apart: what each component gave, and what moved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards import formatting as f
from dashboards.figures import drawn
from dashboards.queries.indices import Component, Score, Version
from dashboards.questions import in_period


@dataclass(frozen=True)
class PartLine:
    """One component: its weight, the province's value, what it gives of what it could give."""

    name: str
    indicator: str
    depth: int
    weight: str
    value: str
    given: str
    most: str
    bar: drawn.CellBar | None


@dataclass(frozen=True)
class MoveLine:
    """What one component moved the score by; numbers are rounded so that a column adds up as printed."""

    name: str
    by_value: str
    by_weight: str
    together: str
    bar: drawn.CellBar
    falls: bool


@dataclass(frozen=True)
class Moves:
    lines: tuple[MoveLine, ...]
    by_value: str
    by_weight: str
    change: str
    weights_moved: bool


def part_lines(version: Version, score: Score | None, language: f.Language) -> list[PartLine]:
    """The tree in its order. Without a score the weights alone."""
    most = _most(version)
    full = drawn.Scale(0.0, 1.0)
    lines = []
    for component in version.components:
        part = score.parts.get(component.code, {}) if score else {}
        given, best = part.get("contribution"), most.get(component.code)
        lines.append(
            PartLine(
                name=component.name,
                indicator=component.indicator,
                depth=component.depth,
                weight=_weight(component, language),
                value=f.number(part.get("value"), language, version.decimals),
                given=f.number(given, language, version.decimals),
                most=f.number(best, language, version.decimals),
                bar=drawn.cell_bar(given / best, full) if given is not None and best else None,
            )
        )
    return lines


def moves(version: Version, score: Score, language: f.Language) -> Moves | None:
    """What the change since the period before is made of; None where there is none to compare with."""
    if score.change is None or not score.change_parts:
        return None
    names = {component.code: component.name for component in version.components}
    codes = list(score.change_parts)
    columns = [[score.change_parts[code][kind] for code in codes] for kind in ("by_value", "by_weight")]
    rounded = adding_up([*columns[0], *columns[1]], score.change, version.decimals)
    by_value, by_weight = rounded[: len(codes)], rounded[len(codes) :]
    together = [one + other for one, other in zip(by_value, by_weight, strict=True)]
    scale = drawn.Scale(0.0, max((abs(number) for number in together), default=0.0))

    def signed(number: float) -> str:
        return f.change(number, "score", language, version.decimals)

    lines = [
        MoveLine(
            names.get(code, code),
            signed(value),
            signed(weight),
            signed(both),
            drawn.cell_bar(abs(both), scale),
            both < 0,
        )
        for code, value, weight, both in zip(codes, by_value, by_weight, together, strict=True)
    ]
    return Moves(
        tuple(lines),
        signed(sum(by_value)),
        signed(sum(by_weight)),
        signed(score.change),
        any(columns[1]),
    )


@dataclass(frozen=True)
class Split:
    """One index of a province: its newest score that has all components, taken apart."""

    code: str
    name: str
    period: str
    period_code: str
    geography: str
    score: str
    rank: str
    among: int
    stable: str
    inferred: bool
    parts: tuple[PartLine, ...]
    moves: Moves | None
    published: str


def split_scores(versions: Sequence[Version], scores: Sequence[Score], language: f.Language) -> list[Split]:
    """``scores`` oldest first, the answer in the order of ``versions``. An index without a complete score is
    left out."""
    by_key = {version.key: version for version in versions}
    newest: dict[str, Score] = {}
    for score in scores:
        if score.score is None or score.version not in by_key:
            continue
        code = by_key[score.version].code
        known = newest.get(code)
        if known is None or score.period != known.period or score.rank_of > known.rank_of:
            newest[code] = score
    order = list(by_key)
    found = sorted(newest.values(), key=lambda score: order.index(score.version))
    return [_split(by_key[score.version], score, language) for score in found]


def _split(version: Version, score: Score, language: f.Language) -> Split:
    return Split(
        code=version.code,
        name=version.name,
        period=in_period(score.period, language),
        period_code=score.period.code,
        geography=score.geography,
        score=f.number(score.score, language, version.decimals),
        rank=f.rank(score.rank, None, None),
        among=score.rank_of,
        stable=f.rank(score.rank_p5, score.rank_p5, score.rank_p95),
        inferred=version.inferred,
        parts=tuple(part_lines(version, score, language)),
        moves=moves(version, score, language),
        published=f.number(score.published, language, version.decimals),
    )


def adding_up(numbers: Sequence[float], total: float, decimals: int) -> list[float]:
    """Rounded so that the rounded numbers add up to the rounded total: those that rounding moved most give
    way (largest remainder)."""
    unit = 10.0**-decimals
    floors = [int(number // unit) for number in numbers]
    over = round(total / unit) - sum(floors)
    ranked = sorted(range(len(numbers)), key=lambda at: numbers[at] / unit - floors[at], reverse=True)
    for at in ranked[: max(0, over)]:
        floors[at] += 1
    return [round(count * unit, decimals) for count in floors]


def _most(version: Version) -> dict[str, float]:
    """What each node gives at best, in points of the score; empty while a weight is not published."""
    if not version.computable:
        return {}
    found: dict[str, float] = {}
    above: list[float] = [version.scale]
    for place, component in enumerate(version.components):
        del above[component.depth + 1 :]
        total = sum(_siblings(version.components, place))
        share = (component.weight or 0.0) / total if total else 0.0
        found[component.code] = above[component.depth] * share
        above.append(found[component.code])
    return found


def _siblings(components: Sequence[Component], place: int) -> list[float]:
    """The weights of the nodes under the same parent, its own included."""
    depth = components[place].depth
    first = place
    while first and components[first - 1].depth >= depth:
        first -= 1
    weights = []
    for component in components[first:]:
        if component.depth < depth:
            break
        if component.depth == depth:
            weights.append(component.weight or 0.0)
    return weights


def _weight(component: Component, language: f.Language) -> str:
    return f.number(component.weight, language, 0 if (component.weight or 0) % 1 == 0 else 2)

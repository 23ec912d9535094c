"""Figures of provinces that merged, beside the cell of the one that they became.

The rules are those of restatement (indicators.core.restatement), on single figures as stated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from indicators.core.restatement import Content


class Together(StrEnum):
    """What the figures of all predecessors together say, or why they say nothing."""

    SUM = "sum"
    RECOMPUTED = "recomputed"
    INCOMPLETE = "incomplete"
    DIVIDED = "divided"
    COUNTS_MISSING = "counts_missing"
    NOT_ADDABLE = "not_addable"


@dataclass(frozen=True, slots=True)
class Figure:
    """One predecessor's figure; a ratio has its counts where they are known. ``exact`` means: without words
    such as "trên"."""

    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Sum:
    how: Together
    value: Decimal | None = None
    exact: bool = True


def together(
    content: Content, figures: Sequence[Figure | None], *, divided: bool = False, decimals: int = 2
) -> Sum:
    """Counts are summed, a ratio is recomputed from its summed counts (rounded half up to ``decimals``);
    anything else cannot be added. Never of fewer than all, nor where a predecessor went to several."""
    present = [figure for figure in figures if figure is not None]
    if content is Content.OTHER:
        return Sum(Together.NOT_ADDABLE)
    if divided:
        return Sum(Together.DIVIDED)
    if not present or len(present) < len(figures):
        return Sum(Together.INCOMPLETE)
    exact = all(figure.exact for figure in present)
    if content is Content.COUNT:
        return Sum(Together.SUM, sum((figure.value for figure in present), Decimal(0)), exact)
    numerators = [figure.numerator for figure in present if figure.numerator is not None]
    denominators = [figure.denominator for figure in present if figure.denominator]
    if not len(numerators) == len(denominators) == len(present):
        return Sum(Together.COUNTS_MISSING)
    share = 100 * sum(numerators, Decimal(0)) / sum(denominators, Decimal(0))
    return Sum(Together.RECOMPUTED, share.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))

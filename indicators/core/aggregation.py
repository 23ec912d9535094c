"""The whole of what is computed for a group of provinces, in one place to import from.

Statistics of a slice: `statistics`; what is said of one province in it: `ranking`; over time: `trend`.
"""

from indicators.core.arrays import FloatArray, IntArray
from indicators.core.ranking import (
    Direction,
    Directions,
    Standings,
    differences_to_best,
    differences_to_median,
    percentiles,
    quartiles,
    rank_bounds,
    ranks,
    signs,
    standings,
)
from indicators.core.statistics import Summary, summarise
from indicators.core.trend import (
    Trend,
    change,
    distance_to_target,
    relative_change,
    trend_signs,
    trend_verdict,
)

__all__ = [
    "Direction",
    "Directions",
    "FloatArray",
    "IntArray",
    "Standings",
    "Summary",
    "Trend",
    "change",
    "differences_to_best",
    "differences_to_median",
    "distance_to_target",
    "percentiles",
    "quartiles",
    "rank_bounds",
    "ranks",
    "relative_change",
    "signs",
    "standings",
    "summarise",
    "trend_signs",
    "trend_verdict",
]

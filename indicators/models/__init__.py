from indicators.models.catalogue import Category, Dimension, Indicator, IndicatorLink, Pillar, SeriesBreak
from indicators.models.composite import CompositeIndex, IndexComponent, IndexScore
from indicators.models.computed import (
    Aggregate,
    Contradiction,
    PendingRecompute,
    RecomputeRun,
    RestatementReason,
    Standing,
    TargetVerdict,
    WorkerHeartbeat,
)
from indicators.models.facts import (
    Confidence,
    MissingReason,
    Observation,
    Period,
    Publication,
    Qualifier,
    Source,
    Status,
    Target,
)
from indicators.models.history import ReferenceChange, ReferenceVersion
from indicators.models.rebuilding import RebuildChunk

__all__ = [
    "Aggregate", "Category", "CompositeIndex", "Confidence", "Contradiction", "Dimension", "IndexComponent",
    "IndexScore", "Indicator", "IndicatorLink", "MissingReason", "Observation", "PendingRecompute", "Period",
    "Pillar", "Publication", "Qualifier", "RebuildChunk", "RecomputeRun",
    "ReferenceChange", "ReferenceVersion", "RestatementReason", "SeriesBreak", "Source",
    "Standing", "Status", "Target", "TargetVerdict", "WorkerHeartbeat",
]  # fmt: skip

"""What a resource looks like as a cube: its dimensions, its measures, and what a cell's status is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api import labels
from api.labels import Label, Labels


@dataclass(frozen=True)
class Dimension:
    """``column`` holds its codes; ``role`` is ``geo``, ``time``, ``metric`` or nothing."""

    column: str
    label: Label
    labels: Callable[[], Labels]
    role: str = ""


@dataclass(frozen=True)
class Cube:
    """``extra`` dimensions are there only where cells would meet otherwise: two sources on one fact. Several
    ``measures`` are a dimension of their own. The first column of ``status`` that says something is the
    status of a cell."""

    name: Label
    dimensions: tuple[Dimension, ...]
    extra: tuple[Dimension, ...]
    measures: tuple[str, ...]
    status: tuple[str, ...]


_PROVINCE = Dimension("province", Label("Tỉnh, thành phố", "Province"), labels.provinces, "geo")
_INDICATOR = Dimension("indicator", Label("Chỉ tiêu", "Indicator"), labels.indicators, "metric")
_PERIOD = Dimension("period", Label("Kỳ", "Period"), labels.periods, "time")
_CATEGORY = Dimension("category", Label("Phân tổ", "Category"), labels.categories)
_GEOGRAPHY = Dimension("geography", Label("Bộ địa giới", "Geography"), labels.geographies)
_GROUP = Dimension("group", Label("Nhóm", "Group"), labels.groups)
_SOURCE = Dimension("source", Label("Nguồn", "Source"), labels.sources)
_SIMULATED = Dimension(
    "simulated",
    Label("Mô phỏng", "Simulated"),
    lambda: {"false": Label("Số liệu thật", "Real"), "true": Label("Mô phỏng", "Simulated")},
)

OBSERVATIONS = Cube(
    name=Label("Số liệu đã công bố", "Published facts"),
    dimensions=(_PROVINCE, _INDICATOR, _PERIOD, _CATEGORY),
    extra=(_SOURCE, _SIMULATED),
    measures=("value",),
    status=("missing_reason", "status"),
)
AGGREGATES = Cube(
    name=Label("Số liệu theo nhóm tỉnh", "Figures of groups"),
    dimensions=(_INDICATOR, _PERIOD, _CATEGORY, _GEOGRAPHY, _GROUP),
    extra=(_SIMULATED,),
    measures=(
        *("reporting", "expected", "coverage", "sum", "ratio_of_sums", "mean", "median", "q1", "q3"),
        *("minimum", "maximum", "standard_deviation"),
    ),
    status=(),
)
STANDINGS = Cube(
    name=Label("Thứ hạng và khoảng cách", "Standings"),
    dimensions=(_PROVINCE, _INDICATOR, _PERIOD, _CATEGORY, _GEOGRAPHY, _GROUP),
    extra=(_SIMULATED,),
    measures=(
        *("value", "lower", "upper", "rank", "rank_from", "rank_to", "percentile", "quartile"),
        *("difference_to_median", "difference_to_best", "change_previous", "change_year"),
        "distance_to_target",
    ),
    status=("missing_reason",),
)

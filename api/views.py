"""The resources of the API. Each view names what it selects; how it is answered stands in ``api.base``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponseBase
from django.utils import timezone

from api import (
    cubes,
    figure_columns,
    figure_filters,
    index_columns,
    reference_columns,
    reference_filters,
    restated_columns,
)
from api.base import DetailResource, ListResource
from api.formats import JsonStat, Ndjson, SdmxCsv
from api.generations import Slice
from api.models import DataChange
from api.questions import Question
from api.written import mostly_written, row_text
from indicators.core.engine import NATION
from indicators.models import (
    Aggregate,
    CompositeIndex,
    Contradiction,
    IndexScore,
    Indicator,
    Observation,
    Period,
    RecomputeRun,
    Source,
    Standing,
    TargetVerdict,
)
from indicators.services.judging import targets_judged
from provinces.models import BoundaryChange, Geography, Province

_REFERENCE = frozenset({DataChange.Kind.REFERENCE})
_FACTS = frozenset({DataChange.Kind.FACTS})
_COMPUTED = frozenset({DataChange.Kind.COMPUTED})


class Provinces(ListResource):
    row, rows, columns = "Province", "provinces", reference_columns.PROVINCE
    made_of = _REFERENCE
    filterset_class = reference_filters.ProvinceFilter
    about = "Provinces in their time. Each with its predecessors and successors; all 86 unless filtered."

    def queryset(self) -> QuerySet[Any]:
        return Province.objects.order_by("sort_key", F("valid_from").asc(nulls_first=True))

    def state(self) -> str:
        return str(timezone.localdate())  # a province may be of another kind tomorrow


class OneProvince(DetailResource):
    row, rows, columns = "ProvinceDetail", "provinces", reference_columns.PROVINCE_DETAIL
    made_of = _REFERENCE
    filterset_class = reference_filters.OneFilter
    key = "slug"
    about = "One province. With its designations and populations."

    def queryset(self) -> QuerySet[Any]:
        return reference_filters.with_kind(Province.objects.all())

    def state(self) -> str:
        return str(timezone.localdate())


class Geographies(ListResource):
    row, rows, columns = "Geography", "geographies", reference_columns.GEOGRAPHY
    made_of = _REFERENCE
    filterset_class = reference_filters.PlainFilter
    about = "Geographies. The sets of provinces, each with the days on which it is valid."

    def queryset(self) -> QuerySet[Any]:
        return Geography.objects.all()


class BoundaryChanges(ListResource):
    row, rows, columns = "BoundaryChange", "boundary-changes", reference_columns.BOUNDARY_CHANGE
    made_of = _REFERENCE
    filterset_class = reference_filters.PlainFilter
    about = "Boundary changes. How one set of provinces became the next, edge by edge."

    def queryset(self) -> QuerySet[Any]:
        return BoundaryChange.objects.all()


class Indicators(ListResource):
    row, rows, columns = "Indicator", "indicators", reference_columns.INDICATOR
    made_of = _REFERENCE
    filterset_class = reference_filters.IndicatorFilter
    about = "Indicators. Definitions with their pillars, breakdowns and the definitions before and after."

    def queryset(self) -> QuerySet[Any]:
        return Indicator.objects.all()


class OneIndicator(DetailResource):
    row, rows, columns = "Indicator", "indicators", reference_columns.INDICATOR
    made_of = _REFERENCE
    filterset_class = reference_filters.OneFilter
    key = "code"
    about = "One indicator. Its definition, and the definitions before and after."

    def queryset(self) -> QuerySet[Any]:
        return Indicator.objects.all()


class Periods(ListResource):
    row, rows, columns = "Period", "periods", reference_columns.PERIOD
    made_of = _FACTS | {DataChange.Kind.PERIODS}
    filterset_class = reference_filters.PeriodFilter
    about = "Periods that have figures. Both days belong to the period."

    def queryset(self) -> QuerySet[Any]:
        return Period.objects.order_by(F("end").desc(), "start")


class Observations(ListResource):
    row, rows, columns = "Observation", "observations", restated_columns.OBSERVATION
    renderer_classes = [*ListResource.renderer_classes, JsonStat, SdmxCsv]
    cube = cubes.OBSERVATIONS
    made_of = _FACTS
    filterset_class = figure_filters.ObservationFilter
    about = (
        "Published facts. One row is what one source says of a province, an indicator, a period and a "
        "category; numbers have the digits they were stated with. Where sources disagree each has its row. "
        "In the order of publishing. With `geography=63` or `34` one figure a fact in the provinces of that "
        "geography, restated where they merged."
    )

    def queryset(self) -> QuerySet[Any]:
        return Observation.objects.all()

    def read(self) -> Question:
        asked = super().read()
        if asked.filters.values["geography"] is None:
            # The past has names and facts of its own.
            asked.text = None if asked.filters.values["as_of"] else row_text()
            return asked
        standings = Standing.objects.filter(group=NATION)
        filters = figure_filters.RestatedFilter.read(self.request.query_params, standings)
        return Question(filters, restated_columns.RESTATED)

    def copied(self, queryset: QuerySet[Any], whole: bool = False) -> HttpResponseBase:
        if whole and self._reads_written() and not mostly_written():
            self.text = None
        return super().copied(queryset, whole)

    def _reads_written(self) -> bool:
        asked = self.request
        return asked.method == "GET" and asked.accepted_renderer.format == Ndjson.format

    def slice(self) -> Slice:
        """A restated figure follows from those of other provinces, a quarter from those of other periods."""
        values = self.filters.values
        return super().slice() if values["geography"] is None else Slice.of(_FACTS | _COMPUTED, {})


class Changes(ListResource):
    row, rows, columns = "Change", "changes", figure_columns.CHANGE
    made_of = _FACTS
    filterset_class = figure_filters.ChangeFilter
    about = (
        "Change feed. What was recorded, corrected or withdrawn, in the order in which it became visible, "
        "without gaps. Ask with `after` = the last `id` you have; `next` is null when you have everything."
    )

    def queryset(self) -> QuerySet[Any]:
        return Observation.objects.all()


class Aggregates(ListResource):
    row, rows, columns = "Aggregate", "aggregates", figure_columns.AGGREGATE
    renderer_classes = [*ListResource.renderer_classes, JsonStat]
    cube = cubes.AGGREGATES
    made_of = _COMPUTED
    filterset_class = figure_filters.AggregateFilter
    about = "Group figures. Computed over a group of provinces for an indicator, a period and a category."

    def queryset(self) -> QuerySet[Any]:
        return Aggregate.objects.all()


class Standings(ListResource):
    row, rows, columns = "Standing", "standings", figure_columns.STANDING
    renderer_classes = [*ListResource.renderer_classes, JsonStat]
    cube = cubes.STANDINGS
    made_of = _COMPUTED
    filterset_class = figure_filters.StandingFilter
    about = "Standings. Rank, percentile and distances of a province within a group."

    def queryset(self) -> QuerySet[Any]:
        return Standing.objects.all()


class Indices(ListResource):
    row, rows, columns = "Index", "indices", index_columns.INDEX
    filterset_class = reference_filters.PlainFilter
    made_of = _REFERENCE
    about = "Composite indices. A row for each version, with its components and their weights."

    def queryset(self) -> QuerySet[Any]:
        return CompositeIndex.objects.order_by("code", F("valid_from").asc(nulls_first=True))


class IndexScores(ListResource):
    row, rows, columns = "IndexScore", "index-scores", index_columns.SCORE
    filterset_class = figure_filters.ScoreFilter
    made_of = _COMPUTED
    key_of = CompositeIndex
    about = "Scores of an index. Each with its parts as a tree, what moved it, and how firm its rank is."

    def queryset(self) -> QuerySet[Any]:
        code = self.kwargs["code"]
        if not CompositeIndex.objects.filter(code=code).exists():
            raise Http404
        scores = IndexScore.objects.of_index(code)
        return scores.order_by(
            "-period__end",
            "period__start",
            "-geography__code",
            F("rank").asc(nulls_last=True),
            "province__sort_key",
        )


class Sources(ListResource):
    row, rows, columns = "Source", "sources", reference_columns.SOURCE
    made_of = frozenset({DataChange.Kind.SOURCES})
    filterset_class = reference_filters.SourceFilter
    about = "Sources. The documents that figures were read in."

    def queryset(self) -> QuerySet[Any]:
        return Source.objects.order_by("-published", "title", "pk")


class Targets(ListResource):
    row, rows, columns = "Target", "targets", figure_columns.TARGET
    made_of = _FACTS | {DataChange.Kind.TARGETS}
    filterset_class = figure_filters.TargetFilter
    passing = True
    about = (
        "Targets. What a province is to reach by when, what became of it by today, and the figure that it is "
        "held against. A target for all provinces has a row for each."
    )

    def queryset(self) -> QuerySet[Any]:
        return TargetVerdict.objects.order_by("pk")

    def state(self) -> str:
        return str(timezone.localdate())

    def tables(self, values: dict[str, Any]) -> AbstractContextManager[None]:
        return targets_judged(timezone.localdate())


class Contradictions(ListResource):
    row, rows, columns = "Contradiction", "contradictions", figure_columns.CONTRADICTION
    made_of = _FACTS
    filterset_class = figure_filters.ContradictionFilter
    about = "Contradictions. Published figures that their own counts, parts or neighbours contradict."

    def queryset(self) -> QuerySet[Any]:
        return Contradiction.objects.filter(observation__superseded_at=None)


class RecomputeRuns(ListResource):
    row, rows, columns = "RecomputeRun", "recompute-runs", figure_columns.RECOMPUTE_RUN
    made_of = frozenset({DataChange.Kind.RUNS})
    filterset_class = reference_filters.PlainFilter
    about = "Recomputations. When aggregates were last computed, because of what, and how long it took."

    def queryset(self) -> QuerySet[Any]:
        return RecomputeRun.objects.order_by("-started_at", "-pk")

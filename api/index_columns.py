"""The columns of composite indices and their scores."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, JSONField, OuterRef, Value
from django.db.models.functions import JSONObject

from api.columns import Column, Type
from api.common_columns import lifetime, names, notes, period
from indicators.models import CompositeIndex, IndexComponent

CODE, TEXT, INSTANT, NUMBER = Type.CODE, Type.TEXT, Type.INSTANT, Type.NUMBER
INTEGER, BOOLEAN, OBJECTS = Type.INTEGER, Type.BOOLEAN, Type.OBJECTS
_STRING, _CODE = {"type": "string"}, {"type": ["string", "null"]}
_NUMBER = {"type": ["number", "null"]}

_COMPONENTS = ArraySubquery(
    IndexComponent.objects.filter(index=OuterRef("pk"))
    .order_by("position", "code")
    .values(
        json=JSONObject(
            code="code", parent="parent__code", name_vi="name_vi", name_en="name_en", weight="weight",
            rule="rule", indicator="indicator__code", lowest="lowest", highest="highest",
        )
    )
)  # fmt: skip
_WEIGHTS = tuple(CompositeIndex.Weights.values)
INDEX = (
    Column("code", "code", CODE, "Code of the index; its versions share it"),
    Column("version", "version", TEXT, "Decision that sets these weights"),
    *names(),
    Column("legal_basis", "legal_basis", TEXT, "Legal basis"),
    Column("scale", "scale", NUMBER, "Best score"),
    Column("weights", "weights", CODE, "Where the weights come from", words=_WEIGHTS),
    Column("total", "total__code", CODE, "Indicator that holds the totals as published"),
    Column("rounding", "rounding", NUMBER, "What the publisher's rounding may add to a total", nullable=True),
    Column(
        "components",
        _COMPONENTS,
        OBJECTS,
        "Its nodes; weights count among those of one `parent`, null where they are not published",
        properties={
            "code": _STRING, "parent": _CODE, "name_vi": _STRING, "name_en": _STRING, "weight": _NUMBER,
            "rule": {"type": "string", "enum": list(IndexComponent.Rule.values)}, "indicator": _CODE,
            "lowest": _NUMBER, "highest": _NUMBER,
        },
    ),
    *lifetime(),
    *notes(),
)  # fmt: skip


class _OrderedJson(JSONField):
    """PostgreSQL's type json, which keeps the order of members; the driver has read it already."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return value


_PARTS = Func(
    F("index"),
    Value(None),
    F("parts"),
    F("change_parts"),
    function="api_index_parts",
    output_field=_OrderedJson(),
)
SCORE = (
    Column("index", "index__code", CODE, "Code of the index"),
    Column("version", "index__version", TEXT, "The version in force on the last day of the period"),
    Column("weights", "index__weights", CODE, "Where the weights come from", words=_WEIGHTS),
    Column("province", "province__slug", CODE, "Slug of the province"),
    Column("province_code", "province__code", CODE, "Its official code in its time"),
    *period(),
    Column("geography", "geography__code", CODE, "Geography that it is compared in"),
    Column("score", "score", NUMBER, "Computed score; null while a component is missing", nullable=True),
    Column("published", "published", NUMBER, "The total as published", nullable=True),
    Column("complete", "complete", BOOLEAN, "Every component with a weight is there"),
    Column("rank", "rank", INTEGER, "Rank among those that have a score", nullable=True),
    Column("rank_of", "rank_of", INTEGER, "How many have a score"),
    Column(
        "rank_p5", "rank_p5", INTEGER, "Better end of nine in ten ranks, weights varied by ± 25 %",
        nullable=True,
    ),
    Column("rank_p95", "rank_p95", INTEGER, "Worse end of the same", nullable=True),
    Column("change", "change", NUMBER, "Against the period before; null across a break", nullable=True),
    Column(
        "parts",
        _PARTS,
        OBJECTS,
        "What the score is made of, as a tree. `contribution` is in points of the score and adds up to it; "
        "`by_value` and `by_weight` are what moved it, and add up to `change`",
        properties={
            "code": _STRING, "name_vi": _STRING, "name_en": _STRING, "indicator": _CODE, "value": _NUMBER,
            "weight": _NUMBER, "contribution": _NUMBER, "by_value": _NUMBER, "by_weight": _NUMBER,
            "parts": {"type": "array", "items": {"type": "object"}, "description": "Parts of this part"},
        },
    ),
    Column("simulated", "simulated", BOOLEAN, "Made of simulated figures, and of nothing else"),
    Column("computed_at", "computed_at", INSTANT, "When it was computed"),
)  # fmt: skip

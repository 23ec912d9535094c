"""SDMX: published facts as SDMX-CSV 2.0, and the data structure definition that they follow as SDMX-JSON 2.0.

A period that SDMX has no word for (nine months, Decree 09/2019) is its first day and its length in days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, F, Func, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from api import labels
from api.columns import Column, Type
from api.labels import TOTAL, Label, Labels
from api.streams import stream_csv
from indicators.core.calendar_rules import Calendar
from indicators.core.periods import Kind
from indicators.models import MissingReason, Qualifier, Status

AGENCY, STRUCTURE, VERSION = "TINHSO", "FIGURES", "1.0.0"
STRUCTURE_TYPE = "application/vnd.sdmx.structure+json"
STRUCTURE_ID = f"{AGENCY}:{STRUCTURE}({VERSION})"
_SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/"
_INFOMODEL = "urn:sdmx:org.sdmx.infomodel"
_NONE = "_Z"  # not applicable, in the words of SDMX


@dataclass(frozen=True)
class Concept:
    """A column of the data. ``codes`` names its code list, ``kind`` is the data type where there is none."""

    id: str
    source: Any
    label: Label
    codes: str = ""
    kind: str = "String"


class _Days(Func):
    """An ISO 8601 duration from the first day to the last."""

    template = "(%(expressions)s + 1)"
    arg_joiner = " - "
    output_field = CharField()


def _text(path: str) -> Cast:
    return Cast(path, CharField())


_PERIOD = Case(
    When(
        period__calendar=Calendar.CALENDAR,
        period__kind__in=[Kind.YEAR, Kind.QUARTER, Kind.MONTH, Kind.DAY],
        then=F("period__code"),
    ),
    When(
        period__calendar=Calendar.CALENDAR,
        period__kind=Kind.HALF_YEAR,
        then=Replace("period__code", Value("-H"), Value("-S")),
    ),
    default=Concat(
        _text("period__start"),
        Value("/P"),
        Cast(_Days("period__end", "period__start"), CharField()),
        Value("D"),
        output_field=CharField(),
    ),
    output_field=CharField(),
)
_CATEGORY = Case(
    When(category=None, then=Value(TOTAL)),
    default=Concat("category__code", Value("@"), "category__dimension__code", output_field=CharField()),
    output_field=CharField(),
)
DIMENSIONS = (
    Concept("REF_AREA", "province__slug", Label("Tỉnh, thành phố", "Province"), "CL_PROVINCE"),
    Concept("INDICATOR", "indicator__code", Label("Chỉ tiêu", "Indicator"), "CL_INDICATOR"),
    Concept("CATEGORY", _CATEGORY, Label("Phân tổ", "Category"), "CL_CATEGORY"),
    Concept("SOURCE", "source", Label("Nguồn", "Source"), "CL_SOURCE"),
)
TIME = Concept("TIME_PERIOD", _PERIOD, Label("Kỳ", "Period"), kind="ObservationalTimePeriod")
MEASURE = Concept("OBS_VALUE", "value", Label("Giá trị", "Value"), kind="Decimal")
ATTRIBUTES = (
    Concept("OBS_STATUS", "status", Label("Tình trạng", "Status"), "CL_STATUS"),
    Concept("QUALIFIER", "qualifier", Label("Mức chính xác", "Qualifier"), "CL_QUALIFIER"),
    Concept("MISSING_REASON", "missing_reason", Label("Lý do thiếu", "Reason"), "CL_MISSING_REASON"),
    Concept("UNIT_MEASURE", "unit", Label("Đơn vị", "Unit")),
    Concept("NUMERATOR", "numerator", Label("Tử số", "Numerator"), kind="Decimal"),
    Concept("DENOMINATOR", "denominator", Label("Mẫu số", "Denominator"), kind="Decimal"),
    Concept("LOWER", "lower", Label("Cận dưới", "Lower end"), kind="Decimal"),
    Concept("UPPER", "upper", Label("Cận trên", "Upper end"), kind="Decimal"),
    Concept("AS_STATED", "as_stated", Label("Nguyên văn", "As stated")),
    Concept("DERIVED", "derived", Label("Suy ra", "Derived"), kind="Boolean"),
    Concept("RESTATED", "restated", Label("Quy đổi", "Restated"), kind="Boolean"),
    Concept("SIMULATED", "simulated", Label("Mô phỏng", "Simulated"), kind="Boolean"),
    Concept("CONTRADICTIONS", "contradictions", Label("Mâu thuẫn", "Contradictions")),
    Concept("RECORDED_AT", "recorded_at", Label("Ghi nhận lúc", "Recorded at"), kind="StandardTimePeriod"),
    Concept("PERIOD_CODE", "period", Label("Mã kỳ", "Code of the period")),
    Concept("PROVINCE_CODE", "province_code", Label("Mã tỉnh", "Code of the province")),
)
_CODE_LISTS = {
    "CL_PROVINCE": (Label("Tỉnh, thành phố", "Provinces"), labels.provinces),
    "CL_INDICATOR": (Label("Chỉ tiêu", "Indicators"), labels.indicators),
    "CL_CATEGORY": (Label("Phân tổ", "Categories"), labels.categories),
    "CL_SOURCE": (
        Label("Nguồn", "Sources"),
        lambda: {_NONE: Label("Không áp dụng", "Not applicable")} | labels.sources(),
    ),
    "CL_STATUS": (Label("Tình trạng", "Statuses"), labels.words(Status)),
    "CL_QUALIFIER": (Label("Mức chính xác", "Qualifiers"), labels.words(Qualifier)),
    "CL_MISSING_REASON": (Label("Lý do thiếu", "Reasons"), labels.words(MissingReason)),
}


def stream_sdmx_csv(queryset: QuerySet[Any], columns: tuple[Column, ...], *, whole: bool) -> Iterator[bytes]:
    """Every row as SDMX-CSV 2.0. ``columns`` are those of observations."""
    return stream_csv(queryset, _columns({column.name: column for column in columns}), whole=whole, mark=b"")


def _columns(known: dict[str, Column]) -> tuple[Column, ...]:
    """Texts as they are: this is read by programs."""
    said = {"STRUCTURE": "datastructure", "STRUCTURE_ID": STRUCTURE_ID, "ACTION": "I"}
    return (
        *(Column(name, Value(word), Type.CODE, "") for name, word in said.items()),
        *(_column(concept, known) for concept in (*DIMENSIONS, TIME, MEASURE, *ATTRIBUTES)),
    )


def _column(concept: Concept, known: dict[str, Column]) -> Column:
    own = known.get(concept.source) if isinstance(concept.source, str) else None
    if own is None:
        return Column(concept.id, concept.source, Type.CODE, "")
    if concept.id == "SOURCE":  # a dimension, which a computed figure has nothing to say in
        return Column(concept.id, Coalesce(own.source, Value(_NONE), output_field=CharField()), Type.CODE, "")
    return Column(concept.id, own.source, Type.CODE if own.type is Type.TEXT else own.type, "")


def structure(changed: datetime) -> dict[str, Any]:
    """The structure message: code lists, concepts, and the data structure definition that joins them."""
    return {
        "meta": {
            "id": f"{AGENCY}-{STRUCTURE}",
            "schema": f"{_SCHEMA}sdmx-json-structure-schema.json",
            "prepared": changed.isoformat(timespec="seconds"),
            "contentLanguages": ["en", "vi"],
            "test": False,
            "sender": {"id": AGENCY},
        },
        "data": {
            "codelists": [
                {**_maintained(name, label), "codes": _codes(codes())}
                for name, (label, codes) in _CODE_LISTS.items()
            ],
            "conceptSchemes": [
                {
                    **_maintained("CONCEPTS", Label("Khái niệm", "Concepts")),
                    "concepts": [
                        {"id": concept.id, **_named(concept.label)}
                        for concept in (*DIMENSIONS, TIME, MEASURE, *ATTRIBUTES)
                    ],
                }
            ],
            "dataStructures": [
                {
                    **_maintained(STRUCTURE, Label("Số liệu đã công bố", "Published figures")),
                    "dataStructureComponents": _components(),
                }
            ],
        },
    }


def _components() -> dict[str, Any]:
    dimensions = [
        _component(concept) | {"position": place} for place, concept in enumerate(DIMENSIONS, start=1)
    ]
    of_observation = {"attributeRelationship": {"observation": {}}, "usage": "optional"}
    return {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": dimensions,
            "timeDimension": _component(TIME),
        },
        "measureList": {"id": "MeasureDescriptor", "measures": [_component(MEASURE)]},
        "attributeList": {
            "id": "AttributeDescriptor",
            "attributes": [_component(concept) | of_observation for concept in ATTRIBUTES],
        },
    }


def _component(concept: Concept) -> dict[str, Any]:
    listed = f"{_INFOMODEL}.codelist.Codelist={AGENCY}:{concept.codes}({VERSION})"
    return {
        "id": concept.id,
        "conceptIdentity": f"{_INFOMODEL}.conceptscheme.Concept={AGENCY}:CONCEPTS({VERSION}).{concept.id}",
        "localRepresentation": (
            {"enumeration": listed} if concept.codes else {"format": {"dataType": concept.kind}}
        ),
    }


def _codes(codes: Labels) -> list[dict[str, Any]]:
    return [{"id": code, **_named(label)} for code, label in codes.items()]


def _maintained(name: str, label: Label) -> dict[str, Any]:
    return {"id": name, "agencyID": AGENCY, "version": VERSION, **_named(label)}


def _named(label: Label) -> dict[str, Any]:
    return {"name": label.en, "names": {"en": label.en, "vi": label.vi}}

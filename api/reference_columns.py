"""The columns of provinces, definitions, periods and sources: what their rows say, in this order."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from api.columns import Column, Type, blank_as_null
from api.common_columns import lifetime, names, notes, period
from indicators.core.calendar_rules import Calendar
from indicators.core.periods import Kind
from indicators.models import Category, Indicator, IndicatorLink, Pillar, SeriesBreak
from provinces.models import BoundaryChange, Population, ProvinceDesignation, RegionMembership

CODE, TEXT, DATE, BOOLEAN = Type.CODE, Type.TEXT, Type.DATE, Type.BOOLEAN
NUMBER, INTEGER, CODES, OBJECTS = Type.NUMBER, Type.INTEGER, Type.CODES, Type.OBJECTS
_STRING, _DAY = {"type": "string"}, {"type": ["string", "null"], "format": "date"}

GEOGRAPHY = (
    Column("code", "code", CODE, "Code: the number of its provinces"),
    *names(),
    *lifetime(),
    Column("legal_basis", "legal_basis", TEXT, "Legal basis"),
)

_DESIGNATIONS = ArraySubquery(
    ProvinceDesignation.objects.filter(province=OuterRef("pk"))
    .order_by(F("valid_from").asc(nulls_first=True))
    .values(
        json=JSONObject(
            kind="kind",
            name_vi="name_vi",
            name_en="name_en",
            valid_from="valid_from",
            valid_to="valid_to",
            legal_basis="legal_basis",
        )
    )
)
_POPULATIONS = ArraySubquery(
    Population.objects.filter(province=OuterRef("pk"))
    .order_by("definition", "year")
    .values(json=JSONObject(definition="definition", year="year", persons="persons", confidence="confidence"))
)
_REGIONS = ArraySubquery(
    RegionMembership.objects.filter(province=OuterRef("pk"))
    .order_by("geography__valid_from")
    .values(json=JSONObject(geography="geography__code", code="region__code"))
)
PROVINCE = (
    Column("slug", "slug", CODE, "Name without accents: the key of the province"),
    Column("code", "code", CODE, "Official code; seven of them passed to another province on 2025-07-01"),
    *names(),
    Column("kind", "kind_then", CODE, "Kind", words=tuple(ProvinceDesignation.Kind.values), nullable=True),
    Column("iso_3166_2", blank_as_null("iso_3166_2"), CODE, "ISO 3166-2 code, to 2025", nullable=True),
    *lifetime(),
    Column(
        "regions",
        _REGIONS,
        OBJECTS,
        "Region in each geography it belongs to",
        properties={"geography": _STRING, "code": _STRING},
    ),
    Column(
        "predecessors",
        ArraySubquery(
            BoundaryChange.objects.filter(successor=OuterRef("pk"))
            .order_by("predecessor__sort_key")
            .values("predecessor__slug")
        ),
        CODES,
        "Provinces that it was made of",
    ),
    Column(
        "successors",
        ArraySubquery(
            BoundaryChange.objects.filter(predecessor=OuterRef("pk"))
            .order_by("successor__sort_key")
            .values("successor__slug")
        ),
        CODES,
        "Provinces that it became",
    ),
)
PROVINCE_DETAIL = (
    *PROVINCE,
    Column(
        "designations",
        _DESIGNATIONS,
        OBJECTS,
        "What it was called and of which kind, in its time",
        properties={
            "kind": _STRING, "name_vi": _STRING, "name_en": _STRING,
            "valid_from": _DAY, "valid_to": _DAY, "legal_basis": _STRING,
        },
    ),
    Column(
        "populations",
        _POPULATIONS,
        OBJECTS,
        "Populations, each with its year and definition",
        properties={
            "definition": {"type": "string", "enum": list(Population.Definition.values)},
            "year": {"type": "integer"}, "persons": {"type": "integer"},
            "confidence": {"type": "string", "enum": list(Population.Confidence.values)},
        },
    ),
)  # fmt: skip

BOUNDARY_CHANGE = (
    Column("predecessor", "predecessor__slug", CODE, "Province that ended"),
    Column("successor", "successor__slug", CODE, "Province that it became"),
    Column("date", "date", DATE, "First day of the successor"),
    Column("legal_basis", "legal_basis", TEXT, "Legal basis"),
)


def _links(here: str, there: str) -> ArraySubquery:
    return ArraySubquery(
        IndicatorLink.objects.filter(**{here: OuterRef("pk")})
        .order_by("date", "pk")
        .values(
            json=JSONObject(
                indicator=f"{there}__code",
                date="date",
                comparable="comparable",
                reason_vi="reason_vi",
                reason_en="reason_en",
            )
        )
    )


_LINK = {
    "indicator": _STRING, "date": {"type": "string", "format": "date"}, "comparable": {"type": "boolean"},
    "reason_vi": _STRING, "reason_en": _STRING,
}  # fmt: skip
_CATEGORIES = ArraySubquery(
    Category.objects.filter(dimension__indicators=OuterRef("pk"))
    .order_by("dimension__code", "position", "code")
    .values(
        json=JSONObject(
            dimension="dimension__code",
            code="code",
            parent="parent__code",
            name_vi="name_vi",
            name_en="name_en",
        )
    )
)
_BREAKS = ArraySubquery(
    SeriesBreak.objects.filter(indicator=OuterRef("pk"))
    .order_by("date")
    .values(json=JSONObject(date="date", reason_vi="reason_vi", reason_en="reason_en"))
)
INDICATOR = (
    Column("code", "code", CODE, "Code"),
    *names(),
    Column("definition_vi", "definition_vi", TEXT, "Definition in Vietnamese"),
    Column("definition_en", "definition_en", TEXT, "Definition in English"),
    Column("pillar", "pillar", CODE, "Pillar or foundation", words=tuple(Pillar.values)),
    Column("kind", "kind", CODE, "Kind", words=tuple(Indicator.Kind.values)),
    Column("measure", "measure", CODE, "What its numbers are", words=tuple(Indicator.Measure.values)),
    Column("unit_vi", "unit_vi", TEXT, "Unit in Vietnamese"),
    Column("unit_en", "unit_en", TEXT, "Unit in English"),
    Column(
        "direction", "direction", CODE, "Which values are better", words=tuple(Indicator.Direction.values)
    ),
    Column("numerator_vi", blank_as_null("numerator_vi"), TEXT, "What is counted", nullable=True),
    Column("numerator_en", blank_as_null("numerator_en"), TEXT, "What is counted, in English", nullable=True),
    Column("denominator_vi", blank_as_null("denominator_vi"), TEXT, "Out of what", nullable=True),
    Column("denominator_en", blank_as_null("denominator_en"), TEXT, "Out of what, in English", nullable=True),
    Column("numerator_indicator", "numerator_indicator__code", CODE, "Indicator of the count", nullable=True),
    Column("denominator_indicator", "denominator_indicator__code", CODE, "And of the whole", nullable=True),
    Column(
        "categories",
        _CATEGORIES,
        OBJECTS,
        "Parts that it is broken down into; only children of one parent add up",
        properties={
            "dimension": _STRING,
            "code": _STRING,
            "parent": {"type": ["string", "null"]},
            "name_vi": _STRING,
            "name_en": _STRING,
        },
    ),
    Column("accumulates", "accumulates", BOOLEAN, "A flow: figures of successive periods add up"),
    Column("lower_bound", "lower_bound", NUMBER, "Least value by definition", nullable=True),
    Column("upper_bound", "upper_bound", NUMBER, "Greatest value by definition", nullable=True),
    Column("decimals", "decimals", INTEGER, "Digits shown of a computed value"),
    Column(
        "coverage_threshold",
        "coverage_threshold",
        NUMBER,
        "Share of provinces that makes an aggregate complete",
    ),
    Column("legal_basis", blank_as_null("legal_basis"), TEXT, "Legal basis", nullable=True),
    Column(
        "compiled_by", blank_as_null("compiled_by"), CODE, "Body whose figure is preferred", nullable=True
    ),
    *lifetime(),
    Column(
        "predecessors", _links("successor", "predecessor"), OBJECTS, "Definitions before it", properties=_LINK
    ),
    Column(
        "successors", _links("predecessor", "successor"), OBJECTS, "Definitions after it", properties=_LINK
    ),
)

PERIOD = (
    *period(""),
    Column("kind", "kind", CODE, "Kind", words=tuple(kind.value for kind in Kind)),
    Column(
        "calendar",
        "calendar",
        CODE,
        "Calendar year, or Decree 09/2019, whose months close on the 14th",
        words=tuple(calendar.value for calendar in Calendar),
    ),
)

SOURCE = (
    Column("code", "code", CODE, "Code"),
    Column("title", "title", TEXT, "Title"),
    Column("publisher", "publisher", TEXT, "Publisher"),
    Column("publisher_body", blank_as_null("publisher_body"), CODE, "The compiling body", nullable=True),
    Column("reference", blank_as_null("reference"), TEXT, "Address or reference", nullable=True),
    Column(
        "published", blank_as_null("published"), CODE, "Year, month or day, as far as known", nullable=True
    ),
    Column("province", "province__slug", CODE, "Province whose document it is", nullable=True),
    Column("simulated", "simulated", BOOLEAN, "Made up for demonstration"),
    *notes(),
)

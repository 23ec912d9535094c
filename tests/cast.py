"""The one cast that database tests play with: a handful of provinces before and after the merger, two
indicators, one source. Plain functions; nothing is saved unless it is called for.

    cast = make_cast()
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", as_stated="92,3%")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from indicators.core.periods import parse_period
from indicators.models import (
    Category,
    Dimension,
    Indicator,
    Observation,
    Period,
    Pillar,
    ReferenceChange,
    Source,
)
from indicators.services.publishing import Fact, publish
from provinces.models import (
    BoundaryChange,
    Geography,
    Province,
    ProvinceDesignation,
    Region,
    RegionMembership,
)

LAST_DAY_OF_63 = date(2025, 6, 30)
FIRST_DAY_OF_34 = date(2025, 7, 1)
MERGER = "202/2025/QH15"


@dataclass(frozen=True)
class Cast:
    """Everybody by name. ``old_tuyen_quang`` and ``ha_giang`` became ``tuyen_quang``; the others continue."""

    geography_63: Geography
    geography_34: Geography
    ha_giang: Province
    old_tuyen_quang: Province
    tuyen_quang: Province
    cao_bang: Province
    dien_bien: Province
    on_time: Indicator
    received: Indicator
    online: Category
    direct: Category
    report: Source


def make_cast() -> Cast:
    geography_63 = Geography.objects.create(
        code="63",
        name_vi="63 tỉnh, thành phố",
        name_en="63 provinces",
        valid_to=LAST_DAY_OF_63,
        valid_from=date(2008, 8, 1),
        legal_basis="15/2008/QH12",
    )
    geography_34 = Geography.objects.create(
        code="34",
        name_vi="34 tỉnh, thành phố",
        name_en="34 provinces",
        valid_from=FIRST_DAY_OF_34,
        legal_basis=MERGER,
    )
    ended, begun = {"valid_to": LAST_DAY_OF_63}, {"valid_from": FIRST_DAY_OF_34}
    provinces = {
        "ha_giang": make_province("ha-giang", "02", "Hà Giang", "Ha Giang", **ended),
        "old_tuyen_quang": make_province(
            "tuyen-quang-2025", "08", "Tuyên Quang", "Tuyen Quang (to 2025)", **ended
        ),
        "tuyen_quang": make_province("tuyen-quang", "08", "Tuyên Quang", "Tuyen Quang", **begun),
        "cao_bang": make_province("cao-bang", "04", "Cao Bằng", "Cao Bang"),
        "dien_bien": make_province("dien-bien", "11", "Điện Biên", "Dien Bien"),
    }
    for name in ("ha_giang", "old_tuyen_quang"):
        BoundaryChange.objects.create(
            predecessor=provinces[name],
            successor=provinces["tuyen_quang"],
            date=FIRST_DAY_OF_34,
            legal_basis=MERGER,
        )
    for geography in (geography_63, geography_34):
        _make_region(geography)
    dimension = Dimension.objects.create(
        code="submission-channel", name_vi="Kênh tiếp nhận", name_en="Channel of submission"
    )
    received = make_indicator("dossiers-received", "count", "count", "none", "hồ sơ", "dossiers")
    received.dimensions.add(dimension)
    return Cast(
        geography_63=geography_63,
        geography_34=geography_34,
        **provinces,
        on_time=make_indicator("dossiers-on-time-rate", "ratio", "percent", "higher", "%", "%"),
        received=received,
        online=Category.objects.create(
            dimension=dimension, code="online", name_vi="Trực tuyến", name_en="Online", position=1
        ),
        direct=Category.objects.create(
            dimension=dimension, code="direct", name_vi="Trực tiếp", name_en="Direct", position=2
        ),
        report=make_source("ha-giang-2021", "Báo cáo của tỉnh Hà Giang"),
    )


def make_province(
    slug: str, code: str, name_vi: str, name_en: str, kind: str = "province", **fields: Any
) -> Province:
    province = Province.objects.create(slug=slug, code=code, name_vi=name_vi, name_en=name_en, **fields)
    ProvinceDesignation.objects.create(
        province=province, kind=kind, name_vi=f"tỉnh {name_vi}", name_en=f"{name_en} Province", **fields
    )
    return province


def make_indicator(
    code: str, kind: str, measure: str, direction: str, unit_vi: str, unit_en: str, **fields: Any
) -> Indicator:
    bounds = {"lower_bound": Decimal(0), "upper_bound": Decimal(100)} if measure == "percent" else {}
    return Indicator.objects.create(
        code=code,
        name_vi=f"{code} (vi)",
        name_en=f"{code} (en)",
        definition_vi="Định nghĩa",
        definition_en="Definition",
        pillar=Pillar.DIGITAL_GOVERNMENT,
        kind=kind,
        measure=measure,
        direction=direction,
        unit_vi=unit_vi,
        unit_en=unit_en,
        **bounds | fields,
    )


def make_source(code: str, title: str, **fields: Any) -> Source:
    return Source.objects.create(code=code, title=title, publisher="UBND tỉnh", **fields)


def make_period(code: str) -> Period:
    """The row of the period that ``code`` names, made where it is not there yet."""
    core = parse_period(code)
    period, _ = Period.objects.get_or_create(
        start=core.start,
        end=core.end,
        defaults={"code": core.code, "kind": core.kind.value, "calendar": core.calendar.value},
    )
    return period


def make_fact(
    cast: Cast, province: Province, indicator: Indicator, period: str, value: str | None, **fields: Any
) -> Fact:
    """A fact of ``cast.report`` unless ``source`` is given; ``value`` keeps its digits."""
    number = None if value is None else Decimal(value)
    return Fact(
        province=province,
        indicator=indicator,
        period=make_period(period),
        value=number,
        **{"source": cast.report} | fields,
    )


def state(
    cast: Cast, province: Province, indicator: Indicator, period: str, value: str | None, **fields: Any
) -> Observation:
    """Publish one fact through the publishing service; the row as it stands afterwards."""
    result = publish(facts=[make_fact(cast, province, indicator, period, value, **fields)], cause="reference")
    return result.observations[0]


def committed() -> None:
    """What happens at a commit happens now: changes are numbered, and known from this instant on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT set_config('reference.published_at', '', true)")


def known_since(moment: datetime) -> None:
    """All reference data as they stand count as known since ``moment``."""
    committed()
    switched = "ALTER TABLE indicators_referencechange {} TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute(switched.format("DISABLE"))
        ReferenceChange.objects.update(instant=moment)
        cursor.execute(switched.format("ENABLE"))


def _make_region(geography: Geography) -> None:
    region = Region.objects.create(
        geography=geography,
        code="northern-midlands-and-mountains",
        name_vi="Trung du và miền núi phía Bắc",
        name_en="Northern Midlands and Mountains",
        legal_basis=MERGER,
        position=1,
    )
    RegionMembership.objects.bulk_create(
        RegionMembership(geography=geography, region=region, province=province)
        for province in Province.objects.of(geography)
    )

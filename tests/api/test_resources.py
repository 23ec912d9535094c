"""Provinces, definitions, periods, sources, targets and what is computed; and how many queries each costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from indicators.models import (
    Aggregate,
    CompositeIndex,
    Contradiction,
    IndexComponent,
    IndexScore,
    IndicatorLink,
    RecomputeRun,
    Standing,
    Target,
)
from provinces.models import Population, ProvinceDesignation
from tests.cast import FIRST_DAY_OF_34, LAST_DAY_OF_63, make_indicator, make_period, make_source, state


def _slugs(api, query=""):
    return [row["slug"] for row in api.rows(f"provinces/{query}")]


def test_provinces_come_in_vietnamese_order_each_with_what_it_was_and_became(api, cast):
    assert _slugs(api) == ["cao-bang", "dien-bien", "ha-giang", "tuyen-quang-2025", "tuyen-quang"]
    rows = {row["slug"]: row for row in api.rows("provinces/")}
    assert rows["tuyen-quang"]["predecessors"] == ["ha-giang", "tuyen-quang-2025"]
    assert rows["ha-giang"]["successors"] == ["tuyen-quang"]
    assert rows["ha-giang"]["regions"] == [{"geography": "63", "code": "northern-midlands-and-mountains"}]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?geography=63", ["cao-bang", "dien-bien", "ha-giang", "tuyen-quang-2025"]),
        ("?geography=34", ["cao-bang", "dien-bien", "tuyen-quang"]),
        ("?on=2025-06-30&q=tuyen", ["tuyen-quang-2025"]),
        ("?on=2025-07-01&q=tuyen", ["tuyen-quang"]),
        ("?q=Đi%E1%BB%87n%20bi%C3%AAn", ["dien-bien"]),
        ("?region=northern-midlands-and-mountains&geography=34", ["cao-bang", "dien-bien", "tuyen-quang"]),
        ("?kind=city", ["cao-bang"]),
        ("?kind=city&on=2024-12-31", []),
        ("?kind=province&on=2024-12-31&q=cao", ["cao-bang"]),
    ],
)
def test_provinces_are_filtered(api, cast, query, expected):
    province = ProvinceDesignation.objects.get(province=cast.cao_bang)
    province.valid_to = date(2024, 12, 31)
    province.save()
    ProvinceDesignation.objects.create(
        province=cast.cao_bang, kind="city", name_vi="thành phố", name_en="City", valid_from=date(2025, 1, 1)
    )
    assert _slugs(api, query) == expected


def test_one_province_has_its_names_and_populations(api, cast):
    Population.objects.create(
        province=cast.ha_giang, definition="census", year=2019, persons=854679, confidence="read"
    )
    row = api.read("provinces/ha-giang/")
    assert row["populations"] == [
        {"definition": "census", "year": 2019, "persons": 854679, "confidence": "read"}
    ]
    assert row["designations"][0]["valid_to"] == str(LAST_DAY_OF_63)


def test_geographies_and_boundary_changes(api, cast):
    assert [row["code"] for row in api.rows("geographies/")] == ["63", "34"]
    edges = {(row["predecessor"], row["successor"], row["date"]) for row in api.rows("boundary-changes/")}
    assert edges == {(old, "tuyen-quang", str(FIRST_DAY_OF_34)) for old in ("ha-giang", "tuyen-quang-2025")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["dossiers-on-time-rate", "dossiers-received"]),
        ("?kind=ratio", ["dossiers-on-time-rate"]),
        ("?pillar=digital-economy", []),
        ("?q=dinh%20NGHIA", ["dossiers-on-time-rate", "dossiers-received"]),
        ("?q=received", ["dossiers-received"]),
        ("?valid_on=2020-01-01", ["dossiers-received"]),
    ],
)
def test_indicators_are_filtered(api, cast, query, expected):
    cast.on_time.valid_from = date(2021, 1, 1)
    cast.on_time.save()
    assert [row["code"] for row in api.rows(f"indicators/{query}")] == expected


def test_one_indicator_has_its_parts_and_its_links(api, cast):
    successor = make_indicator("on-time-2", "ratio", "percent", "higher", "%", "%")
    IndicatorLink.objects.create(
        predecessor=cast.on_time, successor=successor, date=date(2022, 1, 1), comparable=False,
        reason_vi="Khác", reason_en="Another definition",
    )  # fmt: skip
    assert api.read("indicators/dossiers-on-time-rate/")["successors"] == [
        {
            "indicator": "on-time-2", "date": "2022-01-01", "comparable": False,
            "reason_vi": "Khác", "reason_en": "Another definition",
        }
    ]  # fmt: skip
    parts = api.read("indicators/dossiers-received/")["categories"]
    assert [part["code"] for part in parts] == ["online", "direct"]


def test_periods_are_those_that_have_figures(api, cast):
    make_period("2019")
    state(cast, cast.ha_giang, cast.received, "2021-H1", "1")
    state(cast, cast.ha_giang, cast.received, "2021-H1-ND09", "1")
    assert {row["period"] for row in api.rows("periods/")} == {"2021-H1", "2021-H1-ND09"}
    assert [row["period"] for row in api.rows("periods/?calendar=decree09&kind=half_year")] == [
        "2021-H1-ND09"
    ]
    assert [row["period"] for row in api.rows("periods/?from=2021-01-01")] == ["2021-H1"]


def test_sources_are_found_without_accents(api, cast):
    assert [row["code"] for row in api.rows("sources/?q=bao%20cao%20cua%20tinh")] == ["ha-giang-2021"]
    assert api.rows("sources/?q=nothing") == []


def _aim(cast, province, value, due=date(2021, 12, 31), **fields):
    return Target.objects.create(
        province=province, indicator=cast.on_time, due=due, operator="at_least", basis_vi="QĐ",
        basis_en="Decision", value=None if value is None else Decimal(value),
        **{"source": cast.report} | fields,
    )  # fmt: skip


def test_targets_say_what_became_of_them_and_by_which_figure(api, cast):
    figure = state(cast, cast.ha_giang, cast.on_time, "2021", "92.30")
    _aim(cast, cast.ha_giang, "90.0")
    _aim(cast, cast.cao_bang, "90.0", stated_outcome="not_met")
    _aim(cast, cast.dien_bien, "90.0")
    first, *others = api.rows("targets/?page_size=3")
    told = ("verdict", "by_figures", "met", "stated_outcome", "observation", "observed_period")
    assert [first[name] for name in told] == ["met", "met", True, None, figure.pk, "2021"]
    assert (str(first["value"]), str(first["observed_value"])) == ("90.0", "92.30")
    assert {row["province"]: [row[name] for name in told] for row in others} == {
        "cao-bang": ["missed", "no_figure", False, "not_met", None, None],
        "dien-bien": ["no_figure", "no_figure", None, None, None, None],
    }


def test_targets_are_found_by_what_became_of_them(api, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021", "92.3")
    for province, value in ((cast.ha_giang, "90"), (cast.ha_giang, "95"), (cast.cao_bang, "90")):
        _aim(cast, province, value, due=date(2021, 12, 31 if value == "90" else 30))

    def found(query):
        return [(row["province"], row["value"]) for row in api.rows(f"targets/?{query}")]

    assert found("met=true") == [("ha-giang", 90)]
    assert found("verdict=missed,no_figure") == [("ha-giang", 95), ("cao-bang", 90)]
    assert found("met=false&province=ha-giang") == found("met=false") == [("ha-giang", 95)]
    assert found("met=true&indicator=dossiers-received") == []
    csv = b"".join(api.get("targets/?format=csv&met=true").streaming_content).decode("utf-8-sig")
    assert csv.count("\r\n") == 2 and ",met,met,," in csv
    allowed = ["met", "on_track", "behind", "missed", "untold", "no_figure"]
    assert api.problem("targets/?verdict=won", 400)["allowed"] == allowed


def test_a_target_for_all_has_a_row_for_each_province_of_its_day(api, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021", "92.3")
    _aim(cast, None, "90")
    rows = {row["province"]: row["verdict"] for row in api.rows("targets/") if row["for_all"]}
    assert rows["ha-giang"] == "met" and rows["tuyen-quang-2025"] == "no_figure"
    assert "tuyen-quang" not in rows  # which begins later
    assert len(api.rows("targets/?province=ha-giang")) == 1


def test_simulated_targets_are_held_against_simulated_figures_alone(api, cast):
    made_up = make_source("made-up", "Mô phỏng", simulated=True)
    state(cast, cast.ha_giang, cast.on_time, "2021", "92.3")
    state(cast, cast.ha_giang, cast.on_time, "2021", "50", source=made_up)
    _aim(cast, cast.ha_giang, "90")
    _aim(cast, cast.ha_giang, "90", source=made_up)
    rows = api.rows("targets/?simulated=all")
    assert {row["simulated"]: row["observed_value"] for row in rows} == {False: Decimal("92.3"), True: 50}
    assert {row["simulated"]: row["verdict"] for row in rows} == {False: "met", True: "missed"}
    assert [row["simulated"] for row in api.rows("targets/")] == [False]


def _compute(cast, rows=1):
    """Everything computed that the API shows, ``rows`` of each."""
    index = CompositeIndex.objects.create(
        code="own", version="1", scale=100, total=cast.received, weights="published", legal_basis="-"
    )
    IndexComponent.objects.create(code="part", rule="parts", weight=1, index=index)
    for number in range(rows):
        observation = state(cast, cast.ha_giang, cast.on_time, f"20{10 + number}", "92.3")
        unit = {
            "indicator": cast.on_time, "period": observation.period, "geography": cast.geography_63,
            "group": "nation", "computed_at": timezone.now(),
        }  # fmt: skip
        Aggregate.objects.create(**unit, reporting=1, expected=63, coverage=1 / 63, complete=False, mean=92.3)
        Standing.objects.create(**unit, province=cast.ha_giang, observation=observation, value=92.3, rank=1)
        Contradiction.objects.create(
            observation=observation, rule="percentage_against_counts", detected_at=timezone.now()
        )
        IndexScore.objects.create(
            index=index, period=observation.period, geography=cast.geography_63, province=cast.ha_giang,
            complete=False, parts={"part": {"value": None}}, rank_of=0, computed_at=timezone.now(),
        )  # fmt: skip
        RecomputeRun.objects.create(cause="test", scope="pending", started_at=timezone.now())
        Target.objects.create(
            province=cast.ha_giang, indicator=cast.on_time, due=observation.period.end, operator="at_least",
            source=cast.report, basis_vi="QĐ", basis_en="Decision",
        )  # fmt: skip


def test_what_is_computed(api, cast):
    _compute(cast)
    aggregate = api.rows("aggregates/?indicator=dossiers-on-time-rate&group=nation&geography=63&period=2010")[
        0
    ]
    assert (aggregate["mean"], aggregate["complete"], aggregate["sum"]) == (Decimal("92.3"), False, None)
    standing = api.rows("standings/?province=ha-giang&from=2010&to=2010")[0]
    assert (standing["rank"], standing["rank_from"], standing["geography"]) == (1, None, "63")
    assert api.rows("contradictions/?province=ha-giang&rule=percentage_against_counts")[0]["value"] == (
        Decimal("92.3")
    )
    assert api.rows("recompute-runs/")[0]["cause"] == "test"
    assert api.rows("aggregates/?geography=34") == []


LISTS = {
    # path → queries besides the ETag's: a page by number counts first; targets are judged first
    "provinces/": 2, "geographies/": 2, "boundary-changes/": 2, "indicators/": 2, "periods/": 2,
    "sources/": 2, "targets/": 10, "contradictions/": 2, "recompute-runs/": 2, "indices/": 2,
    "indices/own/scores/": 3,
    "observations/": 1, "aggregates/": 1, "standings/": 1, "changes/": 1,
    "provinces/ha-giang/": 1, "indicators/dossiers-received/": 1,
    "observations/?province=ha-giang&indicator=dossiers-on-time-rate&period=2010": 3,
    "observations/?geography=63": 3,
}  # fmt: skip


@pytest.mark.parametrize(("address", "queries"), LISTS.items())
@pytest.mark.parametrize("rows", [1, 12])
def test_queries_do_not_grow_with_the_rows(api, cast, address, queries, rows, django_assert_num_queries):
    _compute(cast, rows)
    with django_assert_num_queries(1 + queries):
        api.read(address)


@pytest.mark.parametrize("address", LISTS)
def test_every_list_is_written_as_csv_and_by_columns(api, cast, address):
    _compute(cast, 2)
    mark = "&" if "?" in address else "?"
    assert api.csv(f"{address}{mark}format=csv").startswith("\ufeff")
    if not address.endswith(("ha-giang/", "received/")):
        assert isinstance(api.read(f"{address}{mark}shape=columns")["results"], dict)


FORMATS = {
    # format → queries besides the ETag's; COPY is none that Django counts. NDJSON asks what is written.
    "csv": 0, "ndjson": 1, "sdmx-csv": 0, "parquet": 0, "xlsx": 2, "jsonstat": 5,
}  # fmt: skip


@pytest.mark.parametrize(("format_", "queries"), FORMATS.items())
@pytest.mark.parametrize("rows", [1, 12])
def test_queries_of_a_file_do_not_grow_with_the_rows(
    api, cast, format_, queries, rows, django_assert_num_queries
):
    _compute(cast, rows)
    with django_assert_num_queries(1 + queries):
        response = api.get(f"observations/?format={format_}")
        assert response.status_code == 200 and b"".join(response)

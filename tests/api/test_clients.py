"""What the clients of the field make of our formats: the very libraries that people read data with."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import openpyxl
import pandas
import polars
import pytest
from pyjstat import pyjstat
from pysdmx.io import get_datasets, read_sdmx
from pysdmx.model import Codelist

from api import jsonstat, workbooks
from api.formats import Xlsx
from indicators.models import MissingReason
from tests.api.test_resources import _compute
from tests.cast import make_source, state


@pytest.fixture
def figures(cast):
    """A stated percentage, a part, a gap, a quarter, nine months, and a text that a spreadsheet would run."""
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.30", as_stated="=1+1", place="đoạn 2")
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", None, missing_reason="not_reported")
    state(cast, cast.dien_bien, cast.received, "2022-Q1", "74278", note_vi="Số liệu\nước tính")
    state(cast, cast.dien_bien, cast.received, "2022-Q1", "3215", category=cast.online)
    state(cast, cast.tuyen_quang, cast.received, "2025-YTD-09", "5")
    return cast


@pytest.fixture
def saved(api, figures, tmp_path):
    """Saves an answer as a person would, and says where."""

    def save(address: str, name: str) -> Path:
        response = api.get(address)
        assert response.status_code == 200
        body = b"".join(response.streaming_content) if response.streaming else response.content
        (tmp_path / name).write_bytes(body)
        return tmp_path / name

    return save


def _readers(csv: Path, parquet: Path):
    """The rows as each reader has them."""
    texts = {"province_code": "VARCHAR"}
    frames = [
        pandas.read_csv(csv, encoding="utf-8-sig", dtype={"province_code": str}),
        duckdb.read_csv(str(csv), dtype=texts).df(),
        pandas.read_parquet(parquet),
        duckdb.read_parquet(str(parquet)).df(),
    ]
    others = [
        polars.read_csv(csv, schema_overrides={"province_code": polars.String}),
        polars.read_parquet(parquet),
    ]
    return [*(frame.to_dict("records") for frame in frames), *(frame.to_dicts() for frame in others)]


def test_csv_and_parquet_open_everywhere_with_their_numbers_and_accents(saved):
    csv = saved("observations/?format=csv", "figures.csv")
    for rows in _readers(csv, saved("observations/?format=parquet", "figures.parquet")):
        assert [row["province"] for row in rows] == [
            "ha-giang", "cao-bang", "dien-bien", "dien-bien", "tuyen-quang"
        ]  # fmt: skip
        assert (rows[0]["value"], rows[0]["province_code"], rows[0]["place"]) == (92.3, "02", "đoạn 2")
        assert pandas.isna(rows[1]["value"]) and rows[1]["missing_reason"] == "not_reported"
        assert rows[2]["note_vi"].replace("\r\n", "\n") == "Số liệu\nước tính"


def test_parquet_has_types(api, saved):
    frame = polars.read_parquet(saved("observations/?format=parquet", "figures.parquet"))
    kinds = {
        "period_start": polars.Date, "value": polars.Float64, "id": polars.Int64, "derived": polars.Boolean,
        "contradictions": polars.List(polars.String), "recorded_at": polars.Datetime("us", "UTC"),
        "superseded_at": polars.Datetime("us", "UTC"), "province": polars.String,
    }  # fmt: skip
    assert {name: frame.schema[name] for name in kinds} == kinds
    first = frame.row(0, named=True)
    assert (first["period_start"], first["contradictions"]) == (date(2021, 1, 1), [])
    assert first["recorded_at"] == datetime.fromisoformat(api.rows("observations/")[0]["recorded_at"])
    assert first["recorded_at"].tzinfo is not None and first["as_stated"] == "=1+1"


def test_a_workbook_has_numbers_dates_and_no_formula(saved):
    book = openpyxl.load_workbook(saved("observations/?format=xlsx", "figures.xlsx"))
    sheet = book["data"]
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, sheet[2], strict=True))
    assert (first["value"].value, first["value"].data_type) == (92.3, "n")
    assert (first["as_stated"].value, first["as_stated"].data_type) == ("=1+1", "s")
    assert first["province_code"].value == "02" and first["place"].value == "đoạn 2"
    assert first["period_start"].value == datetime(2021, 1, 1) and first["derived"].value is False
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{sheet.dimensions.split(':')[1]}")
    assert [row[0].value for row in book["columns"].iter_rows(min_row=2)] == header
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_a_workbook_too_long_for_people_is_refused(api, figures, monkeypatch):
    monkeypatch.setattr(workbooks, "LARGEST_WORKBOOK", 4)
    assert api.problem("observations/?format=xlsx", 409)["parameter"] == "format"
    assert api.get("observations/?format=xlsx&page_size=4").status_code == 200


def _cube(api, address):
    response = api.get(address)
    assert response["Content-Type"] == "application/vnd.json-stat+json"
    return json.loads(response.content), pyjstat.Dataset.read(response.content.decode())


def test_jsonstat_opens_in_pyjstat_and_pandas(api, figures):
    raw, dataset = _cube(api, "observations/?format=jsonstat&indicator=dossiers-received")
    frame = dataset.write("dataframe")
    values = frame.dropna(subset="value").set_index(["Tỉnh, thành phố", "Kỳ", "Phân tổ"])["value"]
    assert dict(values) == {
        ("Điện Biên", "Quý I/2022", "Toàn tỉnh"): 74278, ("Điện Biên", "Quý I/2022", "Trực tuyến"): 3215,
        ("Tuyên Quang", "9 tháng đầu năm 2025", "Toàn tỉnh"): 5,
    }  # fmt: skip
    assert raw["role"] == {"geo": ["province"], "metric": ["indicator"], "time": ["period"]}
    indicator = raw["dimension"]["indicator"]
    assert indicator["category"]["unit"]["dossiers-received"] == {"label": "hồ sơ", "decimals": 2}
    assert indicator["extension"]["unit_label_en"]["dossiers-received"] == "dossiers"
    assert raw["dimension"]["province"]["extension"]["category_label_en"]["dien-bien"] == "Dien Bien"


def test_jsonstat_says_why_a_cell_is_empty_and_keeps_digits(api, figures):
    response = api.get("observations/?format=jsonstat&indicator=dossiers-on-time-rate")
    raw = json.loads(response.content)
    assert raw["dimension"]["province"]["category"]["index"] == ["cao-bang", "ha-giang"]
    assert raw["value"] == [None, 92.3] and "92.30" in response.content.decode()
    assert raw["status"] == {"0": "not_reported", "1": "final"}


def test_two_sources_on_one_fact_are_two_cells(api, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021", "90")
    state(cast, cast.ha_giang, cast.on_time, "2021", "91", source=make_source("other", "Khác"))
    raw, dataset = _cube(api, "observations/?format=jsonstat")
    assert raw["id"][-1] == "source" and sorted(dataset["value"]) == [90, 91]


def test_computed_figures_are_cubes_of_several_measures(api, cast):
    _compute(cast, 2)
    for address in ("aggregates/?format=jsonstat", "standings/?format=jsonstat"):
        raw, dataset = _cube(api, address)
        frame = dataset.write("dataframe", naming="id")
        assert raw["role"]["metric"] == ["indicator", "measure"]
        assert set(frame.dropna(subset="value")["measure"]) >= ({"mean"} if "aggr" in address else {"rank"})
        assert 92.3 in set(frame["value"])


def test_nothing_found_is_an_empty_cube(api, cast):
    raw = json.loads(api.get("observations/?format=jsonstat").content)
    assert (raw["size"], raw["value"]) == ([0, 0, 0, 0], [])


def test_a_cube_too_large_to_unfold_is_refused(api, figures, monkeypatch):
    monkeypatch.setattr(jsonstat, "MOST_CELLS", 3)
    assert api.problem("observations/?format=jsonstat", 409)["parameter"] == "format"


def test_sdmx_csv_opens_in_pysdmx_with_the_structure_that_we_serve(saved):
    data = saved("observations/?format=sdmx-csv", "figures.csv")
    structure = saved("structure/", "structure.json")
    (dataset,) = get_datasets(data, structure)  # checks the structure against the schema of SDMX-JSON
    definition = dataset.structure
    assert (definition.agency, definition.id) == ("TINHSO", "FIGURES")
    frame = dataset.data
    assert list(frame["TIME_PERIOD"]) == ["2021-S1", "2021-S1", "2022-Q1", "2022-Q1", "2025-01-01/P273D"]
    assert list(frame["CATEGORY"]) == [*["_T"] * 3, "online@submission-channel", "_T"]
    assert frame["OBS_VALUE"][0] == 92.3 and frame["AS_STATED"][0] == "=1+1"
    components = {component.id: component for component in definition.components}
    assert set(frame.columns) - set(components) <= {"STRUCTURE", "STRUCTURE_ID", "ACTION"}
    for name, component in components.items():
        if component.local_codes is not None:
            codes = {code.id for code in component.local_codes}
            assert set(frame[name].dropna()) - {""} <= codes, name


def test_the_structure_names_codes_in_both_languages(api, figures, saved):
    lists = {
        found.id: found
        for found in read_sdmx(saved("structure/", "structure.json")).structures
        if isinstance(found, Codelist)
    }
    assert {code.id for code in lists["CL_MISSING_REASON"]} == set(MissingReason.values)
    provinces = api.read("structure/")["data"]["codelists"][0]["codes"]
    names = {code["id"]: code["names"] for code in provinces}
    assert names["dien-bien"] == {"en": "Dien Bien", "vi": "Điện Biên"}
    assert names["tuyen-quang-2025"]["vi"] == "Tuyên Quang (đến 2025)"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/vnd.sdmx.data+csv;version=2.0.0", "application/vnd.sdmx.data+csv"),
        ("application/vnd.json-stat+json", "application/vnd.json-stat+json"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        (f"{Xlsx.media_type};q=0.9", Xlsx.media_type),
    ],
)
def test_formats_are_chosen_by_accept_too(api, figures, accept, media_type):
    assert api.get("observations/", headers={"Accept": accept})["Content-Type"].startswith(media_type)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json;q=0.5, text/csv;q=0.9", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("text/csv;q=0, text/*;q=0.4, application/x-ndjson;q=0.3", "application/x-ndjson"),
        ("text/csv, */*", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("application/*;q=0.2, application/json;q=0, application/x-ndjson;q=0.1", Xlsx.media_type),
        ("", "application/json"),
        ("TEXT/CSV", "text/csv"),
    ],
)
def test_the_heaviest_of_the_accepted_formats_is_chosen(api, figures, accept, media_type):
    assert api.get("provinces/", headers={"Accept": accept})["Content-Type"].startswith(media_type)


def test_what_is_refused_by_its_weight_is_not_given(api, cast):
    assert api.problem("provinces/", 406, headers={"Accept": "application/json;q=0"})


def test_a_format_that_a_resource_is_not_written_in(api, cast):
    assert "sdmx-csv" not in api.problem("provinces/?format=sdmx-csv")["allowed"]

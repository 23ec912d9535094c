import pytest

from dashboards.questions import Availability, BadQuestion, ComparisonQuestion, many, one, read_comparison
from dashboards.rows import Slice
from indicators.core.periods import parse_period

NAMES = {"dti-total": "DTI", "papi": "PAPI"}


def a_slice(indicator: str, period: str, geography: str, reporting: int, complete: bool = True) -> Slice:
    return Slice(
        indicator=indicator,
        period=parse_period(period),
        geography=geography,
        group="nation",
        reporting=reporting,
        expected=int(geography),
        complete=complete,
        median=0.5,
        mean=0.5,
        ratio_of_sums=None,
        q1=0.4,
        q3=0.6,
        minimum=0.1,
        maximum=0.9,
    )


AVAILABLE = Availability(
    (
        a_slice("dti-total", "2023", "63", 63),
        a_slice("dti-total", "2024", "63", 63),
        a_slice("dti-total", "2024", "34", 34),
        a_slice("papi", "2024", "63", 61),
        a_slice("papi", "2025", "63", 3, complete=False),
    )
)


def read(**parameters: str) -> ComparisonQuestion:
    given = {name.replace("_", "-"): [value] for name, value in parameters.items()}
    return read_comparison(given, AVAILABLE, NAMES, "vi")


def test_without_parameters_the_newest_index_in_the_geography_in_force() -> None:
    assert read() == ComparisonQuestion("dti-total", "2024", "34")


def test_the_period_decides_the_geography_where_only_one_has_it() -> None:
    assert read(ky="2023").geography == "63"


def test_a_newer_period_of_few_provinces_is_not_the_default() -> None:
    assert read(chi_tieu="papi").period == "2024"


@pytest.mark.parametrize(
    ("parameters", "parameter", "allowed"),
    [
        ({"chi_tieu": "nothing"}, "chi-tieu", {"dti-total", "papi"}),
        ({"ky": "1999"}, "ky", {"2024"}),
        ({"dia_gioi": "64"}, "dia-gioi", {"63", "34"}),
        ({"chi_tieu": "papi", "dia_gioi": "34"}, "dia-gioi", {"63"}),
        ({"ky": "2023", "dia_gioi": "34"}, "ky", {"2024"}),
    ],
)
def test_what_we_do_not_have_is_refused_with_what_is_allowed(
    parameters: dict[str, str], parameter: str, allowed: set[str]
) -> None:
    with pytest.raises(BadQuestion) as refused:
        read(**parameters)
    assert refused.value.parameter == parameter
    assert {choice.value for choice in refused.value.allowed} == allowed


def test_the_address_says_the_whole_question_and_reads_back() -> None:
    question = read(dia_gioi="34", nhom="region:north", tinh="hue,dien-bien")
    assert question.query() == (
        "?chi-tieu=dti-total&ky=2024&dia-gioi=34&nhom=region:north&tinh=hue,dien-bien"
    )
    assert question.provinces == ("hue", "dien-bien")


def test_picking_a_province_twice_takes_it_out_again() -> None:
    question = read(tinh="hue")
    assert question.toggled("dien-bien").provinces == ("hue", "dien-bien")
    assert question.toggled("hue").provinces == ()


def test_repeated_and_joined_values_are_the_same() -> None:
    assert many({"tinh": ["a,b", "c", "a"]}, "tinh") == ("a", "b", "c")
    assert one({"ky": ["2023", "2024"]}, "ky") == "2024"
    assert one({}, "ky") == ""

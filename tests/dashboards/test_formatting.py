from datetime import date, datetime
from decimal import Decimal

import pytest

from dashboards import formatting as f


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (Decimal("175439"), None, "175.439", "175,439"),
        (Decimal("72.63"), None, "72,63", "72.63"),
        (Decimal("1.0000"), None, "1,0000", "1.0000"),
        (Decimal("-0.5"), None, "−0,5", "−0.5"),
        (1234.5, 2, "1.234,50", "1,234.50"),
        (0.70625, 4, "0,7062", "0.7062"),
        (None, 2, "–", "–"),
    ],
)
def test_numbers_keep_the_digits_they_were_stated_with(
    value: Decimal | float | None, decimals: int | None, vi: str, en: str
) -> None:
    assert f.number(value, "vi", decimals) == vi
    assert f.number(value, "en", decimals) == en


def test_percentages_and_units() -> None:
    assert f.quantity(Decimal("72.63"), "percent", "vi") == "72,63\u00a0%"
    assert f.quantity(Decimal("72.63"), "percent", "en") == "72.63%"
    assert f.quantity(Decimal(8868), "count", "vi", unit="hồ sơ") == "8.868\u00a0hồ sơ"


@pytest.mark.parametrize(
    ("units", "single"),
    [
        ("units", "unit"),
        ("people", "person"),
        ("agencies", "agency"),
        ("classes", "class"),
        ("databases", "database"),
    ],
)
def test_one_thing_is_no_plural(units: str, single: str) -> None:
    assert f.quantity(Decimal(1), "count", "en", unit=units) == f"1\u00a0{single}"
    assert f.quantity(Decimal(2), "count", "en", unit=units) == f"2\u00a0{units}"
    assert f.quantity(Decimal(1), "count", "vi", unit="đơn vị") == "1\u00a0đơn vị"


@pytest.mark.parametrize(
    ("qualifier", "estimated", "vi", "en"),
    [
        ("exact", False, "92\u00a0%", "92%"),
        ("more_than", False, "trên 92\u00a0%", "over 92%"),
        ("nearly", False, "gần 92\u00a0%", "nearly 92%"),
        ("exact", True, "ước 92\u00a0%", "estimated 92%"),
    ],
)
def test_figures_carry_the_words_they_were_stated_with(
    qualifier: str, estimated: bool, vi: str, en: str
) -> None:
    assert f.stated(Decimal(92), qualifier, "percent", "vi", estimated=estimated) == vi
    assert f.stated(Decimal(92), qualifier, "percent", "en", estimated=estimated) == en


def test_changes_have_a_sign_and_percentages_change_by_points() -> None:
    assert f.change(1.25, "percent", "vi", 2) == "+1,25\u00a0điểm %"
    assert f.change(-0.0312, "score", "en", 4) == "−0.0312"
    assert f.change(0.000001, "score", "vi", 4) == "±0,0000"
    assert f.change(None, "score", "vi", 4) == "–"


def test_a_share_reads_a_hundred_only_when_it_is_whole() -> None:
    assert f.share(62 / 63, "vi") == "98\u00a0%"
    assert f.share(1.0, "en") == "100%"


def test_dates_ranks_and_publication_dates() -> None:
    assert f.day(date(2021, 6, 30), "vi") == "30/06/2021"
    assert f.instant(datetime(2021, 6, 30, 14, 5), "vi") == "14:05 ngày 30/06/2021"
    assert (f.published("2022-05-24"), f.published("2022-05"), f.published("")) == (
        "24/05/2022",
        "05/2022",
        "",
    )
    assert (f.rank(5, 4, 7), f.rank(1, 1, 1), f.rank(None, None, None)) == ("4–7", "1", "–")

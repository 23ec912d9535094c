"""Pages by number with a count, pages by cursor without one."""

from __future__ import annotations

import pytest

from tests.cast import state


def _follow(api, address, direction):
    pages = []
    while address:
        page = api.read(address)
        pages.append(page)
        address = (page[direction] or "").partition("/api/v1/")[2]
    return pages


@pytest.fixture
def months(cast):
    return [state(cast, cast.ha_giang, cast.received, f"2021-{m:02}", str(m)).pk for m in range(1, 8)]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_a_walk_by_cursor_gives_every_row_once_there_and_back(api, months, size):
    there = _follow(api, f"observations/?page_size={size}", "next")
    assert [row["id"] for page in there for row in page["results"]] == months
    assert all(set(page) == {"next", "previous", "results"} for page in there)
    last_page = (
        there[-2]["next"].partition("/api/v1/")[2] if len(there) > 1 else f"observations/?page_size={size}"
    )
    back = _follow(api, last_page, "previous")
    assert [row["id"] for page in reversed(back) for row in page["results"]] == months


def test_a_row_recorded_meanwhile_comes_at_the_end(api, cast, months):
    first = api.read("observations/?page_size=5")
    new = state(cast, cast.ha_giang, cast.received, "2021-08", "8")
    second = api.read(first["next"].partition("/api/v1/")[2])
    assert [row["id"] for row in second["results"]] == [*months[5:], new.pk]


def test_a_numbered_list_counts_and_links(api, cast):
    page = api.read("provinces/?page_size=2&page=2")
    assert page["count"] == 5
    assert page["next"].endswith("/api/v1/provinces/?page_size=2&page=3")
    assert page["previous"].endswith("/api/v1/provinces/?page_size=2&page=1")
    response = api.get("provinces/?page_size=2&page=3")
    assert 'rel="previous"' in response["Link"] and 'rel="next"' not in response["Link"]


def test_links_keep_the_filters(api, months):
    page = api.read("observations/?province=ha-giang,cao-bang&page_size=2")
    assert "province=ha-giang,cao-bang" in page["next"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("provinces/?page=0", "page"),
        ("provinces/?page=99999999999999999999999", "page"),
        ("observations/?page_size=1001", "page_size"),
        ("observations/?page_size=x", "page_size"),
        ("observations/?cursor=nowhere", "cursor"),
        ("observations/?cursor=a99999999999999999999", "cursor"),
        ("observations/?page=2", "page"),
        ("changes/?after=-1", "after"),
    ],
)
def test_a_place_that_is_none_is_refused(api, cast, query, parameter):
    assert api.problem(query)["parameter"] == parameter


def test_a_page_behind_the_last_is_not_there(api, cast):
    assert api.problem("provinces/?page=4&page_size=2", 404)["parameter"] == "page"

"""Answers kept in memory: the same to the byte, for one small query, until what they show has changed."""

from __future__ import annotations

import gzip
import time

import brotli
import pytest
from django.test import Client
from django.utils.http import http_date

from api import front, shelf
from api.shelf import Shelf, kept_while_read
from tests.api.conftest import Reader
from tests.cast import committed, state

ADDRESS = "observations/?province=ha-giang"


@pytest.fixture
def api(settings):
    settings.API_REQUESTS_PER_MINUTE, settings.REDIS_URL = 0, ""
    settings.API_CACHED_MIB = 1
    front.shelf.clear()
    return Reader(Client())


def test_the_second_answer_costs_one_small_query(api, figures, django_assert_num_queries):
    first = api.get(ADDRESS)
    with django_assert_num_queries(1) as asked:
        second = api.get(ADDRESS)
    assert asked[0]["sql"] == "SELECT number FROM api_datastate"
    assert (second.content, second.headers) == (first.content, first.headers)
    with django_assert_num_queries(1):
        unchanged = api.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert "Content-Type" not in unchanged and unchanged["Vary"] == first["Vary"]


def test_the_headers_of_the_site_are_kept_too(api, figures):
    api.get(ADDRESS)
    again = api.get(ADDRESS)
    assert again["Access-Control-Allow-Origin"] == "*" and again["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in again["Content-Security-Policy"]


def test_a_change_elsewhere_leaves_it_where_it_is(api, figures, django_assert_num_queries):
    first = api.get(ADDRESS)
    state(figures, figures.cao_bang, figures.received, "2021-01", "5")
    committed()
    with django_assert_num_queries(2):  # the newest change, and what it was
        assert api.get(ADDRESS)["ETag"] == first["ETag"]
    with django_assert_num_queries(1):
        assert api.get(ADDRESS)["ETag"] == first["ETag"]


def test_a_change_of_its_own_is_shown_at_once(api, figures):
    first = api.get(ADDRESS)
    state(figures, figures.ha_giang, figures.received, "2021-01", "99")
    committed()
    second = api.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200 and b'"value":99' in second.content


def test_what_another_process_answered_is_known_by_its_etag(api, figures):
    etag = api.get(ADDRESS)["ETag"]
    front.shelf.clear()
    other = Reader(Client())
    assert other.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304
    assert other.get(ADDRESS).status_code == 200  # though it has given but a 304 before


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip;q=0.8, br;q=0", "gzip", gzip.decompress),
        ("identity", "", bytes),
        ("x-gzip, brx", "", bytes),
    ],
)
def test_it_is_packed_as_the_client_likes(api, figures, accepted, encoding, unpack):
    plain = api.get(ADDRESS)
    for _ in range(2):
        packed = api.get(ADDRESS, headers={"Accept-Encoding": accepted})
        assert packed.headers.get("Content-Encoding", "") == encoding
        assert unpack(packed.content) == plain.content
        assert int(packed["Content-Length"]) == len(packed.content)
    assert (packed["ETag"] == plain["ETag"]) == (not encoding)  # strong: another body, another tag
    headers = {"Accept-Encoding": accepted, "If-None-Match": packed["ETag"]}
    unchanged = api.get(ADDRESS, headers=headers)
    assert (unchanged.status_code, unchanged["ETag"]) == (304, packed["ETag"])


def test_hosts_and_formats_have_answers_of_their_own(api, figures):
    api.get(ADDRESS + "&page_size=1")
    other = api.get(ADDRESS + "&page_size=1", HTTP_HOST="127.0.0.1")
    assert b"http://127.0.0.1/api/v1/" in other.content
    assert api.get(ADDRESS, headers={"Accept": "text/csv"})["Content-Type"].startswith("text/csv")
    assert api.get(ADDRESS)["Content-Type"] == "application/json"


def test_kept_answers_are_counted_by_the_limit(api, figures, settings):
    settings.API_REQUESTS_PER_MINUTE = 10
    left = [api.get(ADDRESS, REMOTE_ADDR="192.0.2.9")["RateLimit"].split(";")[1] for _ in range(3)]
    assert left == ["r=9", "r=8", "r=7"]
    settings.API_REQUESTS_PER_MINUTE = 3
    assert api.get(ADDRESS, REMOTE_ADDR="192.0.2.9").status_code == 429


def test_problems_are_made_anew(api, figures):
    assert (
        api.problem("observations/?status=good", headers={"Accept-Language": "vi"})["detail"]
        != (api.problem("observations/?status=good", headers={"Accept-Language": "en"})["detail"])
    )


def test_a_download_is_kept_once_it_was_read_to_its_end(api, figures, django_assert_num_queries):
    address = ADDRESS + "&format=csv"
    first = api.get(address)
    with django_assert_num_queries(1):
        again = api.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert api.get(address).streaming  # nobody has read the first
    body = b"".join(first.streaming_content)
    with django_assert_num_queries(1):
        second = api.get(address)
    assert (second.content, second["Content-Type"]) == (body, first["Content-Type"])
    assert body.count(b"\n") == 13
    assert second["Content-Disposition"] == 'attachment; filename="observations.csv"'


def test_a_date_does_not_take_the_body_away(api, figures, django_assert_num_queries):
    first = api.get(ADDRESS)
    api.get(ADDRESS, headers={"If-Modified-Since": "Fri, 31 Dec 2049 00:00:00 GMT"})
    with django_assert_num_queries(1):
        assert api.get(ADDRESS).content == first.content


def test_an_answer_by_date_has_the_headers_of_any_other(api, figures):
    first = api.get(ADDRESS)
    unchanged = api.get(ADDRESS, headers={"If-Modified-Since": http_date(time.time() + 5)})
    assert unchanged.status_code == 304
    for name in ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin"):
        assert unchanged[name] == first[name]


def test_asking_for_the_head_keeps_no_empty_body(api, figures):
    assert api.client.head(f"/api/v1/{ADDRESS}&format=csv").status_code == 200
    assert b"".join(api.get(ADDRESS + "&format=csv")).count(b"\r\n") == 13


def test_what_breaks_off_or_is_too_long_is_not_kept(monkeypatch):
    def breaking():
        yield b"half"
        raise OSError

    kept: list[bytes] = []
    stream = kept_while_read(breaking(), kept.append)
    assert next(stream) == b"half"
    with pytest.raises(OSError):
        next(stream)
    monkeypatch.setattr(shelf, "LARGEST", 3)
    assert list(kept_while_read([b"ab", b"cd", b"e"], kept.append)) == [b"ab", b"cd", b"e"]
    assert not kept


def test_the_shelf_holds_so_many_bytes_and_drops_what_was_asked_for_longest_ago():
    class Sized:
        size = 40

    small = Shelf(100)
    for key in ("a", "b"):
        small.put(key, Sized())
    small.get("a")
    small.put("c", Sized())
    assert [small.get(key) is not None for key in "abc"] == [True, False, True]
    small.put("c", Sized())
    assert small.get("a") is not None

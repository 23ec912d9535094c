"""What is answered before Django makes a request: to the byte and the header what Django answers."""

from __future__ import annotations

import gzip
import io

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, close_old_connections

from api import limits
from api.front import FrontDoor, shelf
from api.generations import generations
from tests.cast import committed, state

ADDRESS = ("/api/v1/observations/", "province=ha-giang")


@pytest.fixture(autouse=True)
def settled(settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE, settings.REDIS_URL, settings.API_CACHED_MIB = 10_000, "", 1
    monkeypatch.setattr(limits, "_seconds", lambda: 1_800_000_000)  # no test runs across a minute's end
    shelf.clear()


@pytest.fixture
def asked():
    """Counts what came to Django. Its signals would close the connection, and lose what the test made."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    django, came = get_wsgi_application(), []

    def counting(environ, start_response):
        came.append(environ["PATH_INFO"])
        return django(environ, start_response)

    counting.came = came
    yield counting
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _ask(application, address=ADDRESS, method="GET", **headers):
    told = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": address[0],
        "QUERY_STRING": address[1],
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.50",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **headers,
    }
    body = b"".join(application(environ, lambda *words: told.extend(words)))
    return told[0], dict(told[1]), body


def test_the_second_is_the_first_without_django(figures, asked, django_assert_num_queries):
    door = FrontDoor(asked)
    first = _ask(door)
    with django_assert_num_queries(1):
        second = _ask(door)
    assert len(asked.came) == 1
    left = [headers.pop("RateLimit") for _, headers, _ in (first, second)]
    assert first == second and first[0] == "200 OK" and b'"value":12' in first[2]
    assert [told.split(";")[1] for told in left] == ["r=9999", "r=9998"]


def test_the_head_has_the_headers_and_no_body(figures, asked):
    door = FrontDoor(asked)
    status, headers, body = _ask(door)
    told, same, nothing = _ask(door, method="HEAD")
    assert (told, nothing, len(asked.came)) == (status, b"", 1)
    assert headers.keys() == same.keys() and same["Content-Length"] == str(len(body))


def test_a_copy_that_is_true_is_not_sent_again(figures, asked):
    door = FrontDoor(asked)
    etag = _ask(door)[1]["ETag"]
    for named in (etag, f'W/"x", {etag[:-1]}-gzip"', "*"):
        status, headers, body = _ask(door, HTTP_IF_NONE_MATCH=named)
        assert (status, body) == ("304 Not Modified", b"")
        assert "Content-Type" not in headers and "Content-Length" not in headers
    assert _ask(door, HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"
    assert len(asked.came) == 1


def test_it_is_packed_once(figures, asked):
    door = FrontDoor(asked)
    plain = _ask(door)[2]
    _, headers, packed = _ask(door, HTTP_ACCEPT_ENCODING="gzip, deflate")
    assert headers["Content-Encoding"] == "gzip" and gzip.decompress(packed) == plain
    kept = next(iter(shelf._kept.values()))
    assert kept.answer("gzip") is kept.answer("gzip, deflate")
    assert len(asked.came) == 1


def test_a_range_is_the_whole_as_ever(figures, asked):
    door = FrontDoor(asked)
    whole = _ask(door)
    part = _ask(door, HTTP_RANGE="bytes=0-9")
    assert (part[0], part[2]) == (whole[0], whole[2])


@pytest.mark.parametrize(
    ("address", "method", "headers"),
    [
        (ADDRESS, "GET", {"HTTP_AUTHORIZATION": "Bearer nobody"}),
        (ADDRESS, "GET", {"HTTP_IF_MODIFIED_SINCE": "Fri, 31 Dec 1999 00:00:00 GMT"}),
        (ADDRESS, "GET", {"HTTP_ACCEPT": "text/csv"}),
        (ADDRESS, "GET", {"HTTP_HOST": "127.0.0.1"}),
        (ADDRESS, "OPTIONS", {}),
        (("/api/v1/observations/", "province=cao-bang"), "GET", {}),
        (("/robots.txt", ""), "GET", {}),
    ],
)
def test_everything_else_is_djangos(figures, asked, address, method, headers):
    door = FrontDoor(asked)
    _ask(door)
    _ask(door, address, method, **headers)
    assert len(asked.came) == 2


def test_a_change_is_shown_at_once(figures, asked):
    door = FrontDoor(asked)
    first = _ask(door)
    state(figures, figures.ha_giang, figures.received, "2021-01", "99")
    committed()
    second = _ask(door, HTTP_IF_NONE_MATCH=first[1]["ETag"])
    assert second[0] == "200 OK" and b'"value":99' in second[2]


def test_who_asked_too_often_is_told_by_django_and_counted_once(figures, asked, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [_ask(FrontDoor(asked), REMOTE_ADDR="192.0.2.51") for _ in range(3)]
    assert [status[:3] for status, _, _ in answers] == ["200", "200", "429"]
    assert len(asked.came) == 2


def test_a_database_that_is_away_is_djangos_to_tell(figures, asked, monkeypatch):
    door = FrontDoor(asked)
    _ask(door)

    def refresh():
        raise OperationalError

    monkeypatch.setattr(generations, "refresh", refresh)
    assert _ask(door)[0].startswith("500")
    assert len(asked.came) == 2


def test_none_is_kept_where_none_may_be(figures, asked, settings):
    settings.API_CACHED_MIB = 0
    for _ in range(2):
        _ask(FrontDoor(asked))
    assert len(asked.came) == 2

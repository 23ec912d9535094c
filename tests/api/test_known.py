"""What was understood before is written anew at the front door: to the byte and the header what the ordinary
way answers, and counted by the limit."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client

from api import base, freshness, limits
from tests.api.conftest import Reader
from tests.cast import committed, state

ADDRESSES = (
    "observations/?province=ha-giang",
    "observations/?province=ha-giang&shape=columns&page_size=2",
    "observations/?page_size=3&format=json",
    "observations/?province=ha-giang&cursor=a1&page_size=1",
    "observations/?province=ha-giang&format=ndjson",
    "changes/?after=0&page_size=2",
    "observations/?province=cao-bang,ha-giang&page_size=1",
)


@pytest.fixture
def api(settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE, settings.REDIS_URL, settings.API_CACHED_MIB = 10_000, "", 0
    monkeypatch.setattr(limits, "_seconds", lambda: 1_800_000_000)  # no test runs across a minute's end
    # Nor across a second's: Last-Modified is a second older within the second of the change.
    monkeypatch.setattr(freshness, "time", SimpleNamespace(time=lambda: 4_000_000_000.0))
    return Reader(Client())


@pytest.fixture
def ordinary(monkeypatch):
    """Counts the answers that came by the ordinary way."""
    came: list[str] = []
    respond = base.Resource.respond

    def counted(view, *words):
        came.append(view.request.get_full_path())
        return respond(view, *words)

    monkeypatch.setattr(base.Resource, "respond", counted)
    return came


def _same(known, ordinary):
    left = [dict(answer.headers) for answer in (known, ordinary)]
    for headers in left:
        headers.pop("RateLimit")
    assert (known.status_code, known.content, left[0]) == (200, ordinary.content, left[1])


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_what_the_ordinary_way_answers(api, figures, ordinary, address):
    first, known = api.get(address), api.get(address)
    assert len(ordinary) == 1
    _same(known, first)
    state(figures, figures.ha_giang, figures.received, "2021-01", "99")
    committed()
    changed = api.get(address)
    assert len(ordinary) == 1
    _same(changed, Reader(Client()).get(address))  # another process, that knows nothing yet
    assert len(ordinary) == 2
    assert changed["ETag"] != first["ETag"]


def test_every_answer_is_counted(api, figures, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    answers = [api.get(ADDRESSES[0], REMOTE_ADDR="192.0.2.77") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    left = [answer["RateLimit"].partition(";t=")[0] for answer in answers]
    assert left == [f'"anonymous";r={most}' for most in (2, 1, 0, 0)]


def test_reference_data_make_it_understood_again(api, figures, ordinary):
    for _ in range(2):
        assert len(api.rows(ADDRESSES[0])) == 12
    figures.ha_giang.slug = "ha-giang-2025"
    figures.ha_giang.save()
    committed()
    api.get(ADDRESSES[0])
    assert len(ordinary) == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"headers": {"If-None-Match": '"other"'}},
        {"headers": {"If-Modified-Since": "Fri, 31 Dec 1999 00:00:00 GMT"}},
        {"headers": {"Accept": "text/csv"}},
        {"HTTP_HOST": "127.0.0.1"},
    ],
)
def test_what_is_unusual_goes_the_ordinary_way(api, figures, ordinary, asked):
    api.get(ADDRESSES[0])
    assert api.get(ADDRESSES[0]).status_code == 200 and len(ordinary) == 1
    assert api.get(ADDRESSES[0], **asked).status_code == 200
    assert len(ordinary) == 2


def test_nothing_of_the_past_is_known(api, figures, ordinary):
    for count in (1, 2):
        assert api.get(f"{ADDRESSES[0]}&as_of=2020-01-01T00:00:00Z").status_code == 200
        assert len(ordinary) == count

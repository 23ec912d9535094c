"""The limit is one for all processes, by way of Redis."""

import os
import uuid

import pytest
import redis

from api.limits import WINDOW, Counts

pytestmark = pytest.mark.services


def test_processes_share_one_count() -> None:
    url = os.environ["REDIS_URL"]
    key = f"tinhso:limit:test:{uuid.uuid4()}"
    one, other = Counts(url), Counts(url)
    assert [one.add(key), other.add(key), one.add(key)] == [1, 2, 3]
    with redis.Redis.from_url(url) as client:
        assert WINDOW < int(client.ttl(key)) <= 2 * WINDOW  # it does not stay for ever
        client.delete(key)

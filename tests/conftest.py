"""What all tests share."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test.utils import override_settings
from xdist.scheduler import LoadScopeScheduling

from dashboards import caching


class OneByOne(LoadScopeScheduling):
    """Each test goes to the process that is free, in the order in which they are collected. Tests with a
    worker on Redis stay together: there is one Redis, whose queues all would share."""

    def _split_scope(self, nodeid: str) -> str:
        return "redis" if "[redis]" in nodeid else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneByOne:
    return OneByOne(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """What takes a minute is begun first, so that no process is left alone with it. The walk comes last: it
    empties the database behind itself."""
    items.sort(
        key=lambda item: (item.get_closest_marker("supervisor") is None, "origin" in item.fixturenames)
    )


@pytest.fixture(scope="session", autouse=True)
def plain_settings() -> Iterator[None]:
    """Pages find their static files where they lie: no test needs them collected. Answers of the API are not
    kept: a test takes back what it did, and no generation tells of that."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with override_settings(
        STORAGES=settings.STORAGES | {"staticfiles": {"BACKEND": backend}}, API_CACHED_MIB=0
    ):
        yield


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """A page of one test is no page of another."""
    caching.forget()

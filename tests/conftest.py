"""What all tests share."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test.utils import override_settings

from dashboards import caching


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute is begun first, so that no process is left alone with it."""
    items.sort(key=lambda item: item.get_closest_marker("supervisor") is None)


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

"""A client that reads answers as readers of the API do, and the cast."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from api.generations import generations
from api.questions import questions
from tests.cast import Cast, committed, make_cast, state


@dataclass(frozen=True)
class Reader:
    client: Client

    def get(self, address: str, **options: Any) -> Any:
        """The whole response to ``address``, which begins behind /api/v1/."""
        return self.client.get(f"/api/v1/{address}", **options)

    def read(self, address: str, **options: Any) -> Any:
        """The JSON body of a successful answer, numbers as they are written."""
        response = self.get(address, **options)
        assert response.status_code == 200, response.content.decode()
        return json.loads(response.content, parse_float=Decimal)

    def rows(self, address: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.read(address)["results"]
        return rows

    def problem(self, address: str, status: int = 400, **options: Any) -> dict[str, Any]:
        response = self.get(address, **options)
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
        problem: dict[str, Any] = response.json()
        assert problem["status"] == status
        return problem

    def csv(self, address: str) -> str:
        response = self.get(address)
        assert response.status_code == 200
        return b"".join(response.streaming_content).decode()


def another_connection() -> Any:
    """To the test's database, beside Django's own."""
    return psycopg2.connect(**connection.get_connection_params())


@pytest.fixture
def api(settings: Any) -> Reader:
    settings.API_REQUESTS_PER_MINUTE = 0
    settings.REDIS_URL = ""  # counts of this process: the next run begins anew
    return Reader(Client())


@pytest.fixture
def cast(db: None) -> Cast:
    cast = make_cast()
    questions.clear()
    generations.refresh()  # what other tests left, so that the tested request need not
    return cast


@pytest.fixture
def figures(cast: Cast) -> Cast:
    """A count of every month of a year, as large as the month's number."""
    for month in range(1, 13):
        state(cast, cast.ha_giang, cast.received, f"2021-{month:02}", str(month))
    committed()
    return cast

"""Whatever a client makes of the schema, every answer is as the schema says (schemathesis, all its checks).

The suite asks the same five examples of each operation every time; with CONTRACT_EXAMPLES it is so many, and
others each time (`make contract`: 50, which is some 2,300 in all).
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from api.generations import generations
from api.questions import questions
from api.tokens import make_token
from tests.api.test_resources import _compute
from tests.cast import make_cast
from tests.reporting.cast import make_play

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "5"))


@pytest.fixture(params=["anonymous", "token"])
def headers(request, db):
    """Of whoever asks: nobody in particular, or the leader of a province who may submit reports."""
    if request.param == "anonymous":
        _compute(make_cast(), 3)
        return {}
    play = make_play()
    _compute(play.cast, 3)
    _token, secret = make_token(user=play.leader, name="robot", scopes=["read", "submit"], days=1)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def contract(headers, settings):
    settings.API_REQUESTS_PER_MINUTE = settings.API_TOKEN_REQUESTS_PER_MINUTE = 0
    settings.REDIS_URL = ""
    questions.clear()
    generations.refresh()
    # They would close the connection, and with it what the test has made.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/schema/", get_wsgi_application())
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_answer_is_as_described(contract, headers, mode):
    failures = []
    for found in contract.get_all_operations():
        operation = found.ok()
        try:
            _ask(operation.as_strategy(generation_mode=mode), headers)
        except (Failure, FailureGroup) as failure:
            failures.append(f"{operation.label}: {failure!r} {getattr(failure, 'exceptions', '')}")
        except Unsatisfiable:
            continue  # nothing about it can be wrong
    assert not failures, "\n".join(failures)


def _ask(cases, headers):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="CONTRACT_EXAMPLES" not in os.environ,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case):
        # What the form's rules and its lines refuse (422) no schema can say.
        reporting = bool(headers) and case.operation.label == "POST /api/v1/submissions/"
        case.call_and_validate(
            headers=headers, excluded_checks=[positive_data_acceptance] if reporting else []
        )

    ask()

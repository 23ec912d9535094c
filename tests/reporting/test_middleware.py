"""Every writing statement of a request carries the person and the address."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from reporting.middleware import AuditActorMiddleware
from reporting.models import AuditRecord
from tests.reporting.cast import person

pytestmark = pytest.mark.django_db
RENAME = "UPDATE auth_user SET first_name = {} WHERE username = {}"


def written_by(actor: User, sql: str, params: object) -> list[AuditRecord]:
    """What the trail says of one statement of a request."""
    before = AuditRecord.objects.count()

    def view(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        return HttpResponse()

    request = RequestFactory().post("/")
    request.user = actor
    AuditActorMiddleware(view)(request)
    return list(AuditRecord.objects.order_by("id")[before:])


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        (RENAME.format("%s", "%s"), ["Mới", "somebody"]),
        (RENAME.format("%(name)s", "%(who)s"), {"name": "Mới", "who": "somebody"}),
        (RENAME.format("'100 % mới'", "'somebody'"), None),
        (
            f"WITH done AS ({RENAME.format('%s', '%s')} RETURNING 1) SELECT count(*) FROM done",
            ["a", "somebody"],
        ),
    ],
)
def test_parameters_by_place_by_name_and_none(sql: str, params: object) -> None:
    actor, _other = person("actor", "Người ghi"), person("somebody", "Ai đó")
    (record,) = written_by(actor, sql, params)
    assert (record.actor, record.address, record.label) == (actor.pk, "127.0.0.1", "somebody")

"""Every role against every address and another province's objects: nothing leaks, nothing is written."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from reporting.models import AuditRecord, Entry, Submission
from reporting.services.deciding import accept, submit
from reporting.urls import urlpatterns
from tests.reporting.cast import Play, fill, make_play, opened, person

pytestmark = pytest.mark.django_db

#: role → what it gets; "own" is Cao Bằng's draft, "sent" its submitted form of another quarter. 302 on the
#: home page's POSTs leads to the page of what was done, or to the login for those who are nobody.
ROLES = ("nobody", "reader", "staff", "leader", "neighbour", "reviewer", "administrator")
LOGIN, NO, HIDDEN, YES, MOVED, CONFLICT, UNAUTHORISED = 302, 403, 404, 200, 302, 409, 401
TABLE = {
    # (method, name, what): by role in the order of ROLES
    ("GET", "home", ""): (LOGIN, NO, YES, YES, YES, YES, YES),
    ("POST", "open", ""): (LOGIN, NO, MOVED, MOVED, HIDDEN, HIDDEN, HIDDEN),
    ("GET", "form", "own"): (LOGIN, NO, YES, YES, HIDDEN, YES, YES),
    ("POST", "form", "own"): (LOGIN, NO, MOVED, MOVED, HIDDEN, NO, NO),
    ("POST", "cells", "own"): (UNAUTHORISED, HIDDEN, YES, YES, HIDDEN, HIDDEN, HIDDEN),
    ("GET", "check", "own"): (LOGIN, NO, YES, YES, HIDDEN, YES, YES),
    ("GET", "review", "sent"): (LOGIN, NO, HIDDEN, HIDDEN, HIDDEN, YES, YES),
    ("POST", "review", "sent"): (LOGIN, NO, HIDDEN, HIDDEN, HIDDEN, MOVED, HIDDEN),
    ("GET", "workbook", "own"): (LOGIN, NO, YES, YES, HIDDEN, YES, YES),
    ("POST", "workbook-upload", "own"): (LOGIN, NO, MOVED, MOVED, HIDDEN, HIDDEN, HIDDEN),
    ("POST", "workbook-confirm", "own"): (LOGIN, NO, MOVED, MOVED, HIDDEN, HIDDEN, HIDDEN),
    ("POST", "workbook-refused", "own"): (LOGIN, NO, MOVED, MOVED, HIDDEN, HIDDEN, HIDDEN),
    ("POST", "correct", "published"): (LOGIN, NO, MOVED, MOVED, HIDDEN, MOVED, MOVED),
}
MAY_WRITE = {
    ("POST", "open"): {"staff", "leader"},
    ("POST", "form"): {"staff", "leader"},
    ("POST", "cells"): {"staff", "leader"},
    ("POST", "review"): {"reviewer"},
    ("POST", "correct"): {"staff", "leader"},
}


@pytest.fixture
def play() -> Play:
    return make_play()


def who(play: Play, role: str) -> User | None:
    if role == "nobody":
        return None
    return person("reader", "Không vai trò") if role == "reader" else getattr(play, role)


def scene(play: Play) -> dict[str, Submission]:
    from indicators.core.periods import parse_period

    found = {"own": opened(play)}
    for name, code in (("sent", "2025-Q2"), ("published", "2025-Q1")):
        submission = opened(play, period=parse_period(code))
        fill(play, submission)
        found[name] = submit(submission_id=submission.pk, actor=play.leader)
    accept(submission_id=found["published"].pk, actor=play.reviewer)
    return found


def request(client: Client, play: Play, method: str, name: str, submission: Submission | None):
    address = reverse(f"reporting:{name}", args=[submission.pk] if submission else [])
    if method == "GET":
        return client.get(address)
    if name == "cells":
        entry = submission.entries.order_by("pk")[0]
        body = json.dumps({"cells": [{"entry": entry.pk, "version": entry.version, "text": "77"}]})
        return client.post(address, body, content_type="application/json")
    data = {
        "open": {"form": play.form.pk, "province": "cao-bang", "period": "2024-Q4"},
        "review": {"action": "return", "reason": "xem lại"},
        "correct": {"reason": "nhập nhầm"},
    }.get(name, {})
    if name == "form":
        entry = submission.entries.order_by("pk")[0]
        data = {f"c{entry.pk}-base": "0:0", f"c{entry.pk}-text": "77"}
    return client.post(address, data)


def picture() -> tuple[object, ...]:
    """Everything that a request could have written."""
    return (
        list(Submission.objects.order_by("pk").values_list("pk", "state", "number")),
        list(Entry.objects.order_by("pk").values_list("pk", "as_typed", "version", "return_comment")),
    )


@pytest.mark.parametrize("role", ROLES)
def test_every_role_against_every_address(play: Play, role: str) -> None:
    found = scene(play)
    user = who(play, role)
    for (method, name, what), expected in TABLE.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        before = picture()
        answer = request(client, play, method, name, found.get(what))
        case = (role, method, name)
        assert answer.status_code == expected[ROLES.index(role)], (case, answer.status_code)
        if role == "nobody" and answer.status_code == LOGIN:
            assert "/login/" in answer.headers["Location"], case
        wrote = picture() != before
        assert wrote == (role in MAY_WRITE.get((method, name), set())), case
        if answer.status_code in (NO, HIDDEN):
            # Reviewers may read the form that they may not fill.
            assert "Cao Bằng" not in answer.content.decode() or name == "form", case


def test_the_table_names_every_address() -> None:
    names = {path.name for path in urlpatterns if not path.name.startswith("import")}
    # The import's pages have the same table in tests/reporting/importing/test_pages.py.
    assert {name for _method, name, _what in TABLE} == names


def test_the_trail_is_read_and_searched_but_no_screen_changes_it(play: Play) -> None:
    play.administrator.is_superuser = True  # whoever may most
    play.administrator.save()
    client = Client()
    client.force_login(play.administrator)
    opened(play)
    listing = client.get(reverse("admin:reporting_auditrecord_changelist"), {"q": "cao-bang 2025-Q3"})
    assert listing.status_code == 200 and "cao-bang 2025-Q3" in listing.content.decode()
    record = AuditRecord.objects.all()[0]
    change = reverse("admin:reporting_auditrecord_change", args=[record.pk])
    assert client.get(change).status_code == 200
    assert client.post(change, {"actor_name": "ai khác"}).status_code == 403
    assert client.post(reverse("admin:reporting_auditrecord_delete", args=[record.pk])).status_code == 403
    assert client.get(reverse("admin:reporting_auditrecord_add")).status_code == 403


def test_a_used_form_is_read_only_in_the_administration_and_is_copied_instead(play: Play) -> None:
    play.administrator.is_superuser = True
    play.administrator.save()
    client = Client()
    client.force_login(play.administrator)
    change = reverse("admin:reporting_reportingform_change", args=[play.form.pk])
    assert 'name="due_after_days"' in client.get(change).content.decode()
    opened(play)
    page = client.get(change).content.decode()
    assert 'name="due_after_days"' not in page and 'name="applies_to"' in page
    data = {"action": "make_new_version", "_selected_action": play.form.pk}
    answer = client.post(reverse("admin:reporting_reportingform_changelist"), data)
    assert type(play.form).objects.get(version=2).sections.count() == 2
    assert client.get(answer.headers["Location"]).status_code == 200

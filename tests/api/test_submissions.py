"""Submitting by API: the form's rules, states and roles; one key, one effect, one answer."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection
from django.test import Client

from api.models import Refusal, SubmissionKey
from api.tokens import make_token
from indicators.models import Observation
from reporting.models import AuditRecord, Entry, Submission
from reporting.services.deciding import accept, return_submission
from tests.reporting.cast import make_play

ADDRESS = "/api/v1/submissions/"
RIGHT = [
    {"indicator": "dossiers-received", "value": 8868},
    {"indicator": "dossiers-received", "category": "online", "value": "7.011"},
    {"indicator": "dossiers-on-time-rate", "numerator": 8405, "denominator": 8524},
    {"indicator": "satisfaction-rate", "value": "trên 92%"},
    {"indicator": "edocs-exchanged", "category": None, "value": "3,2 triệu"},
]


@pytest.fixture
def play(db):
    return make_play()


def _report(entries=RIGHT, **fields):
    return {"form": "quarterly", "province": "cao-bang", "period": "2025-Q3", "entries": entries} | fields


def _send(user, report, key="one", scopes=("submit",), client=None, **headers):
    _token, secret = make_token(user=user, name="robot", scopes=scopes, days=1)
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key} | headers
    body = report if isinstance(report, str | bytes) else json.dumps(report)
    return (client or Client()).post(ADDRESS, body, content_type="application/json", headers=headers)


def _look(user, address):
    _token, secret = make_token(user=user, name="robot", scopes=["submit"], days=1)
    return Client().get(address, headers={"Authorization": f"Bearer {secret}"})


def _results(answer):
    return {(cell["indicator"], cell["category"]): cell["result"] for cell in answer.json()["entries"]}


def test_a_report_is_taken_and_waits_for_its_reviewer(play):
    answer = _send(play.leader, _report())
    assert answer.status_code == 201, answer.content.decode()
    body = answer.json()
    assert (body["state"], body["version"], body["province"]) == ("submitted", 1, "cao-bang")
    assert set(_results(answer).values()) == {"accepted"}
    assert not Observation.objects.exists()
    submission = Submission.objects.get()
    assert answer["Location"].endswith(f"/api/v1/submissions/{submission.pk}/")
    assert submission.submitted_by == play.leader and "no-store" in answer["Cache-Control"]
    accept(submission_id=submission.pk, actor=play.reviewer)
    assert _look(play.leader, answer["Location"]).json()["state"] == "accepted"
    values = dict(Observation.objects.values_list("indicator__code", "as_stated"))
    assert values["satisfaction-rate"] == "trên 92%"


def test_numbers_keep_their_digits(play):
    body = json.dumps(_report([{"indicator": "satisfaction-rate", "value": "@"}], submit=False))
    assert _send(play.staff, body.replace('"@"', "72.60")).status_code == 201
    entry = Entry.objects.get(line__indicator=play.satisfaction)
    assert (entry.as_typed, str(entry.value)) == ("72,60", "72.60")


def test_a_returned_report_says_why_and_is_sent_again(play):
    first = _send(play.leader, _report())
    submission = Submission.objects.get()
    cell = submission.entries.get(line__indicator=play.satisfaction)
    return_submission(
        submission_id=submission.pk, reason="Xem lại", comments={cell.pk: "Nguồn?"}, actor=play.reviewer
    )
    state = _look(play.staff, first["Location"]).json()
    assert (state["state"], state["return_reason"]) == ("returned", "Xem lại")
    assert [one["return_comment"] for one in state["entries"]].count("Nguồn?") == 1
    again = _send(play.leader, _report([{"indicator": "satisfaction-rate", "value": 93}]), key="two")
    assert (again.status_code, again.json()["state"]) == (201, "submitted")


def test_a_published_report_is_corrected_with_a_reason(play):
    _send(play.leader, _report())
    accept(submission_id=Submission.objects.get().pk, actor=play.reviewer)
    entries = [{"indicator": "dossiers-received", "value": 8869}]
    assert _send(play.leader, _report(entries), key="two").status_code == 409
    answer = _send(play.leader, _report(entries, correction_reason="Đếm lại"), key="three")
    assert (answer.status_code, answer.json()["version"]) == (201, 2)


def test_a_cell_that_is_refused_refuses_the_whole(play):
    entries = [{**RIGHT[0], "value": "nhiều"}, *RIGHT[1:]]
    answer = _send(play.leader, _report(entries))
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["reason"] == "checks_failed"
    [cell] = [cell for cell in answer.json()["entries"] if cell["result"] == "error"]
    assert cell["findings"][0]["code"] == "no_number" and "nhiều" in cell["findings"][0]["sentence"]
    assert not Submission.objects.exists() and not Entry.objects.exists()


def test_a_draft_is_saved_with_what_is_wrong(play):
    entries = [{"indicator": "dossiers-on-time-rate", "numerator": 9, "denominator": 8}]
    answer = _send(play.staff, _report(entries, submit=False))
    assert (answer.status_code, answer.json()["state"]) == (201, "draft")
    results = _results(answer)
    assert results["dossiers-on-time-rate", None] in {"warning", "error"}
    assert results["edocs-exchanged", None] == "empty"


def test_a_cell_that_the_form_does_not_have(play):
    entries = [{"indicator": "no-such", "value": 1}, RIGHT[0], RIGHT[0]]
    answer = _send(play.leader, _report(entries))
    assert answer.status_code == 422
    codes = [[found["code"] for found in cell["findings"]] for cell in answer.json()["entries"]]
    assert codes == [["no_such_cell"], [], ["cell_twice"]]


@pytest.mark.parametrize(
    ("who", "fields", "status", "code"),
    [
        ("staff", {}, 403, "not_leader"),
        ("neighbour", {}, 403, "not_your_province"),
        ("reviewer", {}, 403, "not_your_province"),
        ("leader", {"province": "atlantis"}, 403, "not_your_province"),
        ("leader", {"form": "yearly"}, 409, "not_asked"),
        ("leader", {"period": "2024"}, 409, "wrong_calendar"),
        ("leader", {"period": "2099-Q4"}, 409, "not_open_yet"),
    ],
)
def test_roles_and_states_are_the_forms(play, who, fields, status, code):
    answer = _send(getattr(play, who), _report(**fields))
    assert (answer.status_code, answer.json().get("reason")) == (status, code)
    assert not Submission.objects.exists()
    if status == 403:
        assert Refusal.objects.get().reason == code


def test_it_needs_a_token_that_may_submit(play):
    assert Client().post(ADDRESS, "{}", content_type="application/json").status_code == 401
    assert _send(play.leader, _report(), scopes=["read"]).status_code == 403
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"entries": []}, "entries"),
        ({"entries": [RIGHT[0], 5]}, "entries[1]"),
        ({"entries": [{"value": 5}]}, "entries[0].indicator"),
        ({"entries": [{**RIGHT[0], "valeu": 5}]}, "entries[0].valeu"),
        ({"entries": [{**RIGHT[0], "value": True}]}, "entries[0].value"),
        ({"entries": [{**RIGHT[0], "status": "guessed"}]}, "entries[0].status"),
        ({"entries": [{**RIGHT[0], "value": "1" * 201}]}, "entries[0].value"),
        ({"entries": [{**RIGHT[0], "note": "a\x00"}]}, "entries[0].note"),
        ({"period": "Q3/2025"}, "period"),
        ({"submit": "yes"}, "submit"),
        ({"publish": True}, "publish"),
    ],
)
def test_what_cannot_be_read_is_named(play, change, parameter):
    answer = _send(play.leader, _report(**change))
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
    assert not SubmissionKey.objects.exists()


@pytest.mark.parametrize("body", ["", "[", "[]", "NaN", '{"form": NaN}', b"\xff", "[" * 100_000, "5"])
def test_what_is_no_report_at_all(play, body):
    assert _send(play.leader, body).status_code == 400


def test_what_is_too_large_is_not_read(play):
    assert _send(play.leader, "[" + " " * 3_000_000).status_code == 413


@pytest.mark.parametrize("key", ["", "ä", "a b", "x" * 256])
def test_a_key_is_needed(play, key):
    answer = _send(play.leader, _report(), key=key)
    assert (answer.status_code, answer.json()["parameter"]) == (400, "Idempotency-Key")


def test_the_same_key_gives_the_same_answer(play):
    first = _send(play.leader, _report())
    again = _send(play.leader, _report())
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert again["Location"] == first["Location"] and Submission.objects.count() == 1


def test_so_does_the_key_of_a_refused_report(play):
    first, again = (_send(play.leader, _report(form="yearly")) for _ in range(2))
    assert (again.status_code, again.content) == (409, first.content)
    assert again["Content-Type"] == "application/problem+json"


def test_a_key_is_for_one_report_of_one_person(play):
    _send(play.leader, _report())
    other = _send(play.leader, _report(submit=False))
    assert (other.status_code, other.json()["type"].rpartition("problems/")[2]) == (422, "key-reused/")
    assert _send(play.neighbour, _report(province="dien-bien")).status_code == 201


def test_the_trail_names_the_owner_of_the_token(play):
    _send(play.leader, _report())
    record = AuditRecord.objects.filter(table="reporting_submission").earliest("id")
    assert record.actor_name == "leader"


def test_nobody_looks_at_others_reports(play):
    address = _send(play.leader, _report())["Location"]
    assert _look(play.neighbour, address).status_code == 404
    assert _look(play.reviewer, address).status_code == 200
    assert _look(play.leader, ADDRESS + "999999999999999999999999/").status_code == 404


@pytest.mark.parametrize("cells", [1, 5])
def test_queries_do_not_grow_with_the_cells(play, cells, django_assert_max_num_queries):
    _send(play.staff, _report(RIGHT[:1], submit=False))
    with django_assert_max_num_queries(46):
        assert _send(play.staff, _report(RIGHT[:cells], submit=False), key="two").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_once_has_one_effect():
    play = make_play()
    _token, secret = make_token(user=play.leader, name="robot", scopes=["submit"], days=1)
    answers = []

    def send():
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "one"}
        body = json.dumps(_report())
        answers.append(Client().post(ADDRESS, body, content_type="application/json", headers=headers))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 5
    assert Submission.objects.get().state == "submitted" and SubmissionKey.objects.count() == 1

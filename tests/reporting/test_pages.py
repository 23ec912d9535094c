"""The pages as their readers get them: without scripts, in few queries, in both languages."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.core.periods import parse_period
from indicators.models import Observation
from reporting.importing import batches, jobs
from reporting.models import AuditRecord, Entry, FormSection, Submission
from reporting.services.deciding import accept, submit
from reporting.services.opening import correct
from tests.cast import make_indicator, state
from tests.reporting.cast import Play, add_line, cell, fill, make_play, opened, save, submitted
from tests.reporting.importing.files import GOOD, csv

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return make_play()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def posted(page) -> dict[str, str]:
    """What a browser without scripts would send back of the page that it was given."""
    fields = {}
    for _name, rows in page.context["sections"]:
        for row in rows:
            fields[f"{row.key}-base"] = row.base
            for name in row.cell.__dataclass_fields__:
                fields[f"{row.key}-{name}"] = getattr(row.cell, name)
    return fields


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Without the marks of transactions, which travel with the test's own."""
    return [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def test_a_quarter_without_scripts_from_the_work_list_to_the_published_figure(play: Play) -> None:
    staff, leader, reviewer = as_(play.staff), as_(play.leader), as_(play.reviewer)
    data = {"form": play.form.pk, "province": "cao-bang", "period": "2025-Q3"}
    answer = staff.post(reverse("reporting:open"), data)
    address = answer.headers["Location"]
    page = staff.get(address)
    fields = posted(page)
    texts = {"dossiers-received": "8.868", "satisfaction-rate": "trên 92%", "edocs-exchanged": "3,2 triệu"}
    for entry in Entry.objects.select_related("line__indicator"):
        code = entry.line.indicator.code
        if code == "dossiers-on-time-rate":
            fields |= {f"c{entry.pk}-numerator": "8.405", f"c{entry.pk}-denominator": "8.524"}
        else:
            fields[f"c{entry.pk}-text"] = "7.011" if entry.line.category_id else texts[code]
    assert staff.post(address, fields | {"action": "save"}).status_code == 302
    page = leader.get(address)
    assert "3.200.000" in page.content.decode() and "98,60" in page.content.decode()
    assert leader.post(address, posted(page) | {"action": "submit"}).status_code == 302
    submission = Submission.objects.get()
    assert submission.state == "submitted"
    queue = reviewer.get(reverse("reporting:home")).content.decode()
    assert reverse("reporting:review", args=[submission.pk]) in queue
    reviewer.post(reverse("reporting:review", args=[submission.pk]), {"action": "accept"})
    assert Observation.objects.current().get(indicator=play.satisfaction).as_stated == "trên 92%"


def test_last_quarter_last_year_and_the_target_stand_beside_the_cell(play: Play) -> None:
    state(play.cast, play.province, play.satisfaction, "2025-Q2", "91.4")
    state(play.cast, play.province, play.satisfaction, "2024-Q3", "88", qualifier="more_than")
    state(play.cast, play.province, play.documents, "2025-H1", "2100000")
    submission = opened(play)
    page = as_(play.staff).get(reverse("reporting:form", args=[submission.pk]))
    rows = {row.entry.line.indicator.code: row for _name, rows in page.context["sections"] for row in rows}
    assert rows["satisfaction-rate"].previous == ["91,4"]
    assert rows["satisfaction-rate"].year_before == ["> 88"]
    assert rows["edocs-exchanged"].previous == ["2.100.000"]


def test_an_ambiguous_percentage_is_asked_about_in_words(play: Play) -> None:
    submission = opened(play)
    save(cell(submission, play.satisfaction), play.staff, "1.253")
    page = as_(play.staff).get(reverse("reporting:form", args=[submission.pk])).content.decode()
    assert "“1.253” có thể là 1253 hoặc 1,253" in page


def test_a_conflict_without_scripts_shows_who_what_and_keeps_what_was_typed(play: Play) -> None:
    submission = opened(play)
    address = reverse("reporting:form", args=[submission.pk])
    entry = cell(submission, play.satisfaction)
    other = cell(submission, play.documents)
    client = as_(play.second_staff)
    fields = posted(client.get(address))
    save(entry, play.staff, "92,5")
    fields |= {f"c{entry.pk}-text": "80", f"c{other.pk}-text": "1.000"}
    answer = client.post(address, fields)
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Nông Thị Mai đã sửa ô này" in text and "92,5" in text and 'value="80"' in text
    other.refresh_from_db()
    assert other.as_typed == "1.000"
    retry = posted(answer)
    assert client.post(address, retry).status_code == 302
    entry.refresh_from_db()
    assert entry.as_typed == "80"


def test_errors_stand_in_the_way_of_submitting_and_are_said_at_the_cell(play: Play) -> None:
    submission = opened(play)
    address = reverse("reporting:form", args=[submission.pk])
    client = as_(play.leader)
    answer = client.post(address, posted(client.get(address)) | {"action": "submit"})
    assert answer.status_code == 422
    assert answer.content.decode().count('class="rp-error"') == 5


def save_one(client: Client, entry: Entry, version: int, text: str):
    body = json.dumps({"cells": [{"entry": entry.pk, "version": version, "text": text}]})
    address = reverse("reporting:cells", args=[entry.submission_id])
    return client.post(address, body, content_type="application/json", headers={"Accept": "application/json"})


def test_one_cell_is_saved_in_four_statements(play: Play) -> None:
    entry = cell(opened(play), play.satisfaction)
    client = as_(play.staff)
    with CaptureQueriesContext(connection) as queries:
        answer = save_one(client, entry, 0, "trên 92%")
    assert answer.json()["saved"][0]["version"] == 1
    assert len(statements(queries)) <= 4, statements(queries)
    conflict = save_one(as_(play.second_staff), entry, 0, "80").json()["conflicts"][0]
    assert "Nông Thị Mai" in conflict["sentence"] and conflict["cell"]["text"] == "trên 92%"


def test_a_page_of_sixty_lines_is_drawn_in_twelve_queries(play: Play) -> None:
    section = FormSection.objects.create(form=play.form, position=3, name_vi="Nhiều", name_en="Many")
    for place in range(60):
        indicator = make_indicator(f"rate-{place}", "ratio", "percent", "higher", "%", "%")
        add_line(section, place + 1, indicator, wants_counts=True)
        state(play.cast, play.province, indicator, "2025-Q2", "50")
    submission = opened(play)
    Submission.objects.update(submitted_at=timezone.now(), submitted_by=play.leader)
    for user, name in [(play.staff, "form"), (play.reviewer, "review"), (play.administrator, "form")]:
        client = as_(user)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(reverse(f"reporting:{name}", args=[submission.pk]))
        assert answer.status_code == 200
        assert len(queries) <= 12, statements(queries)


def test_lists_cost_as_many_queries_whatever_their_length(play: Play) -> None:
    submission = submitted(play)
    accept(submission_id=submission.pk, actor=play.reviewer)
    counts: dict[str, list[int]] = {}
    for period in ("2025-Q2", "2025-Q1", "2024-Q4"):
        later = opened(play, period=parse_period(period))
        fill(play, later)
        submit(submission_id=later.pk, actor=play.leader)
        batch = batches.upload(name="x.csv", content=csv(GOOD), source="ha-giang-2021", actor=play.reviewer)
        jobs.ask(batch=batch, kind="look", actor=play.reviewer)
        jobs.run_at_once(batch.pk)
        asked = [(play.leader, "home", []), (play.reviewer, "home", []), (play.reviewer, "imports", [])]
        asked += [(play.reviewer, name, [batch.pk]) for name in ("import", "import-progress")]
        for user, name, args in asked:
            client = as_(user)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(f"reporting:{name}", args=args)).status_code == 200
            counts.setdefault(f"{user.username} {name}", []).append(len(queries))
    assert counts == {
        "leader home": [22] * 3,  # three quarters of two calendars
        "reviewer home": [6] * 3,
        "reviewer imports": [7] * 3,
        "reviewer import": [6] * 3,
        "reviewer import-progress": [6] * 3,
    }


def test_an_expired_session_is_said_to_the_script_and_leads_a_person_to_the_login(play: Play) -> None:
    entry = cell(opened(play), play.satisfaction)
    assert save_one(Client(), entry, 0, "1").status_code == 401
    address = reverse("reporting:form", args=[entry.submission_id])
    assert Client().get(address).headers["Location"].endswith(f"/login/?next={address}")


def test_the_trail_names_the_person_and_the_address(play: Play) -> None:
    entry = cell(opened(play), play.satisfaction)
    save_one(as_(play.staff), entry, 0, "50")
    record = AuditRecord.objects.get(table="reporting_entry", row=entry.pk)
    assert (record.actor, record.actor_name, record.address) == (play.staff.pk, "staff", "127.0.0.1")


def test_a_published_form_can_be_corrected_from_its_page(play: Play) -> None:
    submission = submitted(play)
    accept(submission_id=submission.pk, actor=play.reviewer)
    client = as_(play.staff)
    client.post(reverse("reporting:correct", args=[submission.pk]), {"reason": "Nhập nhầm"})
    second = Submission.objects.get(number=2)
    fill(play, second)
    page = client.get(reverse("reporting:form", args=[second.pk])).content.decode()
    assert "Nhập nhầm" in page and reverse("reporting:form", args=[submission.pk]) in page


def test_the_reviewer_sees_the_difference_to_the_last_quarter_and_to_the_version_before(play: Play) -> None:
    state(play.cast, play.province, play.satisfaction, "2025-Q2", "90")
    first = submitted(play)
    accept(submission_id=first.pk, actor=play.reviewer)
    first.refresh_from_db()
    second = correct(submission=first, reason="Nhập nhầm", actor=play.staff)
    save(cell(second, play.satisfaction), play.staff, "93,5")
    submit(submission_id=second.pk, actor=play.leader)
    queue = as_(play.reviewer).get(reverse("reporting:home")).content.decode()
    assert "satisfaction-rate (vi): +3,5 (+3,9 %)" in queue and "sửa 1 ô" in queue
    page = as_(play.reviewer).get(reverse("reporting:review", args=[second.pk]))
    rows = {item["row"].name: item for _name, items in page.context["sections"] for item in items}
    item = rows["satisfaction-rate (vi)"]
    assert (item["change"], item["relative"]) == ("+3,5", "+3,9 %")
    assert (item["differs"], item["before"]) == (True, "trên 92%")
    assert [item["row"].name for item in page.context["changed"]] == ["satisfaction-rate (vi)"]


def test_nothing_inline_and_both_languages(play: Play) -> None:
    submission = opened(play)
    client = as_(play.staff)
    for language, words in [("vi", "Quý trước"), ("en", "Last quarter")]:
        client.post(reverse("dashboards:language"), {"language": language, "next": "/"})
        answer = client.get(reverse("reporting:form", args=[submission.pk]))
        text = answer.content.decode()
        assert words in text
        assert "style=" not in text and "onclick" not in text and "<style" not in text
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]

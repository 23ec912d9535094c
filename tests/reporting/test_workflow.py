"""From an empty form to published figures and their correction, and everything that is refused on the way."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.core.periods import parse_period
from indicators.models import Observation, PendingRecompute
from reporting.core.reading import CellText
from reporting.models import Entry, Submission
from reporting.services.deciding import ChecksFailed, accept, return_submission, submit
from reporting.services.errors import NotAllowed, Refused
from reporting.services.opening import correct, open_submission
from tests.reporting.cast import QUARTER, Play, cell, fill, make_play, opened, save, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def play() -> Play:
    return make_play()


def code_of(kind: type[Refused], act) -> str:
    with pytest.raises(kind) as caught:
        act()
    return caught.value.code


def test_opening_makes_every_cell_once(play: Play) -> None:
    assert opened(play) == opened(play)
    assert Entry.objects.count() == 5


def test_a_merged_province_cannot_report_after_its_end_and_its_successor_can(play: Play) -> None:
    cast = play.cast
    for province in (cast.ha_giang, cast.tuyen_quang):
        play.staff.province_assignments.create(province=province, role="staff")

    def attempt() -> None:
        open_submission(form=play.form, province=cast.ha_giang, period=QUARTER, actor=play.staff)

    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == "ended"
    assert caught.value.params["successors"] == "Tuyên Quang" and caught.value.params["date"] == "30/06/2025"
    second = parse_period("2025-Q2")
    assert open_submission(form=play.form, province=cast.ha_giang, period=second, actor=play.staff)
    assert open_submission(form=play.form, province=cast.tuyen_quang, period=QUARTER, actor=play.staff)
    early = {"form": play.form, "province": cast.tuyen_quang, "period": second, "actor": play.staff}
    assert code_of(Refused, lambda: open_submission(**early)) == "not_begun"


def test_nobody_opens_or_fills_for_another_province(play: Play) -> None:
    submission = opened(play)
    entry = cell(submission, play.satisfaction)
    for actor in (play.neighbour, play.reviewer, play.administrator):
        assert code_of(NotAllowed, lambda actor=actor: save(entry, actor, "50")) == "not_your_province"
        ask = {"form": play.form, "province": play.province, "period": QUARTER, "actor": actor}
        assert code_of(NotAllowed, lambda ask=ask: open_submission(**ask)) == "not_your_province"
    entry.refresh_from_db()
    assert entry.version == 0


def test_a_cell_of_another_submission_cannot_be_named(play: Play) -> None:
    mine, theirs = opened(play), opened(play, play.cast.dien_bien)
    foreign = cell(theirs, play.satisfaction)
    foreign.submission_id = mine.pk
    assert code_of(Refused, lambda: save(foreign, play.staff, "50")) == "no_such_cell"


def test_what_cannot_be_read_is_kept_as_typed(play: Play) -> None:
    entry = cell(opened(play), play.satisfaction)
    result = save(entry, play.staff, "chín mươi hai")
    assert result.saved[0].reading.problems
    entry.refresh_from_db()
    assert (entry.as_typed, entry.value, entry.version) == ("chín mươi hai", None, 1)


def test_the_second_writer_is_told_who_changed_what_and_nothing_else_is_lost(play: Play) -> None:
    submission = opened(play)
    entry = cell(submission, play.satisfaction)
    save(entry, play.staff, "92,5", seen=0)
    result = save(entry, play.second_staff, "80", seen=0)
    (conflict,) = result.conflicts
    assert (conflict.who, conflict.entry.as_typed, conflict.refused.text) == ("Nông Thị Mai", "92,5", "80")
    entry.refresh_from_db()
    assert entry.value == Decimal("92.5")


def test_a_block_of_cells_is_saved_with_two_statements(play: Play) -> None:
    submission = opened(play)
    with CaptureQueriesContext(connection) as queries:
        fill(play, submission)
    statements = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 3, statements  # the test's own look at the cells, the lock, the UPDATE


def test_only_a_leader_submits_and_only_what_is_right(play: Play) -> None:
    submission = opened(play)
    ask = {"submission_id": submission.pk}
    assert code_of(NotAllowed, lambda: submit(**ask, actor=play.staff)) == "not_leader"
    with pytest.raises(ChecksFailed) as caught:
        submit(**ask, actor=play.leader)
    assert len(caught.value.checked) == 5
    fill(play, submission, dossiers_on_time_rate=CellText("98,6"))
    with pytest.raises(ChecksFailed) as caught:
        submit(**ask, actor=play.leader)
    (one,) = caught.value.checked
    assert one.unexplained and [found.code for found in one.warnings] == ["counts_missing"]
    explained = CellText("98,6", explanation="Sở chưa tổng hợp được số lượng.")
    fill(play, submission, dossiers_on_time_rate=explained)
    done = submit(**ask, actor=play.leader)
    assert (done.state, done.submitted_by, done.suspicion) == ("submitted", play.leader, 1)
    assert code_of(Refused, lambda: submit(**ask, actor=play.leader)) == "not_editable"
    assert code_of(Refused, lambda: save(cell(done, play.satisfaction), play.staff, "1")) == "not_editable"


def test_acceptance_publishes_everything_at_once_and_enqueues_it(play: Play) -> None:
    submission = submitted(play)
    result = accept(submission_id=submission.pk, actor=play.reviewer)
    assert (result.published.new, result.submission.state) == (5, "accepted")
    rows = {row.indicator.code: row for row in Observation.objects.current().filter(category=None)}
    on_time = rows["dossiers-on-time-rate"]
    assert (on_time.value, on_time.numerator, on_time.denominator) == (Decimal("98.60"), 8405, 8524)
    assert (rows["satisfaction-rate"].qualifier, rows["satisfaction-rate"].as_stated) == (
        "more_than",
        "trên 92%",
    )
    assert rows["edocs-exchanged"].period.code == "2025-YTD-09"
    assert rows["edocs-exchanged"].source.code == "form-quarterly-cao-bang-2025-q3"
    assert PendingRecompute.objects.count() == 4  # indicators × periods; a category is part of its indicator
    assert (
        code_of(Refused, lambda: accept(submission_id=submission.pk, actor=play.reviewer)) == "not_submitted"
    )


def test_who_may_decide(play: Play) -> None:
    submission = submitted(play)
    ask = {"submission_id": submission.pk}
    for actor in (play.staff, play.leader, play.neighbour, play.administrator):
        assert code_of(NotAllowed, lambda actor=actor: accept(**ask, actor=actor)) == "not_reviewer"
    play.leader.groups.add(*play.reviewer.groups.all())
    both = type(play.leader).objects.get(pk=play.leader.pk)
    assert code_of(NotAllowed, lambda: accept(**ask, actor=both)) == "own_submission"
    refusal = {"reason": "sai", "comments": {}, "actor": both}
    assert code_of(NotAllowed, lambda: return_submission(**ask, **refusal)) == "own_submission"


def test_a_return_says_why_at_the_cell_and_the_form_opens_again(play: Play) -> None:
    submission = submitted(play)
    entry = cell(submission, play.satisfaction)
    ask = {"submission_id": submission.pk, "actor": play.reviewer}
    assert code_of(Refused, lambda: return_submission(**ask, reason=" ", comments={})) == "reason_missing"
    return_submission(**ask, reason="Số liệu chưa khớp", comments={entry.pk: "Cao bất thường"})
    entry.refresh_from_db()
    submission.refresh_from_db()
    assert (submission.state, entry.return_comment) == ("returned", "Cao bất thường")
    save(entry, play.staff, "91")
    assert submit(submission_id=submission.pk, actor=play.leader).state == "submitted"


def test_a_correction_is_a_new_version_with_a_reason_and_both_stay(play: Play) -> None:
    first = submitted(play)
    accept(submission_id=first.pk, actor=play.reviewer)
    first.refresh_from_db()
    ask = {"submission": first, "actor": play.staff}
    assert code_of(Refused, lambda: correct(**ask, reason="")) == "reason_missing"
    second = correct(**ask, reason="Nhập nhầm số")
    assert code_of(Refused, lambda: correct(**ask, reason="lần nữa")) == "already_corrected"
    save(cell(second, play.satisfaction), play.staff, "93")
    submit(submission_id=second.pk, actor=play.leader)
    result = accept(submission_id=second.pk, actor=play.reviewer)
    assert (result.published.changed, result.published.same, result.published.new) == (1, 4, 0)
    old, new = Observation.objects.filter(indicator=play.satisfaction).order_by("id")
    assert (old.superseded_at, new.status) == (new.recorded_at, "revised")
    assert Submission.objects.filter(state="accepted").count() == 2

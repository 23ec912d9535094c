"""Real transactions at the same time: nothing that was typed is lost, nothing is published twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from indicators.models import Observation, Publication
from reporting.models import Entry, Submission
from reporting.services.deciding import accept, submit
from reporting.services.errors import Refused
from reporting.services.opening import correct
from tests.reporting.cast import cell, fill, make_play, opened, save, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave or raised; all start together, each on a connection of its own."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            outcomes[place] = act()
        except Refused as refusal:
            outcomes[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    return outcomes


def refusals(outcomes: list[Any]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]


def test_of_eight_writers_of_one_cell_one_wins_and_seven_are_told() -> None:
    play = make_play()
    entry = cell(opened(play), play.satisfaction)
    writers = [play.staff, play.second_staff] * 4
    outcomes = at_once(
        *(
            lambda who=who, text=text: save(entry, who, f"{text}", seen=0)
            for text, who in enumerate(writers, start=50)
        )
    )
    assert sum(len(outcome.saved) for outcome in outcomes) == 1
    assert sum(len(outcome.conflicts) for outcome in outcomes) == 7
    winner = next(outcome.saved[0].entry.as_typed for outcome in outcomes if outcome.saved)
    entry.refresh_from_db()
    assert (entry.as_typed, entry.version) == (winner, 1)
    assert {outcome.conflicts[0].entry.as_typed for outcome in outcomes if outcome.conflicts} == {winner}


def test_writers_of_different_cells_all_win() -> None:
    play = make_play()
    entries = list(Entry.objects.filter(submission=opened(play)))
    outcomes = at_once(
        *(lambda entry=entry: save(entry, play.staff, "50", seen=0) for entry in entries),
    )
    assert all(len(outcome.saved) == 1 for outcome in outcomes)
    assert set(Entry.objects.values_list("as_typed", "version")) == {("50", 1)}


def test_a_form_is_opened_once() -> None:
    play = make_play()
    outcomes = at_once(*(lambda: opened(play) for _ in range(4)))
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert Entry.objects.count() == 5


def test_a_double_submit_submits_once() -> None:
    play = make_play()
    submission = opened(play)
    fill(play, submission)
    outcomes = at_once(*(lambda: submit(submission_id=submission.pk, actor=play.leader) for _ in range(3)))
    assert refusals(outcomes) == ["not_editable", "not_editable"]


def test_a_cell_saved_while_submitting_is_in_or_refused_never_lost_in_between() -> None:
    play = make_play()
    submission = opened(play)
    fill(play, submission)
    entry = cell(submission, play.satisfaction)
    outcomes = at_once(
        lambda: submit(submission_id=submission.pk, actor=play.leader), lambda: save(entry, play.staff, "93")
    )
    entry.refresh_from_db()
    saved = refusals(outcomes) == []
    assert entry.as_typed == ("93" if saved else "trên 92%")
    assert Submission.objects.get().state == "submitted"


def test_a_double_acceptance_publishes_once() -> None:
    play = make_play()
    submission = submitted(play)
    outcomes = at_once(*(lambda: accept(submission_id=submission.pk, actor=play.reviewer) for _ in range(3)))
    assert refusals(outcomes) == ["not_submitted", "not_submitted"]
    assert (Publication.objects.count(), Observation.objects.count()) == (1, 5)


def test_a_double_correction_opens_one_version() -> None:
    play = make_play()
    submission = submitted(play)
    accept(submission_id=submission.pk, actor=play.reviewer)
    submission.refresh_from_db()
    ask = {"submission": submission, "reason": "nhập nhầm", "actor": play.staff}
    outcomes = at_once(*(lambda: correct(**ask) for _ in range(3)))
    assert refusals(outcomes) == ["already_corrected"] * 2
    assert Submission.objects.count() == 2

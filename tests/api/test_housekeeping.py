"""What the API keeps for itself does not grow for ever; nothing is forgotten that an answer depends on."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import product

from django.contrib.auth.models import User
from django.utils import timezone

from api.generations import Generations, Slice
from api.housekeeping import KEYS_KEPT, compact_changes, delete_old_keys, delete_superseded_rows
from api.models import DataChange, SubmissionKey, WrittenRow
from api.tasks import keep_house_task
from api.written import write_rows
from tests.cast import committed, state


def _make_changes(chance: random.Random, count: int) -> None:
    DataChange.objects.bulk_create(
        DataChange(
            number=number,
            instant=timezone.now(),
            kind=chance.choice(["facts", "computed", "reference"]),
            indicators=chance.choice([None, [1], [2], [1, 2]]),
            provinces=chance.choice([None, [1], [2]]),
            periods=chance.choice([None, ["2021"], ["2022"]]),
            transaction=0,
        )
        for number in range(1, count + 1)
    )


def _read() -> Generations:
    known = Generations()
    known.refresh()
    return known


def test_every_slice_keeps_its_generation(db):
    _make_changes(random.Random(1), 300)
    committed()
    slices = [
        Slice(frozenset(kinds), indicators, provinces, periods)
        for kinds, indicators, provinces, periods in product(
            [{"facts"}, {"computed"}, {"facts", "reference"}],
            [None, frozenset({1}), frozenset({2}), frozenset({3})],
            [None, frozenset({1}), frozenset({3})],
            [None, frozenset({"2021"}), frozenset({"2021", "2022"})],
        )
    ]
    before = [_read().of(each) for each in slices]
    assert compact_changes() > 150 and compact_changes() == 0
    assert [_read().of(each) for each in slices] == before


def test_the_same_figure_again_and_again_is_one_change_and_the_feed_has_it_all(api, cast):
    for value in range(5):
        state(cast, cast.ha_giang, cast.on_time, "2021-H1", str(90 + value))
        committed()
    first = api.get("observations/?province=ha-giang")
    assert DataChange.objects.filter(kind="facts").count() == 5
    keep_house_task()
    assert DataChange.objects.filter(kind="facts").count() == 1
    again = api.get("observations/?province=ha-giang", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and len(api.rows("changes/?after=0")) == 5


def test_a_change_that_is_not_committed_yet_is_left_alone(cast):
    committed()
    for _again in range(2):
        DataChange.objects.create(instant=timezone.now(), kind="facts", indicators=[1], transaction=0)
    assert DataChange.objects.filter(number=None).count() == 2
    compact_changes()
    assert DataChange.objects.filter(number=None).count() == 2


def test_a_key_is_kept_for_a_year(db):
    user = User.objects.create_user("o")
    for key, age in (("old", KEYS_KEPT + timedelta(days=1)), ("new", KEYS_KEPT - timedelta(days=1))):
        SubmissionKey.objects.create(user=user, key=key, fingerprint="0", used_at=timezone.now() - age)
    assert delete_old_keys() == 1 and SubmissionKey.objects.get().key == "new"


def test_the_text_of_a_superseded_row_goes_and_no_answer_with_it(api, cast):
    for value in ("90", "91"):
        state(cast, cast.ha_giang, cast.on_time, "2021-H1", value)
        state(cast, cast.cao_bang, cast.on_time, "2021-H1", value)
        write_rows(seconds=60)
    committed()
    before = [api.read(address) for address in ("observations/", "changes/?after=0")]
    assert (WrittenRow.objects.count(), delete_superseded_rows(), delete_superseded_rows()) == (4, 2, 0)
    write_rows(seconds=60)
    assert WrittenRow.objects.count() == 2
    assert [api.read(address) for address in ("observations/", "changes/?after=0")] == before

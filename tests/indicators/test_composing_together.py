"""Two workers with two components of one index: the second waits, and sees what the first has written."""

import threading

import pytest
from django.db import connection, transaction

from indicators.services.recomputing import _recompute_next, drain_pending
from tests.indicators.test_composing import QUANG_NAM, make_world, publish_points, score_of

DAY = "2024-08-19"


@pytest.mark.django_db(transaction=True)
def test_no_component_is_missed() -> None:
    cast = make_world()
    rest = dict(QUANG_NAM)
    last = {"digitisation": rest.pop("digitisation")}
    publish_points(cast, cast.cao_bang, DAY, rest)

    def other_worker() -> None:
        publish_points(cast, cast.cao_bang, DAY, last)
        drain_pending(cause="other")
        connection.close()

    with transaction.atomic():
        assert _recompute_next() is not None  # the figures, and then what is read off them
        assert _recompute_next() is not None
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive()
    thread.join(timeout=20)
    found = score_of(cast.cao_bang, DAY)
    assert found.score == pytest.approx(80.1) and found.complete

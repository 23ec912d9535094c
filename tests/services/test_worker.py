"""From a publication to its aggregate, through a broker and a worker that are real, and that fail."""

from decimal import Decimal

import pytest

from indicators.models import Aggregate, PendingRecompute, RecomputeRun, WorkerHeartbeat
from tests.cast import Cast, make_cast, state
from tests.services.conftest import Processes, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
BEAT_INTERVAL = 15  # seconds


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def publish_one(cast: Cast) -> None:
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", as_stated="92,3%")


def check_computed_once() -> None:
    aggregate = Aggregate.objects.get(group="nation", category=None)  # exactly one
    assert aggregate.mean == pytest.approx(92.3)
    done = RecomputeRun.objects.filter(result=RecomputeRun.Result.DONE, units=1)
    wait_until(done.exists, 10)  # what is read off the aggregate comes in a step of its own
    assert done.count() == 1 and not PendingRecompute.objects.exists()


def test_a_publication_reaches_its_aggregate(processes: Processes, cast: Cast) -> None:
    processes.start_worker()
    publish_one(cast)
    processes.wake()
    wait_until(Aggregate.objects.exists, 20)
    wait_until(lambda: RecomputeRun.objects.filter(result=RecomputeRun.Result.DONE).exists(), 5)
    check_computed_once()


def test_a_worker_killed_between_publication_and_recomputation(processes: Processes, cast: Cast) -> None:
    """The message waits for the next worker; had it died with the first, beat would sweep (see below)."""
    processes.kill(processes.start_worker())
    publish_one(cast)
    processes.wake()
    processes.wake()  # a message too many costs nothing
    assert PendingRecompute.objects.exists() and not Aggregate.objects.exists()
    processes.start_worker()
    wait_until(Aggregate.objects.exists, 20)
    wait_until(lambda: processes.messages() == 0, 10)
    check_computed_once()


def test_a_lost_message_is_made_up_for(processes: Processes, cast: Cast) -> None:
    publish_one(cast)
    processes.wake()
    processes.purge()
    assert processes.messages() == 0
    processes.start_worker()
    processes.start_beat()
    wait_until(Aggregate.objects.exists, BEAT_INTERVAL + 20)
    wait_until(WorkerHeartbeat.objects.exists, 10)
    check_computed_once()


def test_the_figure_that_was_published_is_the_one_computed(processes: Processes, cast: Cast) -> None:
    """Corrections while the worker is busy: the last one counts."""
    processes.start_worker()
    for value in ("92.3", "91.0", "90.5"):
        state(cast, cast.ha_giang, cast.on_time, "2021-H1", value)
        processes.wake()
    wait_until(lambda: not PendingRecompute.objects.exists(), 20)
    assert Decimal(str(Aggregate.objects.get(group="nation", category=None).mean)) == Decimal("90.5")

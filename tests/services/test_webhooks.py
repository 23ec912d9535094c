"""Webhooks through a real worker, its broker and TLS, to one that fails, is silent or cannot be trusted."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from api.models import Delivery, Subscriber
from api.webhooks import subscribe
from indicators.models import Observation
from tests.cast import Cast, make_cast, state
from tests.receiver import SILENT, Receiver, receiving
from tests.services.conftest import Processes, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
DELIVER = "api.tasks.deliver_webhooks_task"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def receiver(processes: Processes, settings: Any, tmp_path: Path) -> Iterator[Receiver]:
    """Trusted by the worker, which may speak to this machine."""
    settings.WEBHOOKS_NETWORKS = [ip_network("127.0.0.1")]
    with receiving(tmp_path) as (receiver, authority):
        processes.environment |= {"WEBHOOKS_NETWORKS": "127.0.0.1/32", "WEBHOOKS_CA_FILE": str(authority)}
        yield receiver


@pytest.fixture
def subscriber(cast: Cast, receiver: Receiver) -> Subscriber:
    owner = User.objects.create_user("owner", is_staff=True)
    return subscribe(owner=owner, name="portal", address=receiver.address)


def publish(cast: Cast, *values: str) -> list[int]:
    return [state(cast, cast.ha_giang, cast.on_time, "2021-H1", value).pk for value in values]


def deliver(processes: Processes) -> None:
    """Now, whatever was to be waited for."""
    Subscriber.objects.update(next_attempt_at=timezone.now())
    processes.call(DELIVER, "celery")


def logged() -> list[tuple[int | None, str]]:
    return list(Delivery.objects.order_by("pk").values_list("status", "error"))


def page_of_owner() -> str:
    client = Client()
    client.force_login(User.objects.get(username="owner"))
    return str(client.get("/quan-tri/api/webhook/").content.decode())


def test_beat_sends_what_was_published_signed_and_once(
    processes: Processes, cast: Cast, receiver: Receiver, subscriber: Subscriber
) -> None:
    processes.start_worker()
    processes.start_beat()
    published = publish(cast, "91", "92")
    wait_until(lambda: logged() != [], 40)
    assert logged() == [(204, "")] and receiver.ids() == [published]
    assert receiver.is_signed(0, subscriber.secret)
    assert subscriber.secret not in page_of_owner()


def test_what_fails_is_logged_put_off_and_sent_again(
    processes: Processes, cast: Cast, receiver: Receiver, subscriber: Subscriber
) -> None:
    """An error, a redirect, silence; then an answer."""
    processes.start_worker()
    published = publish(cast, "91")
    receiver.plan = [500, 302, SILENT]
    for attempt, seconds in enumerate((30, 60, 120), start=1):
        deliver(processes)
        wait_until(lambda number=attempt: len(logged()) == number, 30)  # type: ignore[misc]
        subscriber.refresh_from_db()
        assert subscriber.attempts == attempt and subscriber.position < published[0]
        waits = subscriber.next_attempt_at - Delivery.objects.latest("pk").instant
        assert timedelta(seconds=seconds - 1) < waits <= timedelta(seconds=seconds + 1)
    deliver(processes)
    wait_until(lambda: len(logged()) == 4, 20)
    assert logged() == [(500, ""), (302, ""), (None, "timed_out"), (204, "")]
    assert len({headers["webhook-id"] for headers, _body in receiver.told}) == 1
    assert receiver.ids() == [published] * 4
    assert set(receiver.asked_for) == {"/hook?from=tinh-so"}  # never where the redirect leads
    page = page_of_owner()
    assert "Không có trả lời trong thời gian cho phép." in page and "500" in page


def test_a_certificate_that_nobody_vouches_for_is_no_address_for_figures(
    processes: Processes, cast: Cast, receiver: Receiver, subscriber: Subscriber
) -> None:
    del processes.environment["WEBHOOKS_CA_FILE"]
    processes.start_worker()
    publish(cast, "91")
    deliver(processes)
    wait_until(lambda: logged() != [], 20)
    ((status, error),) = logged()
    assert status is None and error.startswith("bad_certificate: ") and receiver.told == []
    assert "Chứng chỉ (TLS) của địa chỉ này không đáng tin cậy." in page_of_owner()


def test_a_private_address_is_refused_unless_its_network_is_named(
    processes: Processes, cast: Cast, receiver: Receiver, subscriber: Subscriber
) -> None:
    del processes.environment["WEBHOOKS_NETWORKS"]
    processes.start_worker()
    publish(cast, "91")
    deliver(processes)
    wait_until(lambda: logged() != [], 20)
    assert logged() == [(None, "not_public")] and receiver.asked_for == []


def test_a_worker_killed_while_it_sends_loses_nothing(
    processes: Processes, cast: Cast, receiver: Receiver, subscriber: Subscriber
) -> None:
    """Sent, and never noted: whoever comes next sends the same message again, and then what is newer."""
    worker = processes.start_worker()
    published = publish(cast, "91", "92")
    receiver.plan = [SILENT]
    deliver(processes)
    wait_until(lambda: len(receiver.told) == 1, 20)
    processes.kill(worker)
    newer = publish(cast, "93")
    assert logged() == []
    processes.start_worker()
    wait_until(_nobody_holds_the_subscriber, 20)
    deliver(processes)
    wait_until(lambda: logged() != [] and not _pending(), 20)
    first, *again = receiver.ids()
    assert first == published and [pk for ids in again for pk in ids] == published + newer
    subscriber.refresh_from_db()
    assert subscriber.position == newer[-1]


def _pending() -> bool:
    position = Subscriber.objects.values_list("position", flat=True).get()
    return Observation.objects.filter(pk__gt=position).exists()


def _nobody_holds_the_subscriber() -> bool:
    with transaction.atomic():
        return Subscriber.objects.select_for_update(skip_locked=True).exists()

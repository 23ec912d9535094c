"""Webhooks: signed, in order, at least once, tried again with patience, and never into a private network."""

from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from api import webhook_sending, webhooks
from api.models import Delivery, Subscriber
from api.webhook_sending import BadAddress, Result, check_address, is_public, new_secret, send, signature
from api.webhooks import deliver_due, deliver_next, resume, subscribe
from reporting.models import AuditRecord
from tests.cast import make_cast, make_source, state
from tests.receiver import SILENT, receiving

PAGE = "/quan-tri/api/webhook/"


@pytest.fixture
def receiver(settings, tmp_path):
    with receiving(tmp_path) as (receiver, authority):
        settings.WEBHOOKS_NETWORKS, settings.WEBHOOKS_CA_FILE = [ip_network("127.0.0.0/8")], str(authority)
        yield receiver


@pytest.fixture
def subscriber(cast, receiver):
    owner = User.objects.create_user("owner", is_staff=True)
    return subscribe(owner=owner, name="portal", address=receiver.address)


def _publish(cast, *values):
    return [state(cast, cast.ha_giang, cast.on_time, "2021-H1", value).pk for value in values]


def test_what_is_new_is_told_as_the_feed_has_it(api, cast, subscriber, receiver):
    first, second = _publish(cast, "91", "92.30")
    assert deliver_due() == 1
    body = json.loads(receiver.told[0][1])
    assert (body["type"], body["after"], body["last"]) == ("changes", subscriber.position, second)
    assert body["data"] == json.loads(api.get(f"changes/?after={subscriber.position}").content)["results"]
    assert b'"value":92.30' in receiver.told[0][1]
    subscriber.refresh_from_db()
    assert subscriber.position == second and [first, second] == receiver.ids()[0]
    assert deliver_due() == 0


def test_a_receiver_can_check_who_sent_it(cast, subscriber, receiver):
    _publish(cast, "91")
    deliver_due()
    assert receiver.is_signed(0, subscriber.secret) and not receiver.is_signed(0, new_secret())
    headers, _body = receiver.told[0]
    assert headers["Host"] == receiver.address.split("/")[2]
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60


def test_the_signature_is_that_of_standard_webhooks():
    """The example of its specification."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32


def test_what_failed_comes_again_before_anything_else(cast, subscriber, receiver):
    first = _publish(cast, "91")
    receiver.plan = [500, 302]
    for attempt, seconds in enumerate((30, 60), start=1):
        assert deliver_next()
        subscriber.refresh_from_db()
        assert subscriber.attempts == attempt and subscriber.failing_since is not None
        wait = subscriber.next_attempt_at - timezone.now()
        assert timedelta(seconds=seconds - 5) < wait <= timedelta(seconds=seconds)
        assert not deliver_next()  # not yet
        _publish(cast, f"9{attempt + 1}")
        Subscriber.objects.update(next_attempt_at=timezone.now())
    assert deliver_due() == 2
    assert [ids == first for ids in receiver.ids()] == [True, True, True, False]
    messages = [headers["webhook-id"] for headers, _body in receiver.told]
    assert len(set(messages[:3])) == 1 and messages[3] != messages[0]
    subscriber.refresh_from_db()
    assert (subscriber.attempts, subscriber.failing_since) == (0, None)


def test_long_news_come_in_several_messages(cast, subscriber, monkeypatch, receiver):
    monkeypatch.setattr(webhooks, "BATCH", 2)
    keys = _publish(cast, *map(str, range(60, 65)))
    assert deliver_due() == 3
    assert [key for ids in receiver.ids() for key in ids] == keys


def test_whoever_fails_for_long_is_not_asked_again_until_its_owner_says_so(cast, subscriber, receiver):
    keys = _publish(cast, "91")
    receiver.plan = [500, 500]
    deliver_due()
    Subscriber.objects.update(
        failing_since=timezone.now() - timedelta(days=5), next_attempt_at=timezone.now()
    )
    deliver_due()
    subscriber.refresh_from_db()
    assert subscriber.disabled_at is not None and deliver_due() == 0
    resume(subscriber=subscriber)
    assert deliver_due() == 1 and receiver.ids()[-1] == keys


def test_whoever_is_gone_is_not_asked_again(cast, subscriber, receiver):
    _publish(cast, "91")
    receiver.plan = [410]
    deliver_due()
    subscriber.refresh_from_db()
    assert subscriber.disabled_at is not None


def test_the_log_says_what_came_of_it_and_stays_short(cast, subscriber, monkeypatch, receiver):
    monkeypatch.setattr(webhooks, "KEPT", 2)
    receiver.plan = [500]
    for value in ("91", "92", "93"):
        _publish(cast, value)
        Subscriber.objects.update(next_attempt_at=timezone.now())
        deliver_next()
    assert [delivery.status for delivery in Delivery.objects.all()] == [204, 204]
    assert webhooks.delay(0) == timedelta(seconds=30) and webhooks.delay(99) == timedelta(hours=6)


def test_nobody_there_is_a_failure_like_any_other(cast, subscriber):
    Subscriber.objects.update(address="https://127.0.0.1:1/")
    _publish(cast, "91")
    deliver_due()
    delivery = Delivery.objects.get()
    assert delivery.status is None and delivery.error.startswith("no_connection: ")


def test_a_redirect_is_not_followed(cast, subscriber, receiver):
    _publish(cast, "91")
    receiver.plan = [307]
    deliver_due()
    assert Delivery.objects.get().status == 307 and receiver.asked_for == ["/hook?from=tinh-so"]


@pytest.mark.parametrize(
    ("host", "words"), [("127.0.0.1", "unable to get local issuer"), ("127.1", "mismatch")]
)  # fmt: skip
def test_a_certificate_that_is_not_to_be_trusted_is_told_in_plain_words(
    client, cast, receiver, settings, host, words
):
    """Signed by nobody known; or known, and of another name."""
    if host == "127.0.0.1":
        settings.WEBHOOKS_CA_FILE = ""
    address = receiver.address.replace("127.0.0.1", host)
    subscribe(owner=User.objects.get(username="staff"), name="portal", address=address)
    _publish(cast, "91")
    deliver_due()
    error = Delivery.objects.get().error
    assert error.startswith("bad_certificate: ") and words in error and not receiver.told
    assert "Chứng chỉ" in client.get(PAGE).content.decode()


def test_there_is_an_end_to_patience_whatever_is_going_on(receiver, monkeypatch):
    monkeypatch.setattr(webhook_sending, "_MOST_PATIENCE", 0.5)
    receiver.plan = [SILENT]
    sent = send(address=receiver.address, secret=new_secret(), message="m", timestamp=1, body=b"")
    assert sent == Result(None, "timed_out")


def test_simulated_figures_and_what_was_before_are_not_told(cast, receiver):
    _publish(cast, "90")
    subscribe(owner=User.objects.create_user("o"), name="portal", address=receiver.address)
    state(cast, cast.cao_bang, cast.on_time, "2021-H1", "1", source=make_source("s", "S", simulated=True))
    assert deliver_due() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_send_to_one_subscriber_at_once(receiver, monkeypatch):
    cast = make_cast()
    subscribe(owner=User.objects.create_user("o"), name="portal", address=receiver.address)
    _publish(cast, "91")
    under_way, end = threading.Event(), threading.Event()

    def slow(**message):
        under_way.set()
        assert end.wait(20)
        return Result(204)

    monkeypatch.setattr(webhooks, "send", slow)

    def work():
        deliver_next()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    assert under_way.wait(20)
    assert not deliver_next()
    end.set()
    worker.join()
    assert Delivery.objects.count() == 1 and not deliver_next()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "192.0.2.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "113.160.0.1", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_addresses_that_are(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://example.org/", "not_https"),
        ("ftp://example.org/", "not_https"),
        ("https:///x", "not_https"),
        ("https://user:pw@example.org/", "not_https"),
        ("https://example.org:99999/", "not_https"),
        ("https://[::1", "not_https"),
        ("https://127.0.0.1/", "not_public"),
        ("https://2130706433/", "not_public"),
        ("https://[::ffff:10.0.0.1]/", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://no-such-host.invalid/", "unknown_host"),
        (f"https://{'x' * 70}.org/", "unknown_host"),
    ],
)
def test_only_https_to_public_hosts(address, code):
    with pytest.raises(BadAddress) as refused:
        check_address(address)
    assert refused.value.code == code


def test_every_address_of_the_host_must_be_public(monkeypatch):
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(webhook_sending.socket, "getaddrinfo", lambda *args, **options: found)
    with pytest.raises(BadAddress):
        check_address("https://rebinding.example/")


def test_what_leads_inside_by_now_is_not_called(monkeypatch):
    """The name was public when its owner subscribed."""
    monkeypatch.setattr(
        webhook_sending.socket, "getaddrinfo", lambda *args, **options: [(2, 1, 6, "", ("127.0.0.1", 443))]
    )
    sent = send(address="https://moved.example/", secret=new_secret(), message="m", timestamp=1, body=b"")
    assert sent == Result(None, "not_public")


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def test_a_system_is_subscribed_on_the_page(client, receiver):
    page = client.post(PAGE, {"name": "Cổng", "address": receiver.address}).content.decode()
    made = Subscriber.objects.get()
    assert made.secret in page and made.secret not in client.get(PAGE).content.decode()
    record = AuditRecord.objects.get(table="api_subscriber")
    assert record.actor_name == "staff" and record.new["secret"] == "***"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [("http://example.org/", "https://"), ("https://127.0.0.1/", "mạng nội bộ"), ("", "tên và địa chỉ")],
)
def test_the_page_says_what_is_wrong_with_an_address(client, address, sentence):
    page = client.post(PAGE, {"name": "Cổng", "address": address})
    assert page.status_code == 400 and sentence in page.content.decode()
    assert not Subscriber.objects.exists()


def test_the_owner_alone_sees_resumes_and_removes(
    client, cast, subscriber, django_assert_num_queries, receiver
):
    _publish(cast, "91")
    receiver.plan = [500]
    deliver_due()
    owner = Client()
    owner.force_login(User.objects.get(username="owner"))
    page = owner.get(PAGE).content.decode()
    assert "portal" in page and "500" in page and "portal" not in client.get(PAGE).content.decode()
    address = f"{PAGE}{subscriber.pk}/"
    assert client.post(address, {"action": "remove"}).status_code == 404
    owner.post(address, {"action": "resume"})
    assert deliver_due() == 1
    with django_assert_num_queries(6):  # session, user, two for permissions, subscribers, deliveries
        owner.get(PAGE)
    owner.post(address, {"action": "remove"})
    assert not Subscriber.objects.exists() and not Delivery.objects.exists()

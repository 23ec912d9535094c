"""Subscribers to the change feed, told of what is new by POST.

What is pending is not kept anywhere: the feed is in the order of commits and never loses a row, so that a
subscriber's ``position`` in it says everything. A worker that dies has told twice, never not at all.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone

from api.figure_columns import CHANGE
from api.models import Delivery, Subscriber
from api.rows import Rows, page_statement
from api.webhook_sending import Result, check_address, new_secret, send
from indicators.models import Observation

BATCH = 100  # changes in a message
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=5)
KEPT = 50  # deliveries in the log of a subscriber


@transaction.atomic
def subscribe(*, owner: User, name: str, address: str) -> Subscriber:
    """From the next change on. Raises BadAddress."""
    check_address(address)
    return Subscriber.objects.create(
        owner=owner,
        name=name,
        address=address,
        secret=new_secret(),
        position=_feed().aggregate(newest=Max("pk"))["newest"] or 0,
        created_at=timezone.now(),
        next_attempt_at=timezone.now(),
    )


@transaction.atomic
def unsubscribe(*, subscriber: Subscriber) -> None:
    subscriber.delete()


@transaction.atomic
def resume(*, subscriber: Subscriber) -> None:
    """Begin again where it was left, after it was disabled: nothing is left out."""
    Subscriber.objects.filter(pk=subscriber.pk).update(
        disabled_at=None, failing_since=None, attempts=0, next_attempt_at=timezone.now()
    )


def deliver_due(*, limit: int = 200) -> int:
    """Send what is due, a message after the other; how many messages were sent."""
    sent = 0
    while sent < limit and deliver_next():
        sent += 1
    return sent


@transaction.atomic
def deliver_next() -> bool:
    """One message to one subscriber that nobody else is sending to; False when nothing is due.

    The subscriber's row is held until the answer is noted: one worker at a time sends to it, in order.
    """
    news = _feed().filter(pk__gt=OuterRef("position"))
    due = Subscriber.objects.filter(Exists(news), disabled_at=None, next_attempt_at__lte=timezone.now())
    subscriber = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
    if subscriber is None:
        return False
    body, last = _message(subscriber)
    message = f"msg_{subscriber.pk}_{subscriber.position}_{last}"
    begun = time.monotonic()
    result = send(
        address=subscriber.address,
        secret=subscriber.secret,
        message=message,
        timestamp=int(time.time()),
        body=body,
    )
    _note(subscriber, message, result, time.monotonic() - begun)
    _go_on(subscriber, last, result)
    return True


def _feed() -> QuerySet[Observation]:
    """As changes/ shows it to whoever asks for nothing in particular."""
    return Observation.objects.filter(simulated=False)


def _message(subscriber: Subscriber) -> tuple[bytes, int]:
    """(body, the last change in it). A message that is tried again has the same changes."""
    news = _feed().filter(pk__gt=subscriber.position).order_by("pk")
    if subscriber.sending_to is not None:
        news = news.filter(pk__lte=subscriber.sending_to)
    rows = Rows(*page_statement(news[:BATCH], CHANGE, shape="records", limit=BATCH).row())
    last = rows.last or subscriber.position
    head = {
        "type": "changes",
        "timestamp": timezone.now().isoformat(),
        "after": subscriber.position,
        "last": last,
        "next": f"{settings.SITE_URL}/api/v1/changes/?after={last}",
    }
    return f'{json.dumps(head)[:-1]}, "data": {rows.text}}}'.encode(), last


def _note(subscriber: Subscriber, message: str, result: Result, seconds: float) -> None:
    Delivery.objects.create(
        subscriber=subscriber,
        message=message,
        instant=timezone.now(),
        status=result.status,
        error=result.error,
        milliseconds=round(seconds * 1000),
    )
    log = Delivery.objects.filter(subscriber=subscriber)
    log.exclude(pk__in=list(log.values_list("pk", flat=True)[:KEPT])).delete()


def _go_on(subscriber: Subscriber, last: int, result: Result) -> None:
    now = timezone.now()
    rows = Subscriber.objects.filter(pk=subscriber.pk)
    if result.delivered:
        rows.update(position=last, sending_to=None, attempts=0, failing_since=None, next_attempt_at=now)
        return
    since = subscriber.failing_since or now
    gone = result.status == 410  # the subscriber says that it wants no more
    rows.update(
        sending_to=last,
        attempts=F("attempts") + 1,
        failing_since=since,
        next_attempt_at=now + delay(subscriber.attempts),
        disabled_at=now if gone or now - since >= GIVEN_UP_AFTER else None,
    )


def delay(attempts: int) -> timedelta:
    """After the first failure half a minute, then twice as long each time, six hours at most."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts, 20))

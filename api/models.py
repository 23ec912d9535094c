"""What the API keeps for itself: what changed, in order, so that old copies are known to be old; tokens."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.models import Indicator, Observation


class DataChange(models.Model):
    """Something that answers are made of was changed by one transaction. Database triggers write the row in
    that very transaction, whoever wrote (migration 0004).

    ``number`` is given at the commit, one transaction after the other: whoever sees a number sees every lower
    one. ``indicators``, ``provinces`` (keys) and ``periods`` (codes) say where; missing means anywhere. What
    a later change says again is deleted every night (``api.housekeeping``).
    """

    class Kind(models.TextChoices):
        FACTS = "facts"  # observations, or what contradicts them
        COMPUTED = "computed"  # aggregates and standings
        PERIODS = "periods"  # a period more
        SOURCES = "sources"  # a document more
        TARGETS = "targets"
        RUNS = "runs"
        REFERENCE = "reference"  # whatever else

    number = models.BigIntegerField(null=True, unique=True)
    instant = models.DateTimeField()
    kind = models.CharField(max_length=9, choices=Kind.choices)
    indicators = ArrayField(models.BigIntegerField(), null=True)
    provinces = ArrayField(models.BigIntegerField(), null=True)
    periods = ArrayField(models.TextField(), null=True)
    transaction = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "kind"],
                condition=Q(number=None, indicators=None, provinces=None, periods=None),
                name="data_change_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class DataState(models.Model):
    """The number of the newest change. One row, read at every request."""

    number = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_data_state")]

    def __str__(self) -> str:
        return str(self.number)


class WrittenRow(models.Model):
    """A fact as the JSON text of its row in observations/, written once (``api.written``). It says what does
    not change while the fact and the reference data stand; ``form`` tells with which columns.

    Triggers take it away in the transaction that changes a name in it or removes its fact (migration 0014).
    """

    observation = models.OneToOneField(
        Observation, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="written"
    )
    #: the fact's own, so that the rows of an indicator are read by one walk of an index
    indicator = models.ForeignKey(
        Indicator, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    form = models.IntegerField()
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["indicator", "observation"], name="written_slice")]

    def __str__(self) -> str:
        return self.text


class WritingState(models.Model):
    """How far facts are written: those up to the key ``position`` were looked at, with the columns ``form``.
    Whoever writes or takes away holds the lock of this one row."""

    position = models.BigIntegerField()
    form = models.IntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_writing_state")]

    def __str__(self) -> str:
        return str(self.position)


class Token(models.Model):
    """What a program shows instead of a password. The secret is not kept; ``beginning`` are its first
    letters, by which its owner knows it again."""

    class Scope(models.TextChoices):
        READ = "read", _("read figures")
        SUBMIT = "submit", _("submit reports")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=6, choices=Scope.choices), verbose_name=_("may"))
    beginning = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(condition=~Q(scopes=[]), name="token_may_something"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "valid"

    @property
    def scope_names(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]


class Refusal(models.Model):
    """How many requests were refused on a day, for one reason."""

    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=30)
    count = models.PositiveIntegerField(_("requests"), default=0)

    class Meta:
        ordering = ["-day", "reason"]
        verbose_name = _("refused requests of the API")
        verbose_name_plural = _("refused requests of the API")
        constraints = [models.UniqueConstraint(fields=["day", "reason"], name="refusal_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}: {self.count}"


class SubmissionKey(models.Model):
    """An Idempotency-Key that somebody's program has used, for which body (SHA-256), and the answer.
    Kept for a year (``api.housekeeping``)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    used_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="submission_key_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"


class Subscriber(models.Model):
    """An address that is told of changes by POST (docs/decisions/webhooks.md). What lies before ``position``
    (``id`` in the feed), and it, was delivered; of a message that fails ``sending_to`` is the last change."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    name = models.CharField(_("name"), max_length=100)
    address = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=60)
    position = models.BigIntegerField()
    sending_to = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("made"))
    attempts = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(disabled_at=None), name="webhook_due")
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """One message to a subscriber, and what came of it; no status where there was no answer."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    message = models.CharField(max_length=80)
    instant = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=400, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.message}: {self.status}"

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

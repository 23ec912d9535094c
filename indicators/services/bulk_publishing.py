"""Publishing facts by the column: one set-based merge, whatever their number.

The meaning is that of ``publishing.publish``, which calls this: facts that a source states anew supersede
what it stated before, the same facts change nothing, all in one transaction under the publishing lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.contrib.auth.models import User
from django.db import connection, transaction

from indicators.models import Publication
from indicators.services import staging

# A number of our own choosing that no other lock of this database uses.
PUBLISHING_LOCK = 0x7105_0001

# From so many rows on, what the planner knows of the table is out of date until autovacuum comes: publishing
# sixty facts after 378,000 took 270 ms, and 20 ms once it knew.
_MANY = 50_000


@dataclass(frozen=True)
class BulkResult:
    """How many facts were new, changed (a correction of the same source's row) or already there.

    ``publication`` is missing where nothing was to be recorded.
    """

    publication: Publication | None
    new: int
    changed: int
    same: int


@transaction.atomic
def publish_columns(
    *,
    facts: Iterable[pl.DataFrame],
    cause: str,
    actor: User | None = None,
    reason: str = "",
    progress: Callable[[int], None] | None = None,
) -> BulkResult:
    """Record new facts, supersede those that their source now states otherwise, leave the same.

    ``facts`` are frames with the columns of ``staging.FACT_SCHEMA``: keys as integers (category null: the
    whole), numbers as plain decimal text whose digits are kept, everything but keys and value optional. Any
    number of frames makes one act: a generator keeps memory small. ``progress`` is told the rows read.
    Raises ValueError for two facts with one key, UnreadableNumber for a value that its indicator cannot have.
    """
    lock_publishing()
    staged = staging.stage(facts, progress)
    new, changed = staging.compare()
    publication = None
    if new or changed:
        publication = Publication.objects.create(instant=_clock(), cause=cause, reason=reason, actor=actor)
        _record(publication, changed)
        if new + changed >= _MANY:
            _tell_the_planner()
    return BulkResult(publication, new, changed, staged - new - changed)


@transaction.atomic
def preview_columns(
    *, facts: Iterable[pl.DataFrame], progress: Callable[[int], None] | None = None
) -> pl.DataFrame:
    """What ``publish_columns`` would record of the same facts now, without recording it: the rows of
    ``staging.differences`` (a fact whose line is not among them would stay the same)."""
    staging.stage(facts, progress)
    staging.compare()
    return staging.differences()


def lock_publishing() -> None:
    """Wait until no other act of publishing runs; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING_LOCK])


def _clock() -> datetime:
    """The database's, never before what facts may refer to was known (``ReferenceChange``): clocks are put
    back now and then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(clock_timestamp(), max(instant)) FROM indicators_referencechange")
        instant: datetime = cursor.fetchone()[0]
    return instant


def _tell_the_planner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE indicators_observation")


_SUPERSEDE = """
UPDATE indicators_observation o SET superseded_at = %s
FROM fresh_fact f WHERE o.id = f.supersedes_id
"""
# The plausible interval (domain.md, section 3): the scalar rule is StatedValue.plausible, clipped to the
# definition's bounds without ever losing the stated value itself.
_AROUND = """
SELECT s.*, f.supersedes_id, i.lower_bound, i.upper_bound, c.simulated,
    i.compiled_by <> '' AND i.compiled_by = c.publisher_body AS from_compiler,
    CASE WHEN s.qualifier IN ('more_than', 'at_least') THEN s.value
         WHEN s.qualifier <> 'exact' THEN s.value - s.unit
         WHEN i.measure = 'count' AND s.unit = 1 THEN s.value
         ELSE s.value - s.unit * 0.5 END AS lowest,
    CASE WHEN s.qualifier IN ('less_than', 'at_most', 'nearly') THEN s.value
         WHEN s.qualifier <> 'exact' THEN s.value + s.unit
         WHEN i.measure = 'count' AND s.unit = 1 THEN s.value
         ELSE s.value + s.unit * 0.5 END AS highest,
    CASE WHEN i.measure = 'count' THEN 0 END AS least
FROM fresh_fact f
JOIN staged_fact s USING (line)
JOIN indicators_indicator i ON i.id = s.indicator_id
JOIN indicators_source c ON c.id = s.source_id
"""
_COLUMNS = ", ".join(
    [*(f"{key}_id" for key in staging.KEYS), *staging.CONTENT, "simulated", "from_compiler", "supersedes_id"]
)
# In the order of the slices that are read together; within a slice in the order given.
_INSERT = f"""
WITH recorded AS (
    INSERT INTO indicators_observation ({_COLUMNS}, lower, upper, publication_id, recorded_at)
    SELECT {_COLUMNS},
        CASE WHEN value IS NOT NULL THEN LEAST(GREATEST(lowest, least, lower_bound), value) END,
        CASE WHEN value IS NOT NULL THEN GREATEST(LEAST(highest, upper_bound), value) END,
        %s, %s
    FROM ({_AROUND}) AS around
    ORDER BY indicator_id, period_id, line
    RETURNING indicator_id, period_id, simulated
)
INSERT INTO indicators_pendingrecompute (indicator_id, period_id, simulated, publication_id)
SELECT DISTINCT indicator_id, period_id, simulated, %s::bigint FROM recorded ORDER BY 1, 2, 3
"""


def _record(publication: Publication, changed: int) -> None:
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(_SUPERSEDE, [publication.instant])
        cursor.execute(_INSERT, [publication.pk, publication.instant, publication.pk])

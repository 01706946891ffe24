"""What is due, and what polls found: each in one statement, whatever the number of jobs.

A claim sets the time of the next step before the present one is taken. So a poll that finds nothing new needs no
other write, and a crash costs one interval. `executemany` is not used: on SQLite it keeps the write lock while it
waits for the interpreter, and every page's own write with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from generations.models import Job
from generations.models.states import AT_PROVIDER, State

HOLD = timedelta(seconds=10)  # how long a step other than a poll is ours; renewed while it is taken


class Step(NamedTuple):
    """A job that is due, as far as its next step needs to know it."""

    id: UUID
    state: str
    provider: str
    key_id: int | None
    remote_id: str
    kind: str
    model: str
    settings_digest: str
    progress: int | None
    failures: int
    submitted_at: datetime | None
    deadline_at: datetime | None
    cancel_requested_at: datetime | None
    cancel_answered_at: datetime | None
    due_at: datetime

    @property
    def is_poll(self) -> bool:
        return self.state in AT_PROVIDER

    @property
    def is_cancel(self) -> bool:
        return self.is_poll and self.cancel_requested_at is not None and self.cancel_answered_at is None


@dataclass(frozen=True, slots=True)
class Found:
    """What a poll changes where the state stays: None leaves a field as it is."""

    id: UUID
    failures: int
    progress: int | None = None
    due_at: datetime | None = None


def claim(until: datetime, next_due: Callable[[Step], datetime], *, limit: int) -> list[Step]:
    """The steps due by then, each put off to its `next_due`; those that moved meanwhile are left for the next time."""
    rows = Job.objects.filter(due_at__lte=until).order_by("due_at").values_list(*Step._fields)[:limit]
    steps = [Step(*row) for row in rows]
    if not steps:
        return []
    won = _put_off([(step.id, step.due_at, next_due(step)) for step in steps])
    return steps if len(won) == len(steps) else [step for step in steps if step.id in won]


def in_flight(key_ids: Iterable[int]) -> dict[int, int]:
    """How many jobs of each of these keys are asked after."""
    rows = Job.objects.filter(key__in=list(key_ids), state__in=AT_PROVIDER).values_list("key")
    return dict(rows.annotate(Count("pk")))


def bring_forward(wanted: Mapping[int, int]) -> None:
    """Makes so many jobs of each of these keys due now, the ones first that would be due next."""
    now = timezone.now()
    place = Window(RowNumber(), partition_by=F("key"), order_by=F("due_at").asc())
    later = Job.objects.filter(key__in=list(wanted), state__in=AT_PROVIDER, due_at__gt=now)
    rows = later.annotate(place=place).filter(place__lte=max(wanted.values())).values_list("pk", "key", "place")
    ids = [pk for pk, key_id, place in rows if place <= wanted[key_id]]
    later.filter(pk__in=ids).update(due_at=now)


def hold(ids: Iterable[UUID]) -> None:
    """Keeps the steps that take long ours."""
    held = Job.objects.filter(pk__in=list(ids), due_at__isnull=False).exclude(
        state__in=(*AT_PROVIDER, State.SUBMITTING)
    )
    held.update(due_at=timezone.now() + HOLD)


def let_go(ids: Iterable[UUID]) -> None:
    """Gives steps back that were claimed and not begun."""
    now = timezone.now()
    Job.objects.filter(pk__in=list(ids), state__in=(State.QUEUED, State.SAVING), due_at__gt=now).update(due_at=now)


_PUT_OFF = {
    "sqlite": """
        UPDATE generations_job AS job SET due_at = json_extract(v.value, '$[2]')
        FROM json_each(%s) AS v
        WHERE job.id = json_extract(v.value, '$[0]') AND job.due_at = json_extract(v.value, '$[1]')
        RETURNING id""",
    "postgresql": """
        UPDATE generations_job AS job SET due_at = v.next
        FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS v(id, was, next)
        WHERE job.id = v.id AND job.due_at = v.was
        RETURNING job.id""",
}

_NOTE = {
    "sqlite": """
        UPDATE generations_job AS job SET
            failures = json_extract(v.value, '$[1]'),
            progress = coalesce(json_extract(v.value, '$[2]'), job.progress),
            due_at = coalesce(json_extract(v.value, '$[3]'), job.due_at),
            changed_at = CASE WHEN json_extract(v.value, '$[2]') IS NULL THEN job.changed_at ELSE %s END
        FROM json_each(%s) AS v
        WHERE job.id = json_extract(v.value, '$[0]') AND job.state IN ('pending', 'running')""",
    "postgresql": """
        UPDATE generations_job AS job SET
            failures = v.failures,
            progress = coalesce(v.progress, job.progress),
            due_at = coalesce(v.due_at, job.due_at),
            changed_at = CASE WHEN v.progress IS NULL THEN job.changed_at ELSE %s END
        FROM unnest(%s::uuid[], %s::smallint[], %s::smallint[], %s::timestamptz[])
            AS v(id, failures, progress, due_at)
        WHERE job.id = v.id AND job.state IN ('pending', 'running')""",
}


def _put_off(rows: Sequence[tuple[UUID, datetime, datetime]]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF[connection.vendor], _as_table(rows))
        return {_uuid(row[0]) for row in cursor.fetchall()}


def note(found: Sequence[Found]) -> None:
    """Writes what polls found, in one statement."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    rows = [(f.id, min(f.failures, 1000), f.progress, f.due_at) for f in found]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE[connection.vendor], [now, *_as_table(rows)])


def _as_table(rows: Sequence[tuple[object, ...]]) -> list[Any]:
    """Rows as the parameters that `json_each` or `unnest` make a table of."""
    if connection.vendor == "postgresql":
        return [list(column) for column in zip(*rows, strict=True)]
    return [json.dumps(rows, default=_as_text)]


def _as_text(value: object) -> str | None:
    """As Django's SQLite backend writes it, so that texts compare as the values do."""
    if isinstance(value, UUID):
        return value.hex
    assert isinstance(value, datetime)
    text: str | None = connection.ops.adapt_datetimefield_value(value)
    return text


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)

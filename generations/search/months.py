"""The months that there are jobs of, newest first: found by skipping from one to the next, never by reading all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from generations.models import Job
from generations.search.filters import Scope, beginning, next_month
from studio.lib.ids import made_at

MOST = 240
LAST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()  # of what has a date; an address may name any id
COUNTED_FOR = 3600  # seconds that the count of a month that is over is kept


@dataclass(frozen=True, slots=True)
class Month:
    """`until`: the id that a list which begins with this month goes on from. `since`: the same the other way around."""

    first: date
    count: int
    since: UUID
    until: UUID


def month_of(job_id: UUID) -> date:
    """Where the person is."""
    moment = datetime.fromtimestamp(min(made_at(job_id), LAST), timezone.get_current_timezone())
    return moment.date().replace(day=1)


def months(scope: Scope) -> list[Month]:
    rows = scope.jobs()
    found: list[Month] = []
    newest = _newest(rows)
    while newest is not None and len(found) < MOST:
        first = month_of(newest)
        since, until = beginning(first), beginning(next_month(first))
        among = rows.filter(pk__gte=since, pk__lt=until)
        found.append(Month(first, _count(among, scope, first), since, until))
        newest = _newest(rows.filter(pk__lt=since))
    return found


def _newest(rows: QuerySet[Job]) -> UUID | None:
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def _count(rows: QuerySet[Job], scope: Scope, first: date) -> int:
    """Of the present month as it is; what is over changes by little."""
    if first >= timezone.localdate().replace(day=1):
        return rows.count()
    whose = f"o{scope.user.pk}" if scope.team is None else f"t{scope.team.pk}"
    return cache.get_or_set(f"months:{whose}:{first:%Y-%m}", rows.count, COUNTED_FOR) or 0

"""The two counts in the frame of every page: jobs under way, and notices that are unread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from django.db.models import Count, QuerySet

from accounts.notices import inbox
from generations.models import Job
from generations.models.job import IN_FLIGHT
from generations.views.sse import named
from studio.database import query


class Page(Protocol):
    owner: int | None

    def put(self, message: bytes) -> None: ...


class Bell:
    """Tells open pages of the number of unread notices when it has changed."""

    def __init__(self) -> None:
        self._said: Mapping[int, int] = {}

    async def ring(self, pages: Iterable[Page]) -> None:
        by_owner = [(page.owner, page) for page in set(pages) if page.owner is not None]
        before, self._said = self._said, await query(unread_counts, {owner for owner, _ in by_owner})
        for owner, page in by_owner:
            if self._said.get(owner, 0) != before.get(owner, 0):
                page.put(_event(self._said.get(owner, 0)))


def running(owners: Iterable[int]) -> QuerySet[Job, tuple[int, int]]:
    """(owner's id, how many) of those who have any."""
    in_flight = Job.objects.filter(owner_id__in=list(owners), state__in=IN_FLIGHT, deleted_at__isnull=True)
    # Of `position`, which is in the index of states and not in the list's own: SQLite would read all of that one.
    return in_flight.order_by().values_list("owner_id").annotate(count=Count("position"))


def running_counts(owners: Iterable[int]) -> dict[int, int]:
    return dict(running(owners))


def unread_counts(people: Iterable[int]) -> dict[int, int]:
    return dict(inbox.unread(people))


def unread_event(owner: int) -> bytes:
    return _event(unread_counts([owner]).get(owner, 0))


def _event(count: int) -> bytes:
    return named("notices", [str(count)])

"""A search: what is wanted, and the pages of jobs that it is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Team, User
from generations.models import Job
from generations.search.filters import Scope, conditions
from generations.search.walking import Order, Place, walk
from generations.search.wanted import Wanted

PAGE = 36


@dataclass(frozen=True, slots=True)
class Search(Wanted):
    """Of one's own jobs; with `team`, of those that this team sees. Who may ask is for the caller to know."""

    def page(self, user: User, *, team: Team | None = None) -> tuple[list[Job], str]:
        """One page of jobs with their outputs, and the query string of the next page or ""."""
        scope, order = Scope(user, team), self._order(user)
        rows = walk(self._rows(scope), order, self._place(order), PAGE + 1)
        jobs = _read([pk for pk, _ in rows[:PAGE]])
        more = len(rows) > PAGE and bool(jobs)
        return jobs, self._after(jobs[-1], order) if more else ""

    def around(self, user: User, job: Job, count: int = 1, *, team: Team | None = None) -> tuple[list[Job], list[Job]]:
        """Up to `count` jobs before and after that one, each in the list's order."""
        order = self._order(user)
        rows, place = self._rows(Scope(user, team)), Place(job.pk, order.value(job))
        before = walk(rows, order, place, count, back=True)
        after = walk(rows, order, place, count)
        jobs = {found.pk: found for found in _read([pk for pk, _ in before + after])}
        return (
            [jobs[pk] for pk, _ in reversed(before) if pk in jobs],
            [jobs[pk] for pk, _ in after if pk in jobs],
        )

    def _rows(self, scope: Scope) -> QuerySet[Job]:
        rows = scope.jobs()
        for condition in conditions(self, scope).values():
            rows = rows.filter(condition)
        if self.text:
            rows = rows.filter(prompt__icontains=self.text)
        return rows

    def _order(self, user: User) -> Order:
        return Order(self.sort, self.unit)

    def _place(self, order: Order) -> Place | None:
        return Place(UUID(self.before), order.read(self.at)) if self.before else None

    def _after(self, job: Job, order: Order) -> str:
        value = order.value(job)
        return self.query(before=str(job.pk), at="" if value is None else str(value))


def _read(ids: list[UUID]) -> list[Job]:
    """Whole, in this order."""
    jobs = Job.objects.filter(pk__in=ids).select_related("owner").prefetch_related("outputs").in_bulk()
    return [jobs[pk] for pk in ids if pk in jobs]


def neighbours(user: User, job: Job) -> tuple[Job | None, Job | None]:
    """The next newer and the next older job in the gallery."""
    newer, older = Search().around(user, job)
    return (newer[0] if newer else None), (older[0] if older else None)

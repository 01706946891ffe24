"""Which jobs belong to a family: the steps are followed, one query for each generation, until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Value

from generations.models import Job, JobSource

JOBS_MAX = 200
RETRY = "retry"


class Step(NamedTuple):
    """`kind`: RETRY, or one of JobSource's."""

    source: UUID
    job: UUID
    kind: str


class Walk:
    """From a job, among those that a person may see."""

    def __init__(self, visible: QuerySet[Job], start: UUID) -> None:
        self.visible = visible
        self.start = start
        self.found: dict[UUID, None] = {start: None}
        self.steps: dict[Step, None] = {}
        self.is_cut = False

    def up(self) -> list[UUID]:
        """Returns the ancestors that have none themselves; the job itself where it has none."""
        self._follow([self.start], self.above, lambda step: step.source)
        made = {step.job for step in self.steps}
        return [pk for pk in self.found if pk not in made]

    def down(self, start: Collection[UUID]) -> None:
        self._follow(start, self.below, lambda step: step.job)

    def _follow(
        self, start: Collection[UUID], steps: Callable[[Collection[UUID]], list[Step]], end: Callable[[Step], UUID]
    ) -> None:
        ahead, seen = list(start), set(start)
        while ahead:
            reached: list[UUID] = []
            for step in steps(ahead):
                if end(step) not in self.found and len(self.found) >= JOBS_MAX:
                    self.is_cut = True
                    continue
                self.steps[step] = None
                self.found[end(step)] = None
                if end(step) not in seen:
                    seen.add(end(step))
                    reached.append(end(step))
            ahead = reached

    def above(self, jobs: Collection[UUID]) -> list[Step]:
        """The steps that lead to these."""
        return _steps(
            JobSource.objects.filter(self._sees("source"), job__in=jobs),
            Job.objects.filter(self._sees("parent"), pk__in=jobs),
        )

    def below(self, jobs: Collection[UUID]) -> list[Step]:
        """The steps that lead on from these."""
        return _steps(
            JobSource.objects.filter(self._sees("job"), source__in=jobs),
            self.visible.filter(parent__in=jobs),
        )

    def _sees(self, name: str) -> Exists:
        """May the person see that job of a row? Asked row by row: all that somebody may see is a long list."""
        return Exists(self.visible.filter(pk=OuterRef(name)))


def _steps(sources: QuerySet[JobSource], retries: QuerySet[Job]) -> list[Step]:
    """Of both kinds, the earliest; one more than are ever shown, where there are so many."""
    told = sources.order_by().values_list("source", "job", "kind")
    tried = retries.order_by().values_list("parent", "pk", Value(RETRY))
    return [Step(*row) for row in told.union(tried, all=True).order_by("job")[: JOBS_MAX + 1]]

"""What a page says of a job that nothing has happened to: time passes, and the line that it stands in moves on."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from generations import sentences
from generations.models import Job
from generations.models.states import AT_PROVIDER, State

EVERY = 2.0  # seconds between two looks
AT_MOST = 200  # jobs that are looked at, the newest: a page shows no more of them at once


class Words:
    """Finds the jobs whose sentence has become another one, without a write to any of them."""

    def __init__(self) -> None:
        self._said: dict[UUID, str] = {}

    def changed(self, owners: Collection[int]) -> list[Job]:
        moving = Job.objects.filter(
            owner__in=list(owners), state__in=(State.QUEUED, *AT_PROVIDER), deleted_at__isnull=True
        )
        jobs = list(moving.order_by("-id").prefetch_related("outputs")[:AT_MOST])
        before, self._said = self._said, {job.pk: sentences.status(job) for job in jobs}
        return [job for job in jobs if before.get(job.pk, self._said[job.pk]) != self._said[job.pk]]

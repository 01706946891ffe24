"""What a page says of a job that nothing has happened to: time passes, and the line that it stands in moves on."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Membership
from generations import sentences
from generations.models import Job
from generations.models.states import AT_PROVIDER, State
from generations.views.audiences import Watched

EVERY = 2.0  # seconds between two looks
AT_MOST = 200  # jobs that are looked at, the newest: a page shows no more of them at once


class Words:
    """Finds the jobs whose sentence has become another one, without a write to any of them."""

    def __init__(self) -> None:
        self._said: dict[UUID, str] = {}

    def changed(self, watched: Watched) -> list[Job]:
        jobs = {job.pk: job for rows in _moving(watched) for job in rows}
        before, self._said = self._said, {job.pk: sentences.status(job) for job in jobs.values()}
        return [job for job in jobs.values() if before.get(job.pk, self._said[job.pk]) != self._said[job.pk]]


def _moving(watched: Watched) -> Iterator[QuerySet[Job]]:
    """By the index of each question. A team's are those of its members: it may have a million that do not move."""
    jobs = Job.objects.filter(state__in=(State.QUEUED, *AT_PROVIDER), deleted_at__isnull=True)
    jobs = jobs.select_related("owner").prefetch_related("outputs").order_by("-id")
    if watched.owners:
        yield jobs.filter(owner__in=watched.owners)[:AT_MOST]
    if watched.teams:
        members = Membership.objects.filter(team__in=watched.teams).values("user")
        yield jobs.filter(owner__in=members, team__in=watched.teams)[:AT_MOST]
    if watched.jobs:
        yield jobs.filter(pk__in=watched.jobs)[:AT_MOST]

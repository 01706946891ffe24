"""Telling people of the end of jobs: one notice for all jobs of a click, when none of them is under way any more.

It is told when they took long, when somebody waits for them, and when one failed or needs a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Membership, User
from accounts.notices import tell
from generations.models import Job, JobWatch
from generations.models.states import ENDED, State

LONG = timedelta(seconds=60)  # from the click to the last result
SHOWN = 90  # characters of a prompt

TROUBLE = (State.FAILED, State.UNCONFIRMED)


def watch(job: Job, user: User) -> None:
    """They are told when the jobs of its click are done; when that has been meanwhile, at once."""
    JobWatch.objects.get_or_create(job=job, user=user)
    settled(job.pk)


def unwatch(job: Job, user: User) -> None:
    JobWatch.objects.filter(job__group=job.group, user=user).delete()


def is_watched(job: Job, user_id: int) -> bool:
    return JobWatch.objects.filter(job__group=job.group, user=user_id).exists()


def settled(job_id: UUID) -> None:
    """Something ended, or is left to its owner: tells of its click, if that was the last of it. Once for each end."""
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return
    jobs = list(Job.objects.filter(group=job.group, deleted_at=None).order_by("position"))
    if not jobs or not all(_is_settled(one) for one in jobs):
        return
    troubled = [one for one in jobs if one.state in TROUBLE]
    told = [one for one in jobs if one.state != State.CANCELLED]
    if not told:
        return
    event = "job_failed" if troubled else "job_done"
    text, url = _words(told, troubled), _address(jobs)
    for user in _listeners(jobs, is_worth_it=bool(troubled) or _took_long(told)):
        tell(user, event, text, url, once=f"click:{job.group}")


def _is_settled(job: Job) -> bool:
    """An unconfirmed one is when no look-up is to come: then it is its owner's to decide."""
    return job.state in ENDED or (job.state == State.UNCONFIRMED and job.due_at is None)


def _took_long(jobs: Sequence[Job]) -> bool:
    ends = [job.finished_at for job in jobs if job.finished_at]
    return bool(ends) and max(ends) - min(job.created_at for job in jobs) > LONG


def _listeners(jobs: Sequence[Job], *, is_worth_it: bool) -> QuerySet[User]:
    """Their owner, and whoever waits for them and may see them still."""
    owner = jobs[0].owner_id
    teams = {job.team_id for job in jobs if job.team_id}
    waiting = JobWatch.objects.filter(job__in=[job.pk for job in jobs]).values("user")
    may_see = Q(pk=owner) | Q(pk__in=Membership.objects.filter(team__in=teams).values("user"))
    asked = Q(pk__in=waiting) & may_see
    return User.objects.filter(asked | Q(pk=owner) if is_worth_it else asked).order_by("pk")


def _words(jobs: Sequence[Job], troubled: Sequence[Job]) -> str:
    """ "Done: “a red fox”", or of several "2 of 4 failed or need a look: “a red fox”"."""
    prompt = " ".join(jobs[0].prompt.split())
    named = f"“{prompt[:SHOWN]}{'…' if len(prompt) > SHOWN else ''}”" if prompt else jobs[0].model_name
    if not troubled:
        return f"Done: {named}" if len(jobs) == 1 else f"{len(jobs)} done: {named}"
    if len(jobs) == 1:
        return f"{'Failed' if jobs[0].state == State.FAILED else 'Needs a look'}: {named}"
    return f"{len(troubled)} of {len(jobs)} failed or need a look: {named}"


def _address(jobs: Sequence[Job]) -> str:
    if len(jobs) == 1:
        return reverse("job", args=[jobs[0].pk])
    return f"{reverse('compare')}?group={jobs[0].group}"

"""Asking after jobs that the provider has: one by one, all of a key in one list, or with the wish to cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from generations import outcomes
from generations.models import Job
from generations.models.states import AT_PROVIDER
from generations.shift import pace
from generations.shift.claims import Found, Step
from generations.shift.lanes import KeyGone, Lane, Tools
from studio.providers.base import Progress, ProviderError

FORGOTTEN_AFTER = 6  # polls in a row that say that there is no such job
FORGOTTEN = "The provider no longer knows this job. It may have been charged."
NO_KEY = "The key that it was sent with is gone, so it cannot be followed. The provider may still make and charge it."

log = structlog.get_logger(__name__)


async def ask(lane: Lane, step: Step) -> None:
    """One poll, whose turn it is."""
    try:
        progress = await (await lane.provider()).status(step.remote_id, step.kind)
    except ProviderError as error:
        await _unanswered(lane, [step], error)
    except KeyGone:
        await lane.tools.db(_fail, step.id, "lost", NO_KEY)
    else:
        await lane.answered()
        await heard(lane, step, progress)


async def ask_all(lane: Lane, steps: Sequence[Step]) -> list[Step]:
    """One list call for all of them; returns those that it did not tell of, which are to be asked one by one."""
    try:
        known = {progress.remote_id: progress for progress in await (await lane.provider()).list_jobs()}
    except KeyGone:
        return list(steps)
    except ProviderError as error:
        if error.kind in {"unavailable", "rate_limited", "invalid_key"}:
            await _unanswered(lane, steps, error)
            return []
        lane.lists = False
        await lane.refused(error)
        return list(steps)
    await lane.answered()
    for step in steps:
        if step.remote_id in known:
            await heard(lane, step, known[step.remote_id])
    return [step for step in steps if step.remote_id not in known]


async def cancel(lane: Lane, step: Step) -> None:
    """Tells the provider to stop, once it answers; a poll reads what came of it."""
    await lane.turn(poll=False, requests=2)
    refusal = ""
    try:
        progress = await (await lane.provider()).cancel(step.remote_id, step.kind)
    except KeyGone:
        await lane.tools.db(_fail, step.id, "lost", NO_KEY)
        return
    except ProviderError as error:
        if error.kind in {"unavailable", "rate_limited", "invalid_key", "malformed"} and step.failures < 10:
            await _unanswered(lane, [step], error)
            return
        refusal, progress = error.message, None
    await lane.answered()
    await lane.tools.db(_cancel_answered, step.id, refusal, progress)


async def heard(lane: Lane, step: Step, progress: Progress) -> None:
    """Nothing new is no write; a new percentage waits for the next batch; the rest moves the job."""
    moved = progress.ended or (progress.state == "running" and step.state == "pending")
    if moved:
        await lane.tools.db(_receive, step.id, progress)
        lane.freed()
    elif _is_over(step):
        await lane.tools.db(_overdue, step.id)
        lane.freed()
    elif step.failures or (progress.percent is not None and progress.percent != step.progress):
        lane.tools.found.append(Found(step.id, failures=0, progress=progress.percent))


async def _unanswered(lane: Lane, steps: Sequence[Step], error: ProviderError) -> None:
    """A poll that fails says nothing about the job: a later one may succeed, with another key if need be."""
    await lane.refused(error)
    now = timezone.now()
    for step in steps:
        if error.kind == "not_found" and step.failures + 1 >= FORGOTTEN_AFTER:
            await lane.tools.db(_fail, step.id, "not_found", FORGOTTEN)
        elif _is_over(step):
            await lane.tools.db(_overdue, step.id)
        else:
            wait = timedelta(seconds=pace.after_failed_ask(step.failures, error))
            lane.tools.found.append(Found(step.id, failures=step.failures + 1, due_at=now + wait))


async def end_overdue(tools: Tools, step: Step) -> None:
    await tools.db(_overdue, step.id)


def _is_over(step: Step) -> bool:
    return step.deadline_at is not None and step.deadline_at <= timezone.now()


def _receive(job_id: UUID, progress: Progress) -> None:
    for job in Job.objects.filter(pk=job_id, state__in=AT_PROVIDER):
        outcomes.receive(job, progress)
        log.info("job.heard", job=str(job_id), key=job.key_id, state=job.state, word=progress.status_word)


def _cancel_answered(job_id: UUID, refusal: str, progress: Progress | None) -> None:
    for job in Job.objects.filter(pk=job_id, state__in=AT_PROVIDER):
        job.cancel_answered(refusal=refusal)
        if progress is not None:
            outcomes.receive(job, progress)


def _overdue(job_id: UUID) -> None:
    for job in Job.objects.filter(pk=job_id):
        outcomes.overdue(job)


def _fail(job_id: UUID, kind: str, message: str) -> None:
    for job in Job.objects.filter(pk=job_id):
        job.fail(kind=kind, message=message, charge=job.at_risk, among=AT_PROVIDER)

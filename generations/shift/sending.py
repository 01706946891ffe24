"""Sending a job: once, or provably not at all.

`submitting` is committed, with this process's identity, before the request can leave. A job that is found there
with its sender dead, or past the time by which an answer must have come, is `unconfirmed`: never sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from accounts import keys
from generations import callbacks, outcomes, turns
from generations.jobs import webhook_url
from generations.models import Job
from generations.models.states import Charge, State
from generations.shift import inputs, pace
from generations.shift.claims import Step
from generations.shift.lanes import KeyGone, Lane, Tools
from generations.shift.saving import Downloads
from studio.lib import process
from studio.providers.base import JobSpec, Progress, ProviderError

ANSWER_BY = timedelta(seconds=180)  # longer than a submit may take in all, its tries to connect included
SEND_WITHIN = 5.0  # seconds after the commit of `submitting`; a process that slept longer sends nothing
STOPPED = "Studio was stopped while it waited for the provider's answer."
DIED = "Studio was killed while it sent this, so the answer is not known."
SILENT = "No answer came."

log = structlog.get_logger(__name__)


async def send(lane: Lane, downloads: Downloads, step: Step) -> None:
    tools = lane.tools
    if lane.key_id is not None and not await tools.db(turns.admit, step.id):
        return
    try:
        provider = await lane.provider()
    except KeyGone:
        await tools.db(_refuse_unsent, step.id, "The key is gone. Open the settings in Create and choose another.")
        return
    addresses = await inputs.addresses(lane, downloads, provider, step)
    if addresses is None:
        return
    await lane.turn(poll=False)
    if tools.stopping.is_set() or time.monotonic() > tools.lease_until:
        return
    job = await tools.db(_begin, step, tools.me, lane.dialect.needs_key is False)
    begun = time.monotonic()
    if job is None:
        return
    try:
        if tools.stopping.is_set() or time.monotonic() - begun > SEND_WITHIN:
            raise ProviderError("unavailable", "Studio was stopped before this was sent.", sent=False)
        progress = await provider.submit(_spec(job, addresses))
    except ProviderError as error:
        await lane.refused(error)
        await tools.db(_unanswered, job, error)
    except asyncio.CancelledError:
        await asyncio.shield(tools.db(outcomes.lost, job, STOPPED))
        raise
    else:
        await tools.db(_accepted, job, progress)
        await lane.answered()


def _begin(step: Step, me: str, beside_us: bool) -> Job | None:
    """The job, if it is ours to send now."""
    job = Job.objects.select_related("key").filter(pk=step.id, state=State.QUEUED).first()
    if job is None:
        return None
    if job.cancel_requested_at is not None:
        job.end_cancelled(charge=Charge.NO, among=[State.QUEUED])
        return None
    if job.key_id != step.key_id:
        return None  # deleted just now: the next claim finds it in another lane
    if job.key is not None and not job.key.is_enabled:
        _refuse(job, "The key is disabled. Enable it on the page of keys, then try again.")
        return None
    if job.key is not None and not keys.may_use(job.owner_id, job.key):
        _refuse(job, "The team may not use this key any more, or you are not in the team. Nothing was sent.")
        return None
    now = timezone.now()
    deadline = now + timedelta(seconds=pace.rhythm(job.kind, beside_us=beside_us).deadline)
    return job if job.begin_sending(submitter=me, answer_by=now + ANSWER_BY, deadline=deadline) else None


def _refuse_unsent(job_id: UUID, why: str) -> None:
    for job in Job.objects.filter(pk=job_id):
        _refuse(job, why)


def _refuse(job: Job, why: str) -> None:
    job.fail(kind="invalid_key", message=why, charge=Charge.NO, among=[State.QUEUED])


def _spec(job: Job, addresses: Mapping[str, str]) -> JobSpec:
    return JobSpec(
        kind=job.kind,  # type: ignore[arg-type]  # the field's choices are this literal
        model=job.model,
        prompt=job.prompt,
        settings=inputs.filled(job.settings, addresses),
        reference=str(job.pk),
        webhook_url=webhook_url(job),
    )


def _accepted(job: Job, progress: Progress) -> None:
    job.refresh_from_db(fields=["cancel_requested_at"])
    first = 0.0 if job.cancel_requested_at else pace.BESIDE_US.soonest
    outcomes.accepted(job, progress, due_at=timezone.now() + timedelta(seconds=first))
    if job.key is not None and not job.key.webhook_ciphertext and webhook_url(job):
        callbacks.learn_secret(job)
    log.info("job.sent", job=str(job.pk), key=job.key_id, provider=job.provider)


def _unanswered(job: Job, error: ProviderError) -> None:
    """Sent or not? What is known of that decides."""
    log.warning(
        "job.unanswered", job=str(job.pk), key=job.key_id, kind=error.kind, sent=error.sent, reason=error.message
    )
    if error.sent:
        outcomes.lost(job, error.message)
        return
    job.refresh_from_db(fields=["cancel_requested_at"])
    wait = pace.send_again_in(error, job.failures)
    outcomes.not_sent(job, error, again_at=None if wait is None else timezone.now() + timedelta(seconds=wait))


def find_orphans() -> int:
    """Jobs whose sender died on this host before it could write what came of it."""
    rows = Job.objects.filter(submitter__isnull=False, state=State.SUBMITTING)
    orphans = [job for job in rows if process.is_alive(job.submitter or "//") is False]
    for job in orphans:
        if outcomes.lost(job, DIED):
            log.warning("job.orphaned", job=str(job.pk), key=job.key_id)
    return len(orphans)


async def give_up_waiting(tools: Tools, step: Step) -> None:
    """The time by which an answer must have come has passed, wherever its sender was."""
    await tools.db(_lose, step.id)


def _lose(job_id: UUID) -> None:
    for job in Job.objects.filter(pk=job_id, state=State.SUBMITTING):
        outcomes.lost(job, SILENT)

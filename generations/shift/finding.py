"""Finding out what became of a job whose answer was lost, without ever sending it again.

A provider that keeps our reference can say for certain. Elsewhere its list of jobs is searched for one that only
this job can be; when more than one could be it, or this job is not the only one that could be that, a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import F, Q
from django.utils import timezone

from generations import outcomes
from generations.models import Job
from generations.models.states import State
from generations.shift import pace
from generations.shift.claims import Step
from generations.shift.lanes import KeyGone, Lane
from studio.providers.base import Progress, ProviderError

SKEW = timedelta(minutes=2)  # by which a provider's clock may differ from ours
MAX_CANDIDATES = 20
ASKED_IN_VAIN = 40  # failed look-ups in a row, a minute apart at the end, after which the person is told

NO_LIST = "This provider cannot be asked for its list of jobs."
NO_KEY = "The key is gone, so the provider cannot be asked."
UNREACHABLE = "The provider could not be asked."
NOTHING = "Nothing like it was found in the provider's list of jobs."
SEVERAL = "More than one of the provider's jobs could be this one."
RIVALS = "Another job of yours whose answer was lost could be the same one."

log = structlog.get_logger(__name__)


async def look_up(lane: Lane, step: Step) -> None:
    db = lane.tools.db
    if not lane.dialect.can_look_up:
        await db(_leave, step.id, NO_LIST)
        return
    await lane.turn(poll=False)
    try:
        since = step.submitted_at or timezone.now()
        provider = await lane.provider()
        listed = await provider.look_up(str(step.id), step.model, since - SKEW, timezone.now() + SKEW)
    except KeyGone:
        await db(_leave, step.id, NO_KEY)
    except ProviderError as error:
        await lane.refused(error)
        await db(_not_told, step.id, error)
    else:
        await lane.answered()
        await db(_by_reference if lane.dialect.exact_lookup else _by_likeness, step.id, listed)


def _job(job_id: UUID) -> Job | None:
    return Job.objects.select_related("key").filter(pk=job_id, state=State.UNCONFIRMED).first()


def _leave(job_id: UUID, why: str) -> None:
    if job := _job(job_id):
        job.leave_to_person(candidates=[], why=why)


def _not_told(job_id: UUID, error: ProviderError) -> None:
    job = _job(job_id)
    if job is None:
        return
    if job.failures >= ASKED_IN_VAIN:
        job.leave_to_person(candidates=[], why=f"{UNREACHABLE} {error.message}")
        return
    job.postpone(due_at=timezone.now() + timedelta(seconds=pace.after_failed_ask(job.failures, error)))


def _by_reference(job_id: UUID, listed: Sequence[Progress]) -> None:
    """The provider keeps our reference, and takes the same one twice for the same job: so it may even be sent again."""
    job = _job(job_id)
    if job is None:
        return
    ours = next((progress for progress in listed if progress.reference == str(job_id)), None)
    if ours is not None:
        _adopt(job, ours, how="reference")
    elif job.lookups:
        job.send_again()
    else:
        _look_later(job)  # it may be on its way


def _by_likeness(job_id: UUID, listed: Sequence[Progress]) -> None:
    job = _job(job_id)
    if job is None:
        return
    found = _unknown_to_us(job, [progress for progress in listed if could_be(job, progress)])
    rivals = sum(1 for other in _unsettled_beside(job) if any(could_be(other, progress) for progress in found))
    if len(found) == 1 and not rivals:
        _adopt(job, found[0], how="list")
        return
    if _look_later(job):
        return
    why = NOTHING if not found else SEVERAL if len(found) > 1 else RIVALS
    job.leave_to_person(candidates=[_candidate(progress) for progress in found[:MAX_CANDIDATES]], why=why)


def could_be(job: Job, progress: Progress) -> bool:
    """Same engine and kind, made in the time in which ours must have arrived, same prompt where it is told."""
    at = _moment(progress.created_at)
    same = progress.model == job.model and progress.kind in ("", job.kind)  # not every provider tells the kind
    if at is None or job.submitted_at is None or not same:
        return False
    latest = (job.lost_at or timezone.now()) + SKEW
    return job.submitted_at - SKEW <= at <= latest and progress.prompt in (None, job.prompt)


def _unknown_to_us(job: Job, listed: Sequence[Progress]) -> list[Progress]:
    ids = [progress.remote_id for progress in listed]
    known = set(Job.objects.filter(provider=job.provider, remote_id__in=ids).values_list("remote_id", flat=True))
    return [progress for progress in listed if progress.remote_id not in known]


def _unsettled_beside(job: Job) -> list[Job]:
    """Our other jobs that a candidate might be: on this key, or on one that looks the same to us."""
    same = Q(key=job.key_id) | Q(key__hint=job.key.hint) if job.key else Q(key=None)
    waiting = Job.objects.filter(same, provider=job.provider, state__in=(State.SUBMITTING, State.UNCONFIRMED))
    return list(waiting.exclude(pk=job.pk))


def _adopt(job: Job, progress: Progress, *, how: str) -> None:
    log.info("job.adopted", job=str(job.pk), key=job.key_id, how=how)
    outcomes.accepted(job, progress, due_at=timezone.now(), event="adopted", how=how)


def _look_later(job: Job) -> bool:
    wait = pace.look_again_in(job.lookups)
    if wait is None:
        return False
    later = timezone.now() + timedelta(seconds=wait)
    Job.objects.filter(pk=job.pk, state=State.UNCONFIRMED).update(due_at=later, lookups=F("lookups") + 1, failures=0)
    return True


def _candidate(progress: Progress) -> dict[str, Any]:
    return {
        "remote_id": progress.remote_id,
        "created_at": progress.created_at,
        "state": progress.state,
        "prompt": progress.prompt or "",
    }


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

"""Deleting a finished job and its files at its provider too, where its owner wants that."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from accounts.connect import connect
from generations.models import Job
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.registry import DIALECTS
from studio.providers.transports import process_transports

TASK = "generations.tasks.delete_at_provider"
AGAIN_AFTER = (1, 10, 60, 600)  # minutes from one try to the next
PASSING = frozenset({"unavailable", "rate_limited", "malformed"})
NO_KEY = "The key is gone, so nobody can ask for it."

log = structlog.get_logger(__name__)


def is_possible(job: Job) -> bool:
    """The provider has it, has ended it, and deletes what it is asked to."""
    can = job.provider in DIALECTS and DIALECTS[job.provider].can_delete
    return can and bool(job.remote_id) and job.is_ended and not _is_done(job)


def ask(job: Job) -> bool:
    """Has a task do it. False: there is nothing that could be deleted."""
    if not is_possible(job):
        return False
    job.events.create(kind="deleting_there")
    async_task(TASK, str(job.pk))
    return True


def delete(job_id: UUID, failures: int = 0) -> None:
    """One try; safe to make twice. The timeline says how it ended."""
    job = Job.objects.select_related("key").filter(pk=job_id).first()
    if job is None or not is_possible(job):
        return
    if job.key is None:
        _note(job, "not_deleted_there", NO_KEY)
        return
    try:
        connect(job.provider, job.key, process_transports()).delete(job.remote_id)
    except Undecryptable:
        _note(job, "not_deleted_there", NO_KEY)
    except ProviderError as error:
        _failed(job, error, failures)
    else:
        _note(job, "deleted_there")


def _failed(job: Job, error: ProviderError, failures: int) -> None:
    log.warning("job.not_deleted", job=str(job.pk), key=job.key_id, kind=error.kind, failures=failures)
    if error.kind not in PASSING or failures >= len(AGAIN_AFTER):
        _note(job, "not_deleted_there", error.message)
        return
    later = timezone.now() + timedelta(minutes=AGAIN_AFTER[failures])
    Schedule.objects.create(
        func=TASK, args=f"{str(job.pk)!r}, {failures + 1}", schedule_type=Schedule.ONCE, repeats=-1, next_run=later
    )


def _is_done(job: Job) -> bool:
    return job.events.filter(kind="deleted_there").exists()


def _note(job: Job, kind: str, why: str = "") -> None:
    job.events.create(kind=kind, detail={"why": why} if why else {})
    Job.objects.filter(pk=job.pk).update(changed_at=timezone.now())

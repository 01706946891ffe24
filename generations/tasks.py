"""What django-q2 runs. Each task is safe to run twice."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import uvloop
from django_q.models import Schedule
from django_q.tasks import async_task

from accounts import signatures
from generations import deleting, job_notices, previews, uploads
from generations.archives import running, working
from generations.catalogue import renewal
from generations.chats import folders
from generations.chats.replies import recovery
from generations.links import expiring
from generations.organising import bulk, trash
from generations.shift.loop import Shift
from generations.shift.saving import PREVIEWS_TASK
from generations.shift.stopping import stopping

SHIFT = "generations.tasks.shift"
SHIFT_TIMEOUT = 900  # seconds: longer than a shift that is prolonged and drained

SCHEDULES = {  # minutes by task
    "generations.tasks.start_shift": 1,  # the safety net: shifts relieve one another
    "generations.tasks.settle_replies": 1,  # of conversations that nobody opens
    "generations.tasks.mend_archives": 1,  # whose worker was killed
    "generations.tasks.mend_previews": 10,
    "generations.tasks.refresh_catalogues": 5,  # those that are stale by then
    "generations.tasks.purge": 24 * 60,
    "accounts.tasks.deliver_due": 1,
    "accounts.tasks.send_digests": 5,
    "accounts.tasks.purge": 24 * 60,
}


def shift(relieves: bool = False) -> None:
    """Sends, polls and saves for about a minute, until the next one relieves it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Shift(stop=stopping.is_set, call_relief=call_relief, relieves=relieves).run())


def start_shift() -> None:
    """One that finds another at work ends at once."""
    async_task(SHIFT, timeout=SHIFT_TIMEOUT)


def call_relief() -> None:
    async_task(SHIFT, True, timeout=SHIFT_TIMEOUT)


def make_previews(job_id: str) -> None:
    job_notices.settled(UUID(job_id))
    previews.make(UUID(job_id))


def mend_previews() -> None:
    for job_id in previews.overdue():
        async_task(PREVIEWS_TASK, str(job_id))


def tell_of_job(job_id: str) -> None:
    job_notices.settled(UUID(job_id))


def learn_webhook_secret(key_id: int) -> None:
    signatures.learn(key_id)


def delete_at_provider(job_id: str, failures: int = 0) -> None:
    deleting.delete(UUID(job_id), failures)


def organise(user_id: int, wish: dict[str, Any], query: str) -> None:
    bulk.go_on(user_id, wish, query)


def refresh_catalogues() -> None:
    renewal.refresh_stale()


def work_on_archive(archive_id: str) -> None:
    running.run(UUID(archive_id))


def mend_archives() -> None:
    working.mend()


def settle_replies() -> None:
    recovery.interrupt_abandoned()


def purge() -> None:
    trash.purge()
    folders.purge()
    uploads.purge()
    expiring.purge()
    working.purge()


def plan() -> None:
    """Writes the schedules down, as they stand above."""
    for task, minutes in SCHEDULES.items():
        every = {"schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        Schedule.objects.update_or_create(name=task, func=task, defaults=every)

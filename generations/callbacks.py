"""Providers call back. What they say is never believed: it only makes the worker look now."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from uuid import UUID

import structlog
from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_q.tasks import async_task

from accounts import signatures
from generations.models import Job
from generations.models.states import AT_PROVIDER, State

LARGEST = 2**20  # bytes of a callback that are read, for its signature
LEARN_TASK = "generations.tasks.learn_webhook_secret"
LEARN_EVERY = 600  # seconds between two questions for a secret that no signature fits any more

log = structlog.get_logger(__name__)


class Heard(IntEnum):
    """What a callback is answered."""

    TAKEN = 204
    FORGED = 401
    UNKNOWN = 404
    TOO_LARGE = 413


def receive(given: str, headers: Mapping[str, str], body: bytes) -> Heard:
    """`given` is the last part of the job's own address; `headers` by lower-case name."""
    job = _of(given)
    if job is None:
        return Heard.UNKNOWN
    if len(body) > LARGEST:
        return Heard.TOO_LARGE
    if not signatures.is_genuine(job.key, headers, body):
        log.warning("webhook.forged", job=str(job.pk), key=job.key_id, provider=job.provider)
        learn_secret(job)  # it may have been changed there
        return Heard.FORGED
    now = timezone.now()
    watched = Job.objects.filter(pk=job.pk, state__in=(*AT_PROVIDER, State.UNCONFIRMED))
    watched.filter(due_at__gt=now).update(due_at=now)
    return Heard.TAKEN


def learn_secret(job: Job) -> None:
    """Has a task ask for the secret of the job's account, once in a while."""
    if job.key_id is None or not signatures.signs(job.provider):
        return
    if cache.add(f"webhook-secret:{job.key_id}", True, LEARN_EVERY):
        async_task(LEARN_TASK, job.key_id)


def _of(given: str) -> Job | None:
    """The job of an address that nobody can guess."""
    name, _, secret = given.partition(".")
    try:
        job = Job.objects.select_related("key").filter(pk=UUID(name)).first()
    except ValueError:
        return None
    known = job is not None and bool(job.webhook_token) and constant_time_compare(job.webhook_token, secret)
    return job if known else None

"""What was deleted: brought back within 30 days, or gone for good, with its files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from accounts.models import User
from generations import jobs
from generations.models import AlbumItem, Job, JobEvent, JobTag, Output
from generations.models.states import ENDED, Charge
from generations.organising import albums

PAGE = 48
BATCH = 500
TASK = "generations.tasks.purge"


def hide(user: User, chosen: Collection[UUID], *, at: datetime) -> list[UUID]:
    """Deletes jobs of this person, all with the same moment, which undoes it. What is in flight is cancelled first."""
    mine = Job.objects.filter(owner=user, deleted_at=None, pk__in=chosen)
    running = [job.pk for job in mine.exclude(state__in=ENDED) if jobs.hide(job)]
    Job.objects.filter(pk__in=running).exclude(deleted_at=None).update(deleted_at=at)
    with transaction.atomic():
        ended = list(mine.filter(state__in=ENDED).select_for_update().values_list("pk", flat=True))
        Job.objects.filter(pk__in=ended).update(deleted_at=at)
        _note(ended, "deleted")
    return running + ended


def of(user: User) -> QuerySet[Job]:
    """What can still be brought back."""
    return Job.objects.filter(owner=user, deleted_at__gt=timezone.now() - jobs.KEPT_IN_TRASH)


def page(user: User, before: str = "") -> tuple[list[Job], str]:
    """The last deleted first, and what the next part comes after; "" where there is none."""
    rows = of(user)
    if found := _read(before):
        at, job = found
        rows = rows.filter(deleted_at__lte=at).exclude(deleted_at=at, pk__gte=job)
    listed = list(rows.order_by("-deleted_at", "-pk").prefetch_related("outputs")[: PAGE + 1])
    shown = listed[:PAGE]
    last = shown[-1] if len(listed) > PAGE else None
    return shown, f"{last.deleted_at.isoformat()}_{last.pk}" if last and last.deleted_at else ""


def goes_at(job: Job) -> datetime | None:
    return job.deleted_at + jobs.KEPT_IN_TRASH if job.deleted_at else None


def restore(deleted: QuerySet[Job]) -> int:
    """Brings back those of `of(…)` that are asked for."""
    back = 0
    for batch in _batches(deleted):
        with transaction.atomic():
            rows = Job.objects.filter(pk__in=batch).exclude(deleted_at=None).select_for_update()
            here = list(rows.values_list("pk", flat=True))
            Job.objects.filter(pk__in=here).update(deleted_at=None, changed_at=timezone.now())
            _note(here, "restored")
        back += len(here)
    return back


def expire(deleted: QuerySet[Job]) -> int:
    """Deletes for good: out of the trash now, files and all by a task as soon as one is free."""
    long_ago = timezone.now() - jobs.KEPT_IN_TRASH - timedelta(seconds=1)
    gone = 0
    for batch in _batches(deleted):
        gone += Job.objects.filter(pk__in=batch).exclude(deleted_at=None).update(deleted_at=long_ago)
    if gone:
        async_task(TASK)
    return gone


def purge(*, now: datetime | None = None) -> int:
    """Removes for good, files included, what was deleted 30 days ago. Returns how many jobs that were.

    Of one that cost money, or may have, the sum stays for the books: an empty job that no page shows.
    """
    until = (now or timezone.now()) - jobs.KEPT_IN_TRASH
    rows = Job.objects.filter(Exists(JobEvent.objects.filter(job=OuterRef("pk"))), deleted_at__lt=until)
    ids = list(rows.values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        # Read to the end before one writes: SQLite lets nobody write who is still reading.
        for job in list(rows.filter(pk__in=ids[first : first + BATCH]).prefetch_related("outputs")):
            _remove(job)
    albums.purge(until)
    return len(ids)


def _remove(job: Job) -> None:
    outputs: list[Output] = list(job.outputs.all())
    for output in outputs:
        for name in filter(None, (output.file, output.thumbnail, output.preview)):
            default_storage.delete(name)
    if job.charge == Charge.NO:
        job.delete()
    else:
        _empty(job)


def _empty(job: Job) -> None:
    """Without events it has been purged."""
    with transaction.atomic():
        for rows in (job.outputs, job.events, job.comments, job.reactions):
            rows.all().delete()
        AlbumItem.objects.filter(job=job).delete()
        JobTag.objects.filter(job=job).delete()
        job.assets.clear()
        said = {"note": "", "tag_words": "", "is_favourite": False, "stars": 0, "colour": "", "review": ""}
        made: dict[str, Any] = {
            "prompt": "",
            "settings": {},
            "error": "",
            "webhook_token": "",
            "parent": None,
            "team": None,
        }
        Job.objects.filter(pk=job.pk).update(**said, **made)


def _batches(deleted: QuerySet[Job]) -> Iterator[list[UUID]]:
    """By keyset: those of a batch leave the trash meanwhile."""
    rows, after = deleted.order_by("pk"), None
    while batch := list((rows.filter(pk__gt=after) if after else rows).values_list("pk", flat=True)[:BATCH]):
        yield batch
        after = batch[-1]


def _note(chosen: Collection[UUID], kind: str) -> None:
    JobEvent.objects.bulk_create([JobEvent(job_id=job, kind=kind) for job in chosen], batch_size=BATCH)


def _read(before: str) -> tuple[datetime, UUID] | None:
    at, _, job = before.partition("_")
    try:
        return datetime.fromisoformat(at), UUID(job)
    except ValueError:
        return None

"""An archive's life: waiting → working → done or failed. One is worked on at a time, and a lost one begins anew."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django_q.tasks import async_task

from accounts import notices
from accounts.models import User
from generations.models import Archive
from generations.shift.stopping import stopping
from studio.lib.crypto import token

TASK = "generations.tasks.work_on_archive"
TASK_TIMEOUT = 12 * 3600  # seconds
FOLDER = "archives"  # in the media
BEAT = 2.0  # seconds between two signs of life
ABANDONED = timedelta(seconds=90)  # without one
KEPT = timedelta(days=7)
MOST_STARTS = 3  # of one that breaks off with its worker
BUSY = Q(state=Archive.State.WORKING)
UNDER_WAY = (Archive.State.WAITING, Archive.State.WORKING)

log = structlog.get_logger(__name__)


class Unfit(Exception):
    """It cannot be made or read; the message says why, for people."""


class Stopped(Exception):
    """Studio is being stopped, or the archive was deleted meanwhile."""


class Progress:
    """What the work on one archive tells: how far it is, and that it lives."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.done = 0
        self._told_at = timezone.now()

    def step(self, count: int = 1) -> None:
        """So many more things are done. Raises Stopped."""
        self.done += count
        self.live()

    def live(self) -> None:
        if stopping.is_set():
            raise Stopped
        now = timezone.now()
        if (now - self._told_at).total_seconds() >= BEAT:
            self._told_at = now
            if not _own(self.archive).update(done=self.done, beat_at=now):
                raise Stopped


def ask(archive: Archive) -> None:
    """Has the worker do it."""
    async_task(TASK, str(archive.pk), timeout=TASK_TIMEOUT)


def under_way(user: User, kind: str) -> int:
    """How many."""
    return Archive.objects.filter(owner=user, kind=kind, state__in=UNDER_WAY).count()


def claim(archive_id: UUID) -> Archive | None:
    """None where another process has it, or works on another one: it is called when that is done."""
    if Archive.objects.filter(BUSY, beat_at__gt=timezone.now() - ABANDONED).exists():
        return None
    now = timezone.now()
    waiting = Archive.objects.filter(pk=archive_id, state=Archive.State.WAITING)
    if not waiting.update(state=Archive.State.WORKING, worker=_me(), beat_at=now, done=0, total=0, error=""):
        return None
    return Archive.objects.select_related("owner").get(pk=archive_id)


def carry_out(archive: Archive, work: Callable[[Archive, Progress], dict[str, Any]]) -> None:
    """Does it, and writes down how it ended; then the next one is called."""
    progress = Progress(archive)
    try:
        outcome = work(archive, progress)
    except Stopped:
        _own(archive).update(state=Archive.State.WAITING, worker="")
        return
    except Unfit as error:
        _end(archive, state=Archive.State.FAILED, error=str(error)[:300])
    except Exception as error:
        log.exception("archive.failed", archive=str(archive.pk), reason=type(error).__name__)
        storage = "Studio's own storage could not be read or written."
        fault = storage if isinstance(error, OSError) else "Studio had a fault."
        _end(archive, state=Archive.State.FAILED, error=fault)
    else:
        _end(archive, state=Archive.State.DONE, done=progress.done, outcome=outcome)
    call_next()


def call_next() -> None:
    """The one that waits longest, if any does."""
    waiting = Archive.objects.filter(state=Archive.State.WAITING).order_by("created_at").first()
    if waiting is not None:
        ask(waiting)


def mend(*, now: datetime | None = None) -> None:
    """What a process left behind when it was killed begins anew; a call that was lost is made again."""
    for lost in Archive.objects.filter(BUSY, beat_at__lt=(now or timezone.now()) - ABANDONED):
        _begin_anew(lost)
    if not Archive.objects.filter(BUSY).exists():
        call_next()


def _begin_anew(lost: Archive) -> None:
    """Unless it takes its worker with it each time."""
    starts = lost.outcome.get("starts", 1)
    same = Archive.objects.filter(BUSY, pk=lost.pk, worker=lost.worker)
    if starts < MOST_STARTS:
        same.update(state=Archive.State.WAITING, worker="", outcome={"starts": starts + 1})
    else:
        broken_off = f"It broke off {MOST_STARTS} times."
        same.update(state=Archive.State.FAILED, error=broken_off, finished_at=timezone.now(), outcome={})


def again(archive: Archive) -> bool:
    """Another try of one that failed."""
    failed = Archive.objects.filter(pk=archive.pk, state=Archive.State.FAILED)
    if not failed.update(state=Archive.State.WAITING, error="", finished_at=None, done=0, total=0):
        return False
    archive.refresh_from_db()
    ask(archive)
    return True


def delete(archive: Archive) -> None:
    """The record and what it holds; work on it ends by itself."""
    archive.delete()
    remove(archive.file)


def remove(name: str) -> None:
    """A file or a folder of ours."""
    if name.startswith(f"{FOLDER}/"):
        path = Path(settings.MEDIA_ROOT, name)
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def purge(*, now: datetime | None = None) -> int:
    """Removes what ended seven days ago, and files that no record names. Returns how many records that were."""
    now = now or timezone.now()
    old = list(Archive.objects.filter(finished_at__lt=now - KEPT))
    for archive in old:
        delete(archive)
    known = set(Archive.objects.values_list("file", flat=True))
    for path in Path(settings.MEDIA_ROOT, FOLDER).glob("*"):
        name = f"{FOLDER}/{path.name}"
        if name not in known and path.stat().st_mtime < (now - timedelta(days=1)).timestamp():
            remove(name)
    return len(old)


def room() -> Path:
    """The folder in which archives are."""
    folder = Path(settings.MEDIA_ROOT, FOLDER)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def new_place(ending: str = "") -> str:
    """A storage name that nobody guesses, in a folder that is there."""
    room()
    return f"{FOLDER}/{token()}{ending}"


def _own(archive: Archive) -> Any:
    return Archive.objects.filter(BUSY, pk=archive.pk, worker=_me())


def _end(archive: Archive, **fields: Any) -> None:
    if not _own(archive).update(finished_at=timezone.now(), **fields):
        return
    what = archive.get_kind_display().lower()
    said = (
        f"Your {what} is done." if fields["state"] == Archive.State.DONE else f"Your {what} failed: {fields['error']}"
    )
    notices.tell(archive.owner, "archive", said, reverse("archives"))


def _me() -> str:
    return f"{socket.gethostname()}/{os.getpid()}"

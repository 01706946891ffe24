"""All that is one's own as one archive: results with their sidecars, chats, presets, prompts, albums. Never keys."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from generations.archives import library, packing, working, zipping
from generations.archives.packing import Entry, Packer
from generations.archives.working import Progress, Unfit
from generations.chats.files import exporting as chats
from generations.models import Archive, Asset, Conversation, Job, Output

FORMAT, VERSION = "studio.archive", 1
MANIFEST, LIBRARY, CHATS, RESULTS = "studio.json", "library.json", "chats.json", "results/"
SPARE = 256 * 2**20  # bytes that stay free on the disk


def start(owner: User) -> Archive | None:
    """None where one is under way already."""
    if working.under_way(owner, Archive.Kind.EXPORT):
        return None
    archive: Archive = Archive.objects.create(owner=owner, kind=Archive.Kind.EXPORT)
    working.ask(archive)
    return archive


def work(archive: Archive, progress: Progress) -> dict[str, Any]:
    """Writes the file; says what is in it. Raises Unfit and Stopped."""
    owner = archive.owner
    jobs = Job.objects.filter(owner=owner, deleted_at=None, outputs__isnull=False).exclude(outputs__file="")
    jobs = jobs.distinct().order_by("-pk")
    _check_room(owner)
    Archive.objects.filter(pk=archive.pk).update(total=jobs.count())
    name = working.new_place(".zip")
    path = Path(settings.MEDIA_ROOT, name)
    try:
        outcome = _write(path, owner, jobs, progress)
    except packing.Changed as error:
        raise Unfit("A file was deleted while it was being packed. Try again.") from error
    finally:
        for left in (path.with_suffix(".part"), path.with_suffix(".chats")):
            with suppress(FileNotFoundError):
                left.unlink()
    Archive.objects.filter(pk=archive.pk).update(file=name, size=path.stat().st_size)
    return outcome


def _write(path: Path, owner: User, jobs: QuerySet[Job], progress: Progress) -> dict[str, Any]:
    conversations = path.with_suffix(".chats")
    async_to_sync(_write_chats)(owner, conversations)
    packer, outcome = Packer(), Counter[str]()
    with path.with_suffix(".part").open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        for piece in packer.pack(_entries(owner, jobs, conversations, progress, outcome)):
            file.write(piece)
        for piece in packer.end():
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path.with_suffix(".part"), path)
    return {**outcome, "chats": Conversation.objects.filter(owner=owner, deleted_at=None).count()}


def _entries(
    owner: User, jobs: QuerySet[Job], conversations: Path, progress: Progress, outcome: Counter[str]
) -> Iterator[Entry]:
    now = timezone.now()
    head = {"format": FORMAT, "version": VERSION, "exported_at": now.isoformat(), "person": owner.name or owner.email}
    yield Entry.of(MANIFEST, now, json.dumps(head, ensure_ascii=False, indent=1).encode())
    yield Entry.of(LIBRARY, now, library.written(owner))
    yield Entry(CHATS, now, conversations, conversations.stat().st_size)
    for entry in library.uploads(owner):
        progress.live()
        outcome["uploads"] += 1
        yield entry

    def begun(job: Job) -> None:
        progress.step()
        outcome["jobs"] += 1

    for entry in zipping.entries(jobs, folder=RESULTS, begun=begun):
        progress.live()
        outcome["files"] += isinstance(entry.content, Path)
        yield entry


async def _write_chats(owner: User, path: Path) -> None:
    with path.open("wb") as file:
        async for piece in chats.everything(owner):
            file.write(piece)


def _check_room(owner: User) -> None:
    results = Output.objects.filter(job__owner=owner, job__deleted_at=None).aggregate(bytes=Sum("size"))["bytes"] or 0
    given = Asset.objects.filter(owner=owner).aggregate(bytes=Sum("size"))["bytes"] or 0
    if shutil.disk_usage(working.room()).free < results + given + SPARE:
        raise Unfit("There is too little room on Studio's disk for an archive of this size.")

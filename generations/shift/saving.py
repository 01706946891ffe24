"""Copying results to our own storage: byte for byte, capped, sniffed, with a checksum, at an unguessable name."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from generations import outcomes
from generations.models import Job, Output
from generations.models.states import State
from generations.shift import pace
from generations.shift.claims import Step
from generations.shift.lanes import KeyGone, Lane
from studio.environment import host_of, origin_of
from studio.lib import images, video
from studio.lib.crypto import token
from studio.lib.egress import AsyncTransport, Egress, FetchError, Forbidden
from studio.lib.fetch import BadStatus, Downloaded, TooLarge, download
from studio.lib.sniff import MediaType, sniff, text_kind
from studio.providers.base import Progress, ProviderError

AT_ONCE, AT_ONCE_PER_HOST = 12, 4
CAPS = {"image": 100 * 2**20, "video": 2 * 2**30, "audio": 200 * 2**20}  # bytes
LONGEST = 540.0  # seconds for one download
PREVIEWS_TASK = "generations.tasks.make_previews"

log = structlog.get_logger(__name__)


class NotMedia(Exception):
    """What came is neither an image nor a video nor sound; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a saved file, by the names of `Output`'s fields."""

    file: str
    kind: str
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None


class Downloads:
    """The connections for downloads, a transport for each provider: its own origin may be private, others' may not."""

    def __init__(self) -> None:
        self._transports: dict[str, AsyncTransport] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._per_host: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))

    async def fetch(self, provider: str, url: str, path: Path, *, cap: int) -> Downloaded:
        async with self._per_host[host_of(url)], self._at_once:
            return await download(self.transport(provider), url, path, max_bytes=cap, timeout_total=LONGEST)

    def transport(self, provider: str) -> AsyncTransport:
        """For what the provider names; "" for what people do."""
        if provider not in self._transports:
            own = settings.PROVIDER_URLS[provider] if provider else ""
            allowed = [*settings.PRIVATE_HOSTS, *([origin_of(own)] if own else [])]
            self._transports[provider] = AsyncTransport(Egress(allowed))
        return self._transports[provider]

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()


async def save(lane: Lane, downloads: Downloads, step: Step) -> None:
    """All of a job's outputs that are not saved yet; then it has succeeded."""
    db = lane.tools.db
    for output in await db(_unsaved, step.id):
        try:
            facts = await _copy(downloads, step, output)
        except (FetchError, NotMedia, OSError) as error:
            await _failed(lane, step, error)
            return
        await db(_keep, output, facts)
    await db(_succeed, step.id)


async def _copy(downloads: Downloads, step: Step, output: Output) -> Facts:
    path = incoming()
    try:
        got = await downloads.fetch(step.provider, output.remote_url, path, cap=CAPS[step.kind])
        media = sniff(got.head)
        if media is None:
            raise NotMedia(f"the provider sent {text_kind(got.head) or 'something'} in its place")
        return await asyncio.to_thread(shelve, path, got, media)
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def incoming() -> Path:
    folder = Path(settings.MEDIA_ROOT, "incoming")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / token()


def shelve(path: Path, got: Downloaded, media: MediaType) -> Facts:
    """Moves a whole file to its final name and measures it."""
    name = f"{timezone.now():outputs/%Y/%m}/{token()}.{media.extension}"
    final = Path(settings.MEDIA_ROOT, name)
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o600)
    os.replace(path, final)
    facts = {"file": name, "kind": media.kind, "content_type": media.mime, "size": got.size, "sha256": got.sha256}
    return Facts(**facts, **_measures(final, media))  # type: ignore[arg-type]  # the fields of Facts by name


def _measures(path: Path, media: MediaType) -> dict[str, int | float | None]:
    """Its dimensions, so that its place on a page is known before it loads; nothing where it cannot be read."""
    try:
        if media.kind == "image":
            seen = images.probe(path)
            return {"width": seen.width, "height": seen.height}
        if media.kind == "video":
            clip = video.probe(path)
            return {"width": clip.width, "height": clip.height, "duration": clip.duration}
    except (images.NotAnImage, video.NotAVideo) as error:
        log.warning("output.unreadable", reason=str(error))
    return {}


async def _failed(lane: Lane, step: Step, error: Exception) -> None:
    why = str(error) if isinstance(error, FetchError | NotMedia) else "Studio's own storage cannot be written"
    final = isinstance(error, Forbidden | TooLarge | NotMedia)
    log.warning("job.not_saved", job=str(step.id), key=step.key_id, failures=step.failures, reason=why)
    if isinstance(error, BadStatus):
        await _renew_addresses(lane, step)
    await lane.tools.db(_again_or_fail, step.id, why, final)


async def _renew_addresses(lane: Lane, step: Step) -> None:
    """A signed address runs out, and the built-in engine moves to another port: the provider knows where it is now."""
    await lane.turn(poll=True)
    with suppress(ProviderError, KeyGone):
        progress = await (await lane.provider()).status(step.remote_id, step.kind)
        await lane.tools.db(_move_outputs, step.id, progress)


def _unsaved(job_id: UUID) -> list[Output]:
    return list(Output.objects.filter(job=job_id, job__state=State.SAVING, file=""))


def _keep(output: Output, facts: Facts) -> None:
    fields = {name: getattr(facts, name) for name in facts.__slots__}
    if not Output.objects.filter(pk=output.pk, file="").update(**fields):
        Path(settings.MEDIA_ROOT, facts.file).unlink(missing_ok=True)  # another copy was sooner


def _succeed(job_id: UUID) -> None:
    job = Job.objects.filter(pk=job_id, state=State.SAVING).first()
    if job is None:
        return
    with transaction.atomic():
        if job.succeed():
            job.measure()
            log.info("job.saved", job=str(job_id), key=job.key_id)
            async_task(PREVIEWS_TASK, str(job_id))


def _again_or_fail(job_id: UUID, why: str, final: bool) -> None:
    job = Job.objects.filter(pk=job_id, state=State.SAVING).first()
    if job is None:
        return
    wait = None if final else pace.save_again_in(job.failures)
    if wait is None:
        outcomes.unsaved(job, why)
    else:
        job.postpone(due_at=timezone.now() + timedelta(seconds=wait))


def _move_outputs(job_id: UUID, progress: Progress) -> None:
    for position, output in enumerate(progress.outputs):
        Output.objects.filter(job=job_id, position=position, file="").update(remote_url=output.url)

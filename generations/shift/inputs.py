"""The media that a job begins from, made into addresses that its provider can open, just before it is sent.

All of this happens while the job is still queued, so whatever goes wrong here, nothing was charged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from accounts import keys
from generations import inputs as references
from generations.catalogue import listings
from generations.models import Catalogue, Job, Uploaded
from generations.models.states import Charge, State
from generations.shift import pace
from generations.shift.claims import Step
from generations.shift.lanes import Lane
from generations.shift.saving import Downloads
from studio.lib import images
from studio.lib.crypto import token
from studio.lib.egress import FetchError, Forbidden
from studio.lib.fetch import BadStatus, TooLarge, download, upload
from studio.providers.base import ErrorKind, ProviderError, Ticket
from studio.providers.http import HttpProvider

KEPT_BY_PROVIDER = timedelta(days=6)  # it keeps uploads for 7
LONGEST = 300.0  # seconds for one upload or download
LARGEST_AT_ONCE = 64 * 2**20  # bytes, where a provider takes files in one piece only
LARGEST_LINKED = 20 * 2**20  # bytes of a picture that we fetch for a provider
INLINE_SIDE = 768  # pixels
WORDS = {"image": "picture", "video": "clip", "audio": "sound"}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Material:
    """A stored file, as far as sending it needs to know; of a link, its reference alone."""

    reference: str
    kind: str = "image"
    path: Path | None = None
    content_type: str = ""
    size: int = 0
    sha256: str = ""
    public_url: str = ""

    @property
    def name(self) -> str:
        return f"{self.sha256[:16]}{PurePosixPath(self.path or '').suffix}"


async def addresses(lane: Lane, downloads: Downloads, provider: HttpProvider, step: Step) -> dict[str, str] | None:
    """What to put in place of each reference in the job's settings. None: the job has failed, or is put back."""
    if not lane.dialect.takes_media:
        return {}
    try:
        found: dict[str, str] = {}
        for material in await lane.tools.db(_materials, step.id, lane.dialect.takes_media):
            found[material.reference] = await _address(lane, downloads, provider, material)
        return found
    except ProviderError as error:
        await lane.tools.db(_not_ready, step.id, error)
        return None


def filled(value: Any, found: Mapping[str, str]) -> Any:
    """The settings with an address in place of each reference."""
    if not found:
        return value
    if isinstance(value, str):
        return found.get(value, value)
    if isinstance(value, dict):
        return {name: filled(item, found) for name, item in value.items()}
    return [filled(item, found) for item in value] if isinstance(value, list) else value


async def _address(lane: Lane, downloads: Downloads, provider: HttpProvider, material: Material) -> str:
    match lane.dialect.takes_media:
        case "inline":
            return await _inline(lane, downloads, material)
        case "link":
            if not material.public_url:
                raise _refusal(references.trouble(lane.dialect, [material.reference]))
            return material.public_url
        case _:
            async with lane.uploading[material.sha256]:
                return await lane.tools.db(_known, lane.key_id, material.sha256) or await _uploaded(
                    lane, downloads, provider, material
                )


# -- Upload ----------------------------------------------------------------------------------------------------------
async def _uploaded(lane: Lane, downloads: Downloads, provider: HttpProvider, material: Material) -> str:
    """The address that the provider gave to the file that it took from us."""
    refused = f"{lane.dialect.label} did not take the {WORDS[material.kind]}:"
    try:
        url = await _brought(lane, downloads, provider, material)
    except ProviderError as error:
        await lane.refused(error)
        message = f"{refused} {error.message.rstrip('.')}. Nothing was charged."
        raise ProviderError(error.kind, message, sent=False, retry_after=error.retry_after) from error
    except FetchError as error:
        raise _lost(f"{refused} {error} Nothing was charged.", error) from error
    await lane.answered()
    await lane.tools.db(_remember, lane.key_id, material.sha256, url)
    return url


async def _brought(lane: Lane, downloads: Downloads, provider: HttpProvider, material: Material) -> str:
    assert material.path is not None
    await lane.turn(poll=False)
    ticket = await provider.ticket(material.name, material.size, material.content_type)
    if ticket is not None:
        await _put(lane, downloads, ticket, material)
        return ticket.download_url
    if material.size > LARGEST_AT_ONCE:
        raise ProviderError("bad_request", f"it is larger than {LARGEST_AT_ONCE // 2**20} MB", sent=False)
    await lane.turn(poll=False)
    content = await asyncio.to_thread(material.path.read_bytes)
    return await provider.upload(material.name, content, material.content_type)


async def _put(lane: Lane, downloads: Downloads, ticket: Ticket, material: Material) -> None:
    """The bytes go where the ticket says, without the key."""
    assert material.path is not None
    if ticket.method.upper() not in {"PUT", "POST"}:
        raise ProviderError("malformed", "it asks for an upload that Studio cannot make", sent=False)
    transport, method = downloads.transport(lane.name), ticket.method.upper()
    headers = {"Content-Type": material.content_type, **ticket.headers}
    await upload(transport, ticket.url, material.path, method=method, headers=headers, timeout_total=LONGEST)


# -- Inline ----------------------------------------------------------------------------------------------------------
async def _inline(lane: Lane, downloads: Downloads, material: Material) -> str:
    if material.kind != "image":
        raise _refusal(f"{lane.dialect.label} takes pictures alone, and this is a {WORDS[material.kind]}.")
    if material.path is not None:
        return await _drawn(material.path)
    path = await asyncio.to_thread(_incoming)
    try:
        transport = downloads.transport("")
        await download(transport, material.reference, path, max_bytes=LARGEST_LINKED, timeout_total=LONGEST)
        return await _drawn(path)
    except FetchError as error:
        raise _lost(f"The picture could not be fetched: {error} Nothing was charged.", error) from error
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


async def _drawn(path: Path) -> str:
    try:
        return await asyncio.to_thread(images.inline, path, INLINE_SIDE)
    except images.NotAnImage as error:
        raise _refusal(f"The picture cannot be used: {error} Nothing was charged.") from error


def _incoming() -> Path:
    folder = Path(settings.MEDIA_ROOT, "incoming")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / token()


def _refusal(message: str, kind: ErrorKind = "bad_request") -> ProviderError:
    return ProviderError(kind, message, sent=False)


def _lost(message: str, error: FetchError) -> ProviderError:
    """Worth another try, except where the address or the file is not to be had at all."""
    final = isinstance(error, Forbidden | TooLarge)
    wait = error.retry_after if isinstance(error, BadStatus) else None
    return ProviderError("bad_request" if final else "unavailable", message, sent=False, retry_after=wait)


# -- In the database's thread ----------------------------------------------------------------------------------------
def _materials(job_id: UUID, takes: str) -> list[Material]:
    """What the job's settings name. Raises ProviderError for what is not there any more.

    Nothing where the job will not be sent: it was cancelled, or its key was switched off or taken back.
    """
    job = Job.objects.select_related("owner", "key").filter(pk=job_id, state=State.QUEUED).first()
    if job is None or (job.key is not None and not (job.key.is_enabled and keys.may_use(job.owner_id, job.key))):
        return []
    found = [_material(job, reference) for reference in dict.fromkeys(references.named_in(job.settings))]
    return found + [Material(link) for link in _links(job)] if takes == "inline" else found


def _material(job: Job, reference: str) -> Material:
    media = references.stored(job.owner, reference)
    path = Path(settings.MEDIA_ROOT, media.file) if media else None
    if media is None or path is None or not path.is_file():
        raise _refusal("What it was to begin from has been deleted. Nothing was charged: choose another and try again.")
    return Material(
        reference, media.kind, path, media.content_type, media.size or 0, media.sha256, references.public_url(media)
    )


def _links(job: Job) -> list[str]:
    """The addresses that the settings give to media."""
    catalogue = Catalogue.objects.filter(provider=job.provider, key=job.key_id).first()
    model = listings.models_of(catalogue).get(job.model) if catalogue else None
    return list(filter(references.is_link, references.references(job.settings, model.options if model else ())))


def _known(key_id: int | None, sha256: str) -> str:
    fresh = Uploaded.objects.filter(key=key_id, sha256=sha256, expires_at__gt=timezone.now())
    return fresh.values_list("url", flat=True).first() or ""


def _remember(key_id: int | None, sha256: str, url: str) -> None:
    if key_id is not None:
        fields = {"url": url, "expires_at": timezone.now() + KEPT_BY_PROVIDER}
        Uploaded.objects.update_or_create(key_id=key_id, sha256=sha256, defaults=fields)


def _not_ready(job_id: UUID, error: ProviderError) -> None:
    """The job is put back, or has failed: without a charge either way."""
    job = Job.objects.filter(pk=job_id, state=State.QUEUED).first()
    if job is None:
        return
    log.warning("job.not_ready", job=str(job_id), key=job.key_id, kind=error.kind, reason=error.message)
    wait = pace.send_again_in(error, job.failures)
    if wait is None:
        job.fail(kind=error.kind, message=error.message, charge=Charge.NO, among=[State.QUEUED])
    else:
        job.put_back(due_at=timezone.now() + timedelta(seconds=wait), kind=error.kind, why=error.message)

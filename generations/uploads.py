"""Taking in what people upload for jobs to begin from: capped, told by its bytes, without metadata, once."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.models import User
from generations import allowance
from generations.inputs import KINDS, Unfit
from generations.models import Asset, Uploaded
from studio.lib import images, remux, video
from studio.lib.crypto import token
from studio.lib.ids import uuid7
from studio.lib.sniff import MediaType, sniff

MB = 2**20
LARGEST = {"image": 20 * MB, "video": 200 * MB, "audio": 50 * MB}  # bytes
MAX_PIXELS = 40_000_000
THUMBNAIL = 480  # pixels wide
KEPT_UNUSED = timedelta(days=30)
LEFT_BEHIND = timedelta(days=1)
AN_HOUR, FILES_AN_HOUR, BYTES_AN_HOUR = timedelta(hours=1), 300, 4 * 2**30  # for each person
TAKEN = "Studio takes JPEG, PNG, WebP, GIF and AVIF pictures, MP4, WebM and MOV clips, MP3, WAV and M4A sounds."
HEIC = "Studio cannot read HEIC pictures. Save it as a JPEG first; a phone does so when it is set to “most compatible”."
UNREADABLE = (images.NotAnImage, video.NotAVideo, remux.NotPlayable)


@dataclass(frozen=True, slots=True)
class _Facts:
    media: MediaType
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnail: str = ""


def take_in(user: User, given: UploadedFile[Any]) -> Asset:
    """The person's upload as an asset; the one they have where it is the same. Raises Unfit, in words for people."""
    _check_pace(user)
    media = _media(given)
    if user.storage_limit is not None and allowance.stored(user) + (given.size or 0) > user.storage_limit:
        raise Unfit(f"{_name(given)}: {allowance.NO_ROOM}")
    with _folder() as folder:
        raw = folder / "raw"
        _write(given, raw)
        try:
            facts = _cleaned(raw, folder / "clean", media)
        except UNREADABLE as error:
            raise Unfit(f"{_name(given)}: {error}") from None
        asset = _keep(user, _name(given), folder, facts)
    allowance.forget(user)
    return asset


def take_back(user: User, path: Path, media: MediaType, name: str, *, pk: UUID | None = None) -> Asset:
    """An upload out of an archive, under the id that it had, where one is given. Raises Unfit."""
    with _folder() as folder:
        try:
            facts = _cleaned(path, folder / "clean", media)
        except UNREADABLE as error:
            raise Unfit(f"{name}: {error}") from None
        return _keep(user, name, folder, facts, pk)


def delete(asset: Asset) -> None:
    """The record and its files; a job that was to begin from it can begin no more."""
    names = [name for name in (asset.file, asset.thumbnail) if name]
    asset.delete()
    for name in names:
        Path(settings.MEDIA_ROOT, name).unlink(missing_ok=True)


def purge(*, now: datetime | None = None) -> int:
    """Removes the uploads that no job begins from and no message shows, after 30 days. Returns how many those were."""
    now = now or timezone.now()
    unused = list(Asset.objects.filter(created_at__lt=now - KEPT_UNUSED, jobs__isnull=True, messages__isnull=True))
    for asset in unused:
        delete(asset)
    Uploaded.objects.filter(expires_at__lt=now).delete()
    _sweep(now - LEFT_BEHIND)
    return len(unused)


def _sweep(until: datetime) -> None:
    """What was on its way in when Studio was killed."""
    for left in Path(settings.MEDIA_ROOT, "incoming").glob("*"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < until.timestamp():
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _check_pace(user: User) -> None:
    recent = Asset.objects.filter(owner=user, created_at__gt=timezone.now() - AN_HOUR)
    so_far = recent.aggregate(files=Count("pk"), bytes=Sum("size"))
    if so_far["files"] >= FILES_AN_HOUR or (so_far["bytes"] or 0) >= BYTES_AN_HOUR:
        raise Unfit("That is much for one hour. Wait a little before you upload more.")


def _media(given: UploadedFile[Any]) -> MediaType:
    head = given.read(4096)
    given.seek(0)
    if not head:
        raise Unfit(f"{_name(given)}: The file is empty.")
    media = sniff(head)
    if media is None:
        is_heic = head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"hevc"}
        raise Unfit(f"{_name(given)}: {HEIC if is_heic else TAKEN}")
    largest, size = LARGEST[media.kind], given.size or 0
    if size > largest:
        what = KINDS[media.kind].capitalize()
        raise Unfit(f"{_name(given)}: {what} may have at most {largest // MB} MB; this one has {-(-size // MB)} MB.")
    return media


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for one file on its way in, on the same disk as its place."""
    folder = Path(settings.MEDIA_ROOT, "incoming", token())
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _write(given: UploadedFile[Any], path: Path) -> None:
    with path.open("wb") as file:
        for chunk in given.chunks():
            file.write(chunk)


def _cleaned(raw: Path, clean: Path, media: MediaType) -> _Facts:
    """Writes the file that is kept, and `thumbnail` beside it."""
    small = clean.with_name("thumbnail")
    if media.kind == "image":
        kept = images.clean(raw, clean, media, max_pixels=MAX_PIXELS)
        seen = images.probe(clean, max_pixels=MAX_PIXELS)
        images.thumbnails(clean, {THUMBNAIL: small}, max_pixels=MAX_PIXELS)
        return _Facts(kept, seen.width, seen.height)
    duration = remux.clean(raw, clean, media)
    if media.kind == "audio":
        return _Facts(media, duration=duration)
    clip = video.probe(clean)
    poster = clean.with_name("poster")
    video.poster(clean, poster)
    images.thumbnails(poster, {THUMBNAIL: small})
    return _Facts(media, clip.width, clip.height, clip.duration)


def _keep(user: User, name: str, folder: Path, facts: _Facts, pk: UUID | None = None) -> Asset:
    """Moves the files to their place; where the person has the same file, that one is the answer."""
    clean, small = folder / "clean", folder / "thumbnail"
    with clean.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    same = Asset.objects.filter(owner=user, sha256=digest).first()
    if same is not None and Path(settings.MEDIA_ROOT, same.file).exists():
        return same
    stem = f"{timezone.now():inputs/%Y/%m}/{token()}"
    asset = Asset(
        pk=pk or uuid7(),
        owner=user,
        name=name,
        file=f"{stem}.{facts.media.extension}",
        kind=facts.media.kind,
        content_type=facts.media.mime,
        size=clean.stat().st_size,
        sha256=digest,
        width=facts.width,
        height=facts.height,
        duration=facts.duration,
        thumbnail=f"{stem}.{THUMBNAIL}.webp" if small.exists() else "",
    )
    _put(clean, asset.file)
    if asset.thumbnail:
        _put(small, asset.thumbnail)
    try:
        asset.save(force_insert=True)
    except BaseException:
        for left in filter(None, (asset.file, asset.thumbnail)):
            with suppress(FileNotFoundError):
                Path(settings.MEDIA_ROOT, left).unlink()
        raise
    return asset


def _put(path: Path, name: str) -> None:
    final = Path(settings.MEDIA_ROOT, name)
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o600)
    os.replace(path, final)


def _name(given: UploadedFile[Any]) -> str:
    return (given.name or "file").strip()[:200]

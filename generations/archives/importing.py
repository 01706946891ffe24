"""Files and archives into the gallery: what somebody exported, and pictures, clips and sounds from anywhere.

Every result is kept byte for byte, so what its maker wrote into it stays. What is here already is left as it is: the
same upload, taken in again, adds nothing. Nothing is charged, and no provider is asked.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from generations import allowance, history, previews
from generations.archives import exporting, origins, reading, records, shelving, sources, working
from generations.archives.origins import Origin
from generations.archives.records import Known
from generations.archives.sources import Allowance, Copied, Damaged, Member, Source
from generations.archives.tally import Tally
from generations.archives.working import Progress, Unfit
from generations.archives.zipping import MISSING
from generations.inputs import assets_in
from generations.models import Archive, Asset, Job, JobEvent, Output
from generations.models.states import IMPORTED, Charge, State
from generations.organising import tags
from generations.shift import saving
from studio.lib.crypto import token
from studio.lib.fetch import Downloaded
from studio.lib.sniff import MediaType, sniff

MOST_FILES = 1_000  # of one upload; what is in a .zip counts as one
MOST_WAITING = 5
AT_ONCE = 500  # jobs whose references are mended
NO_MEDIUM = "It is no picture, clip or sound that Studio knows."
HERE = "It is here already."
IN_TRASH = "It is in your trash."
ALTERED = "It is not the file that its description tells of: the checksum differs."


def start(owner: User, given: list[UploadedFile[Any]]) -> Archive:
    """Keeps the upload and has the worker take it in. Raises Unfit."""
    if not given:
        raise Unfit("Choose a file first.")
    if len(given) > MOST_FILES:
        raise Unfit(f"At most {MOST_FILES:,} files at once. Put more into a .zip.")
    if working.under_way(owner, Archive.Kind.IMPORT) >= MOST_WAITING:
        raise Unfit("Some imports are under way already. Wait until one of them is done.")
    size = sum(one.size or 0 for one in given)
    if owner.storage_limit is not None and allowance.stored(owner) + size > owner.storage_limit:
        raise Unfit(allowance.NO_ROOM)
    if shutil.disk_usage(working.room()).free < 3 * size + sources.SPARE:
        raise Unfit("There is too little room on Studio's disk for this.")
    name = working.new_place()
    folder = Path(settings.MEDIA_ROOT, name)
    folder.mkdir(mode=0o700)
    for number, one in enumerate(given):
        with (folder / sources.kept_name(number, one.name or "file")).open("wb") as file:
            for chunk in one.chunks():
                file.write(chunk)
    archive: Archive = Archive.objects.create(owner=owner, kind=Archive.Kind.IMPORT, file=name, size=size)
    working.ask(archive)
    return archive


def work(archive: Archive, progress: Progress) -> dict[str, Any]:
    """Takes all of it in; says what came of it. The upload is gone afterwards. Raises Unfit and Stopped."""
    paths = sorted(Path(settings.MEDIA_ROOT, archive.file).glob("*"))
    if not paths:
        raise Unfit("The upload is not there any more. Send it again.")
    taking = Taking(archive.owner, progress)
    try:
        taking.take_all(paths, Allowance(sum(path.stat().st_size for path in paths), allowance.room(archive.owner)))
    finally:
        taking.mend_references()
    working.remove(archive.file)
    Archive.objects.filter(pk=archive.pk).update(file="")
    return taking.tally.outcome


class Taking:
    """One import under way."""

    def __init__(self, owner: User, progress: Progress) -> None:
        self.owner = owner
        self.progress = progress
        self.tally = Tally(owner, progress)
        self.made: dict[UUID, Origin] = {}

    def take_all(self, paths: list[Path], limits: Allowance) -> None:
        zips = [path for path in paths if sources.is_zip(path)]
        self.take(sources.loose([path for path in paths if path not in zips], limits))
        for path in zips:
            with sources.opened(path, limits) as source:
                self.take(source)

    def take(self, source: Source) -> None:
        is_own = exporting.MANIFEST in source and exporting.LIBRARY in source
        beside = (exporting.MANIFEST, exporting.LIBRARY, exporting.CHATS) if is_own else ()
        media = [one for name, one in source.items() if name not in beside and not _is_told(name, source)]
        if is_own:
            media = [one for one in media if not one.name.startswith(shelving.UPLOADS)]
            shelving.uploads(self.tally, source)
        Archive.objects.filter(pk=self.progress.archive.pk).update(total=self.progress.done + len(media))
        for member in media:
            self._try(member, source.get(f"{member.name}.json"))
            self.progress.step()
        if is_own:
            shelving.take_in(self.tally, source)

    def _try(self, member: Member, sidecar: Member | None) -> None:
        try:
            self._result(member, records.read(sidecar.text()) if sidecar else None)
        except Damaged as error:
            self.tally.skip(str(error), member.name)
        except IntegrityError:
            self.tally.skip("It came in twice at once.", member.name)

    def _result(self, member: Member, known: Known | None) -> None:
        media = sniff(member.head())
        if media is None:
            raise Damaged(NO_MEDIUM)
        path = saving.incoming()
        try:
            got = member.copy(path, saving.CAPS[media.kind])
            if known and known.sha256 and known.sha256 != got.sha256:
                raise Damaged(ALTERED)
            if known and known.id is None:
                known = replace(known, id=records.derived(got.sha256, known.fields["created_at"]))
            job = self._known(known, media) if known else self._foreign(path, member.name, got, media)
            self._check_new(job, known.position if known else 0)
            member.allowance.keep(got.size)
            self._keep(job, path, got, media, known)
        finally:
            with suppress(FileNotFoundError):
                path.unlink()

    def _check_new(self, job: Job, position: int) -> None:
        here = job.outputs.filter(position=position).exclude(file="").first()
        if here is not None:
            if here.previews == Output.Previews.PENDING:  # an import broke off just before them
                previews.make(job.pk)
            raise Damaged(HERE)

    def _keep(self, job: Job, path: Path, got: Copied, media: MediaType, known: Known | None) -> None:
        facts = saving.shelve(path, Downloaded(got.size, got.sha256, media.mime, got.head), media)
        fields = {name: getattr(facts, name) for name in facts.__slots__}
        try:
            with transaction.atomic():
                is_new = job._state.adding
                if is_new:
                    self._write(job, known)
                position, flagged = (known.position, known.is_flagged) if known else (0, False)
                job.outputs.create(position=position, name=media.kind, is_flagged=flagged, remote_url="", **fields)
                job.measure()
        except BaseException:
            Path(settings.MEDIA_ROOT, facts.file).unlink(missing_ok=True)
            raise
        self.tally.counts["files"] += 1
        self.tally.counts["jobs"] += is_new
        previews.make(job.pk)

    def _write(self, job: Job, known: Known | None) -> None:
        job.save(force_insert=True)
        job.events.create(kind="imported")
        if known and known.tags:
            tags.put(self.owner, [job.pk], known.tags)
        self.made[job.pk] = known.origin if known else Origin()

    # -- Which job it belongs to ---------------------------------------------------------------------------------------
    def _known(self, known: Known, media: MediaType) -> Job:
        """The one that it was, or another of the owner's where that id is somebody else's, or only stands for money."""
        assert known.id
        pk = known.id
        own = Q(owner=self.owner) & Exists(JobEvent.objects.filter(job=OuterRef("pk")))
        if Job.objects.filter(~own, pk=pk).exists():
            pk = records.derived(f"{self.owner.pk}/{known.id}", known.fields["created_at"])
            self.tally.moved[str(known.id)] = str(pk)
        if found := Job.objects.filter(pk=pk, owner=self.owner).first():
            if found.deleted_at is not None:
                raise Damaged(IN_TRASH)
            if not found.events.filter(kind="imported").exists():
                raise Damaged(HERE)
            return found
        job = self._new(pk, media, **known.fields)
        group = known.group or job.group
        taken = Job.objects.filter(group=group)
        if not taken.filter(position=job.position).exists() and not taken.exclude(owner=self.owner).exists():
            job.group = group
        else:
            job.position = 0
        return job

    def _foreign(self, path: Path, name: str, got: Copied, media: MediaType) -> Job:
        """A file of another program's, known again by its checksum."""
        reference = f"sha256:{got.sha256}"
        rows = Job.objects.filter(provider=IMPORTED, remote_id=reference, owner=self.owner, deleted_at=None)
        if found := rows.first():
            return found
        told = reading.read(path) if media.kind == "image" else reading.Found()
        now = timezone.now()
        return self._new(
            None,
            media,
            provider=IMPORTED,
            remote_id=reference,
            model=told.model,
            model_name=told.model or "Imported file",
            prompt=told.prompt or _title(name),
            settings=dict(told.settings),
            created_at=now,
            finished_at=now,
        )

    def _new(self, pk: UUID | None, media: MediaType, **fields: Any) -> Job:
        ended = {"state": State.SUCCEEDED, "charge": Charge.NO, "due_at": None}
        job = Job(owner=self.owner, kind=media.kind, webhook_token=token(), **ended, **fields)
        if pk is not None:
            job.pk = pk
        job.settings_digest = history.digest(job.settings)
        return job

    def mend_references(self) -> None:
        """Settings name what they begin from under its new id; uploads among that are kept as long as the job."""
        made = list(self.made)
        for first in range(0, len(made), AT_ONCE):
            rows = Job.objects.filter(pk__in=made[first : first + AT_ONCE], owner=self.owner).only("settings")
            for job in list(rows):  # read to the end: SQLite lets nobody write who is still reading
                if self.tally.moved:
                    shelving.mend(job, self.tally.moved)
                job.assets.set(Asset.objects.filter(owner=self.owner, pk__in=assets_in(job.settings)))
                origins.take_in(self.owner, job, self.made[job.pk], self.tally.moved)


def _is_told(name: str, source: Source) -> bool:
    """A sidecar of another file, or a list of what is missing."""
    return PurePosixPath(name).name == MISSING or (name.endswith(".json") and name.removesuffix(".json") in source)


def _title(name: str) -> str:
    """A file's name, where nobody wrote a prompt: there is nothing else to know it by."""
    words = PurePosixPath(name.replace("\\", "/")).stem.replace("_", " ").strip()
    return records.text(words, 200) or "Imported file"

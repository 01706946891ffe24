"""The engine's jobs, kept as files: one JSON file a job, written whole or not at all, and a folder for its output."""

import os
import secrets
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

FINAL = frozenset({"completed", "failed", "cancelled"})


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Job:
    """One job as it is stored. `progress` is 0 to 100 and is kept in memory only between changes of `status`."""

    type: str
    engine: str
    inputs: dict[str, Any]
    preset: str | None = None
    reference: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "queued"
    progress: int = 0
    file: str = ""
    error_message: str | None = None
    created_at: str = field(default_factory=now)
    completed_at: str | None = None
    attempts: int = 0

    @property
    def final(self) -> bool:
        return self.status in FINAL


class Spool:
    """Every job that is known, in the order of creation. `folder` is the engine's own."""

    def __init__(self, folder: Path, *, keep: timedelta = timedelta(days=1), keep_bytes: int = 4 * 2**30) -> None:
        self.jobs_folder, self.files_folder = folder / "jobs", folder / "files"
        self.keep, self.keep_bytes = keep, keep_bytes
        self.jobs: dict[str, Job] = {}
        self.references: dict[str, str] = {}
        for path in (self.jobs_folder, self.files_folder):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for job in sorted(self._stored(), key=lambda job: job.created_at):
            self._know(job)

    def _stored(self) -> Iterable[Job]:
        for path in self.jobs_folder.glob("*.json"):
            yield Job(**orjson.loads(path.read_bytes()))

    def _know(self, job: Job) -> None:
        self.jobs[job.id] = job
        if job.reference:
            self.references[job.reference] = job.id

    def add(self, job: Job) -> Job:
        """Stores a new job; when its reference is known already, that job is the answer instead."""
        if job.reference and job.reference in self.references:
            return self.jobs[self.references[job.reference]]
        if job.inputs.get("seed") is None:
            job.inputs["seed"] = secrets.randbelow(2**32)
        self.save(job)
        self._know(job)
        return job

    def save(self, job: Job) -> None:
        path = self.path_of(job)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(orjson.dumps(asdict(job)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)

    def finish(self, job: Job, status: str, *, error: str | None = None) -> None:
        """Ends a job, once: the first end stays."""
        if job.final:
            return
        job.status, job.error_message, job.completed_at = status, error, now()
        job.inputs.pop("image", None)  # it is large, and has served
        if status == "completed":
            job.progress = 100
        else:
            shutil.rmtree(self.files_folder / job.id, ignore_errors=True)
        self.save(job)

    def path_of(self, job: Job) -> Path:
        return self.jobs_folder / f"{job.id}.json"

    def output_of(self, job: Job) -> Path:
        return self.files_folder / job.id / job.file

    def waiting(self) -> Job | None:
        """The oldest job that has not ended."""
        return next((job for job in self.jobs.values() if not job.final), None)

    def unfinished(self) -> int:
        """How many jobs wait or are being rendered."""
        return sum(not job.final for job in self.jobs.values())

    def clean(self) -> None:
        """Forgets what ended too long ago, and the oldest outputs when all together are too large."""
        ended = [job for job in self.jobs.values() if job.final]
        oldest = (datetime.now(UTC) - self.keep).isoformat()
        sizes = {job.id: self._size(job) for job in ended}
        total = sum(sizes.values())
        for job in ended:
            if (job.completed_at or "") < oldest or total > self.keep_bytes:
                total -= sizes[job.id]
                self._forget(job)

    def _size(self, job: Job) -> int:
        path = self.output_of(job)
        return path.stat().st_size if job.file and path.is_file() else 0

    def _forget(self, job: Job) -> None:
        shutil.rmtree(self.files_folder / job.id, ignore_errors=True)
        self.path_of(job).unlink(missing_ok=True)
        del self.jobs[job.id]
        if job.reference:
            self.references.pop(job.reference, None)

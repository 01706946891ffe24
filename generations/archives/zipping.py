"""The saved results of jobs as a ZIP that is made while it is sent: no file of it is ever written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db.models import QuerySet
from django.utils import timezone
from django.utils._os import safe_join

from generations.archives import packing, sidecars
from generations.archives.packing import Entry
from generations.archives.sidecars import Telling, everything
from generations.models import Job, Output

MOST = 100_000  # jobs of one ZIP
PLANNED = 5_000  # jobs up to which all of a ZIP is known, and so its length, before its first byte: 10 MB of memory
AT_ONCE = 100  # jobs read from the database at a time
MISSING = "missing.txt"
EMPTY = packing.length([])


class TooMany(Exception):
    """More jobs than one ZIP may hold."""


class Names:
    """File names that every system takes, each once: "2026-11-21-a-lake-at-dawn.png"."""

    def __init__(self) -> None:
        self._taken: set[str] = {MISSING}

    def name(self, job: Job, output: Output, *, by_prompt: bool = True, by_seed: bool = True) -> str:
        """Without its prompt: by the kind of thing it is."""
        words = re.sub(r"[^\w\s-]", " ", job.prompt)[:80].split() if by_prompt else []
        seed = job.settings.get("seed") if by_seed else None
        stem = "-".join(words).lower().strip("-_")[:50].rstrip("-_") or output.kind
        stem = f"{job.created_at:%Y-%m-%d}-{stem}" + (f"-seed-{seed}" if isinstance(seed, int) else "")
        return self._unique(stem, Path(output.file).suffix)

    def _unique(self, stem: str, suffix: str) -> str:
        name, number = f"{stem}{suffix}", 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem}-{number}{suffix}"
        self._taken.add(name.casefold())
        return name


def entries(
    jobs: QuerySet[Job] | Sequence[UUID],
    told: Telling = everything,
    *,
    folder: str = "",
    most: int | None = None,
    begun: Callable[[Job], object] | None = None,
) -> Iterator[Entry]:
    """Each saved result and the sidecar beside it, in the order of the jobs; what is lost is named at the end.

    Read a few at a time. `folder` with its slash; `begun` is called with each job. Raises TooMany at
    once, where there are more than `most`.
    """
    ids = list(jobs.values_list("pk", flat=True) if isinstance(jobs, QuerySet) else jobs)
    if most is not None and len(ids) > most:
        raise TooMany
    return _entries(ids, told, folder, begun)


def planned(jobs: QuerySet[Job] | Sequence[UUID], told: Telling = everything) -> tuple[Iterator[bytes], int | None]:
    """The archive's bytes, and how many there will be; None of a very large one. Raises TooMany."""
    found = entries(jobs, told, most=MOST)
    plan = list(islice(found, 2 * PLANNED))
    if (following := next(found, None)) is not None:
        return packing.stream(chain(plan, [following], found)), None
    return packing.stream(plan), packing.length(plan)


def file_name(what: str, now: datetime | None = None) -> str:
    """ "studio-gallery-2026-11-21.zip" """
    words = re.sub(r"[^\w-]+", "-", what.encode("ascii", "ignore").decode()).strip("-_").lower()[:50].rstrip("-_")
    return f"studio-{words or 'files'}-{now or timezone.now():%Y-%m-%d}.zip"


def _entries(ids: list[UUID], told: Telling, folder: str, begun: Callable[[Job], object] | None) -> Iterator[Entry]:
    names, missing = Names(), []
    for job in _read(ids):
        shown = told(job)
        if begun is not None:
            begun(job)
        for output in job.outputs.all():
            if not output.file:
                continue
            name = names.name(job, output, by_prompt=shown.prompt, by_seed=shown.settings)
            if (found := stored(output.file)) is None:
                missing.append(f"{name}  (SHA-256 {output.sha256})")
                continue
            path, size = found
            yield Entry(f"{folder}{name}", job.created_at, path, size)
            yield Entry.of(f"{folder}{name}.json", job.created_at, sidecars.written(job, output, name, shown))
    if missing:
        said = "These files were to be here, and Studio's storage does not have them:\n\n" + "\n".join(missing) + "\n"
        yield Entry.of(folder + MISSING, timezone.now(), said.encode())


def _read(ids: list[UUID]) -> Iterable[Job]:
    """In their order, with all that a sidecar tells."""
    for first in range(0, len(ids), AT_ONCE):
        batch = ids[first : first + AT_ONCE]
        rows = Job.objects.filter(pk__in=batch, deleted_at=None).select_related("owner")
        found = {job.pk: job for job in rows.prefetch_related("outputs", "tags", "sources")}
        yield from (found[pk] for pk in batch if pk in found)


def stored(name: str) -> tuple[Path, int] | None:
    """Where the file of that storage name is, and its bytes; None where it is not."""
    try:
        path = Path(safe_join(settings.MEDIA_ROOT, name))
        return path, path.stat().st_size
    except (OSError, SuspiciousFileOperation):
        return None

"""What jobs were made from: told beside their files, and found again once all of an archive is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from generations.models import Job, JobSource

MOST = 100  # of one job


@dataclass(frozen=True, slots=True)
class Origin:
    """`retried`: the job that it is another try of; `sources`: those that it was made from, each with its kind."""

    retried: str = ""
    sources: tuple[tuple[str, str], ...] = ()


def told(job: Job) -> dict[str, Any]:
    sources = [{"job": str(one.source_id), "kind": one.kind} for one in job.sources.all()]
    return {"retry_of": str(job.parent_id) if job.parent_id else None, "made_from": sources}


def read(said: Mapping[str, Any]) -> Origin:
    rows = said.get("made_from")
    given = [one for one in (rows if isinstance(rows, list) else [])[:MOST] if isinstance(one, dict)]
    sources = tuple((str(one.get("job")), str(one.get("kind"))) for one in given if one.get("kind") in JobSource.Kind)
    return Origin(str(said.get("retry_of") or ""), sources)


def take_in(owner: User, job: Job, origin: Origin, moved: Mapping[str, str]) -> None:
    """Those of them that are the owner's, under the ids that they have now."""
    named = {one: _uuid(moved.get(one, one)) for one in (origin.retried, *(source for source, _ in origin.sources))}
    here = Job.objects.filter(owner=owner, pk__in=[pk for pk in named.values() if pk]).exclude(pk=job.pk)
    known = set(here.values_list("pk", flat=True))
    if named[origin.retried] in known:
        Job.objects.filter(pk=job.pk).update(parent=named[origin.retried])
    found = ((named[source], kind) for source, kind in origin.sources)
    rows = [JobSource(job=job, source_id=source, kind=kind) for source, kind in found if source in known]
    JobSource.objects.bulk_create(rows, ignore_conflicts=True)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

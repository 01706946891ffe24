"""Writes down what a job is made from: whose settings it takes up, whose results it begins from."""

from __future__ import annotations

from uuid import UUID

from generations import inputs
from generations.models import Job, JobSource


def note(job: Job, remixed: Job | None = None) -> None:
    """Of a job that was just made. `remixed`: the one whose settings were opened in Create for it."""
    found = [JobSource(job=job, source_id=pk, kind=JobSource.Kind.INPUT) for pk in sorted(_began_from(job))]
    if remixed is not None and remixed.pk != job.pk and _is_remix(job, remixed):
        found.append(JobSource(job=job, source=remixed, kind=JobSource.Kind.REMIX))
    if found:
        JobSource.objects.bulk_create(found, ignore_conflicts=True)


def _began_from(job: Job) -> set[UUID]:
    """Its owner's own: a reference opens no other."""
    named = inputs.jobs_in(job.settings)
    return set(Job.objects.filter(owner=job.owner_id, pk__in=named).values_list("pk", flat=True)) if named else set()


def _is_remix(job: Job, source: Job) -> bool:
    """A page that was opened to reuse one job may be used for quite another: with nothing left of it, it is that."""
    same_model = (job.provider, job.model) == (source.provider, source.model)
    return same_model or job.prompt == source.prompt

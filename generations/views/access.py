"""Every rule of who may see what. What is not yours does not exist: 404."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import User
from generations.models import Job, Output


def person(request: HttpRequest) -> User:
    """The signed-in person of a view behind `login_required`."""
    assert isinstance(request.user, User)
    return request.user


def jobs_of(user: User) -> QuerySet[Job]:
    return Job.objects.filter(owner=user, deleted_at__isnull=True)


def get_job(request: HttpRequest, job_id: UUID) -> Job:
    found: Job = get_object_or_404(jobs_of(person(request)).prefetch_related("outputs"), pk=job_id)
    return found


def get_deleted_job(request: HttpRequest, job_id: UUID) -> Job:
    return get_object_or_404(Job, pk=job_id, owner=person(request), deleted_at__isnull=False)


def get_output(request: HttpRequest, job_id: UUID, position: int) -> Output:
    """A saved result; a deleted job's can be seen no more."""
    output = (
        Output.objects.filter(job_id=job_id, position=position, job__in=jobs_of(person(request)))
        .exclude(file="")
        .select_related("job")
        .first()
    )
    if output is None:
        raise Http404
    return output

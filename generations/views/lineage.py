"""A job's family."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.lineage import tree
from generations.views.access import get_visible_job, person, signed_in, visible_jobs
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def job_lineage(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    found, user = get_visible_job(request, job_id), person(request)
    family = tree(found, visible_jobs(user), user)
    return render(request, "generations/lineage.html", {"job": found, "tree": family})

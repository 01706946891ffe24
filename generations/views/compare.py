"""Results beside one another."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations.comparison import JOBS_MAX, Comparison, entries
from generations.models import Job
from generations.models.states import State
from generations.views.access import jobs_of, person, signed_in, visible_jobs
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def compare(request: HtmxRequest) -> HttpResponse:
    """`?job=…&job=…`, two to eight that one may see, or one with several results; or `?group=…`, what a click has made.

    Of a click that has not made two yet, all of it: where each stands is seen there, too.
    """
    jobs = _of_group(request) if "group" in request.GET else _named(request)
    context = {"comparison": Comparison(entries(jobs), person(request)), "most": JOBS_MAX}
    return render(request, "generations/compare.html", context)


def _named(request: HtmxRequest) -> list[Job]:
    """In the order of the address. One that is not there is 404."""
    ids = list(dict.fromkeys(map(_uuid, request.GET.getlist("job"))))[:JOBS_MAX]
    found = {job.pk: job for job in visible_jobs(person(request)).filter(pk__in=ids).prefetch_related("outputs")}
    if len(found) != len(ids):
        raise Http404
    return [found[pk] for pk in ids]


def _of_group(request: HtmxRequest) -> list[Job]:
    group = _uuid(request.GET["group"])
    jobs = list(jobs_of(person(request)).filter(group=group).order_by("position").prefetch_related("outputs"))
    if not jobs:
        raise Http404
    done = [job for job in jobs if job.state == State.SUCCEEDED]
    return (done if len(done) > 1 else jobs)[:JOBS_MAX]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

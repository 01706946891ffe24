"""What waits for one's approval, and a POST for yes and for no."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations import approvals as verbs
from generations.approvals import Answer
from generations.models import Job
from generations.models.states import State
from generations.money import lent, quotes
from generations.views.access import get_asked_job, person, signed_in
from studio.middleware import HtmxRequest
from studio.providers.base import Quote

LISTED = 200


@signed_in
@require_safe
def approvals(request: HtmxRequest) -> HttpResponse:
    return render(request, "generations/approvals.html", {"jobs": verbs.waiting(person(request))[:LISTED]})


@signed_in
@require_safe
def job_approval(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    job = get_asked_job(request, job_id)
    others = verbs.beside(job) if job.key else []
    context = {
        "job": job,
        "price": _price([job]),
        "others": others,
        "price_of_all": _price([job, *others]),
        "part": lent.part(job.key, job.owner_id) if job.key else None,
        "longest": verbs.LONGEST_REASON,
    }
    return render(request, "generations/approval.html", context)


@signed_in
@require_POST
def job_approve(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """`all=yes`: with the others of its click."""
    job, seen = get_asked_job(request, job_id), request.POST.get("price", "")
    if request.POST.get("all") == "yes" and job.key is not None:
        waiting = [one for one in (job, *verbs.beside(job)) if one.state == State.HELD]
        return _answer(request, job, verbs.approve_all(request, waiting, seen=seen))
    return _answer(request, job, verbs.approve(request, job, seen=seen))


@signed_in
@require_POST
def job_decline(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    job = get_asked_job(request, job_id)
    return _answer(request, job, verbs.decline(request, job, request.POST.get("reason", "")))


def _price(jobs: list[Job]) -> quotes.Total:
    return quotes.total([(Quote(job.quoted, estimate=job.quote_is_estimate), 1) for job in jobs])


def _answer(request: HtmxRequest, job: Job, answer: Answer) -> HttpResponse:
    if answer.done:
        messages.success(request, answer.message)
        return redirect("approvals")
    messages.error(request, answer.message)
    return redirect("job-approval", job.pk)

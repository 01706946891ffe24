"""One job: the viewer, and a POST for each verb."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import checks, jobs, sentences
from generations.filmstrip import filmstrip
from generations.lineage import beside
from generations.models import Job
from generations.money import quotes
from generations.views.access import get_job, get_visible_job, person, signed_in, visible_jobs
from studio.middleware import HtmxRequest
from studio.providers.base import Quote

DETAILS = "details"  # the cookie that tells how this browser likes them: "hidden", or beside the picture


@signed_in
@require_safe
def job(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    found, user = get_visible_job(request, job_id), person(request)
    context = {
        "job": found,
        "is_owner": found.owner_id == user.pk,
        "strip": filmstrip(user, found, request.GET.get("in", "")),
        "lineage": beside(found, visible_jobs(user)),
        "is_pinned": request.COOKIES.get(DETAILS) != "hidden",
    }
    return render(request, "generations/job.html", context)


@signed_in
@require_POST
def job_cancel(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    outcome = jobs.cancel(get_job(request, job_id))
    return _answer(request, job_id, outcome.message)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def job_retry(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """POST: a new job, after a confirmation where the old one may have been charged or it costs more now.

    GET: that question.
    """
    old = get_job(request, job_id)
    quote, quoted = quotes.today(old), Quote(old.quoted)
    price = quotes.total([(quote or quoted, 1)])
    question = {"job": old, "tries": jobs.tries(old), "price": price}
    if request.method != "POST":
        return render(request, "generations/retry.html", {**question, "reason": sentences.charge(old)})
    for check in checks.agreed(request.POST.get("price", quotes.total([(quoted, 1)]).seen), price):
        reason = f"{sentences.charge(old)} {check.message}"
        return render(request, "generations/retry.html", {**question, "reason": reason}, status=409)
    seen = request.POST.get("tries", "")
    confirmed = request.POST.get("confirmed") == "yes"
    try:
        made = jobs.retry(old, confirmed=confirmed, quote=quote, tries=int(seen) if _is_number(seen) else 0)
    except jobs.NeedsConfirmation as refusal:
        return render(request, "generations/retry.html", {**question, "reason": str(refusal)}, status=409)
    except jobs.NotPossible as refusal:
        messages.error(request, str(refusal))
        return _go(request, reverse("job", args=[old.pk]))
    return _go(request, reverse("job", args=[made.pk]))


@signed_in
@require_POST
def job_give_up(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    won = jobs.give_up(get_job(request, job_id))
    return _answer(request, job_id, "Given up. It may have been charged." if won else "It has been settled meanwhile.")


@signed_in
@require_POST
def job_adopt(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """The person says which of the provider's jobs this one is."""
    won = jobs.adopt(get_job(request, job_id), remote_id=request.POST.get("remote_id", "")[:200])
    return _answer(request, job_id, "Found; watching it again." if won else "That is not one of the candidates.")


@signed_in
@require_POST
def job_resave(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    won = jobs.resave(get_job(request, job_id))
    return _answer(request, job_id, "Fetching the result again." if won else "There is nothing to fetch.")


@signed_in
@require_POST
def job_delete(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """Deletes with undo: the next page offers it. With `at_provider=yes` the provider's copy goes too, for good."""
    found = get_job(request, job_id)
    if jobs.hide(found, at_provider=request.POST.get("at_provider") == "yes"):
        messages.info(request, "Deleted.", extra_tags=f"undo:{found.pk}")
    return _go(request, reverse("gallery"))


def _answer(request: HtmxRequest, job_id: UUID, message: str) -> HttpResponse:
    """The job as it now stands: its page's middle, its card, or a redirect without htmx."""
    if not request.htmx:
        messages.info(request, message)
        return redirect(reverse("job", args=[job_id]))
    fresh = Job.objects.prefetch_related("outputs").get(pk=job_id)
    template = "generations/_job.html" if request.POST.get("as") == "page" else "generations/_card.html"
    return render(request, template, {"job": fresh, "toast": message, "is_owner": True})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _go(request: HtmxRequest, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)

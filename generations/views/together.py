"""What people do with each other's jobs: share them, talk about them, judge them."""

from __future__ import annotations

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import Team
from generations.models import Comment, Job
from generations.organising import bulk, words
from generations.organising.bulk import Wish
from generations.together import comments, reactions, review, visibility
from generations.views.access import get_comment, get_job, get_visible_job, person, signed_in
from generations.views.organise import chosen
from studio.middleware import HtmxRequest

TOO_MANY = "That is a lot at once. Wait a moment and try again."


# -- Who sees it -----------------------------------------------------------------------------------------------------
@signed_in
@require_POST
def job_visibility(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """`team`: the id of one, or "" for nobody else."""
    job = get_job(request, job_id)
    said = _share(request, [job.pk], None)
    if request.htmx:
        job.refresh_from_db()
        return render(request, "generations/_visibility_changed.html", {"job": job, "toast": said})
    messages.info(request, said)
    return redirect("job", job.pk)


@signed_in
@require_POST
def jobs_visibility(request: HtmxRequest) -> HttpResponse:
    """The same for those that were chosen (`job`), or everything that a search finds (`query`)."""
    said = _share(request, chosen(request), request.POST.get("query"))
    if request.htmx:
        return render(request, "generations/_toast.html", {"toast": said})
    messages.info(request, said)
    return redirect("gallery")


def _share(request: HtmxRequest, ids: list[UUID], query: str | None) -> str:
    """Returns what was done, in words."""
    user, team = person(request), _chosen_team(request)
    wish = Wish(shares=True, team=team)
    outcome = bulk.named(user, wish, ids) if query is None else bulk.everything(user, wish, query[:4000])
    if outcome.count:
        target = f"{outcome.count} job{'s' if outcome.count > 1 else ''}{' and more' if outcome.goes_on else ''}"
        first: dict[str, str] = {"first": str(outcome.ids[0])} if outcome.ids else {}
        audit.note(request, "job.shared" if team else "job.taken_back", target, team=team, **first)
    return words.said(wish, outcome)


def _chosen_team(request: HtmxRequest) -> Team | None:
    """A team that one may not share with does not exist."""
    try:
        return visibility.chosen(person(request), request.POST.get("team", ""))
    except ValueError as error:
        raise Http404 from error


# -- Talk ------------------------------------------------------------------------------------------------------------
@signed_in
@require_safe
def job_talk(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """What is said of it as it now stands; with `earlier`, the comments before one."""
    job = get_visible_job(request, job_id)
    if not request.htmx:
        return redirect(f"{reverse('job', args=[job.pk])}#talk")
    template = "generations/_talk_earlier.html" if request.GET.get("earlier") else "generations/_talk.html"
    return render(request, template, {"job": job})


@signed_in
@require_POST
def comment_add(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    job = get_visible_job(request, job_id)
    text = request.POST.get("text", "")
    if not ratelimit.consume(request, action="comment", user=person(request)):
        return _refusal(request, job, text, TOO_MANY, status=429)
    try:
        comments.add(job, author=person(request), text=text)
    except comments.Unfit as refusal:
        return _refusal(request, job, text, str(refusal))
    return _talk(request, job, fresh_form=True)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def comment(request: HtmxRequest, job_id: UUID, comment_id: int) -> HttpResponse:
    """GET: the form to change it; with `as=text` the comment. POST: changes it."""
    found = get_comment(request, job_id, comment_id, own=True)
    if request.method != "POST" and request.GET.get("as") == "text":
        return _said(request, found)
    context = {"comment": found, "job": found.job, "text": found.text, "longest": comments.LONGEST}
    if request.method == "POST":
        try:
            comments.edit(found, request.POST.get("text", ""))
        except comments.Unfit as refusal:
            return _form(request, {**context, "text": request.POST.get("text", ""), "error": str(refusal)}, status=422)
        return _said(request, found)
    return _form(request, context)


@signed_in
@require_POST
def comment_delete(request: HtmxRequest, job_id: UUID, comment_id: int) -> HttpResponse:
    """One's own, or what is said of one's own job."""
    found = get_comment(request, job_id, comment_id, own=False)
    comments.delete(found)
    if not request.htmx:
        undo = f"undo-comment:{reverse('comment-restore', args=[job_id, comment_id])}"
        messages.info(request, "Deleted the comment.", extra_tags=undo)
    return _talk(request, found.job, deleted=found)


@signed_in
@require_POST
def comment_restore(request: HtmxRequest, job_id: UUID, comment_id: int) -> HttpResponse:
    """By whoever may delete it."""
    found = get_comment(request, job_id, comment_id, own=False, deleted=True)
    comments.restore(found)
    return _talk(request, found.job)


@signed_in
@require_POST
def job_reaction(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    job = get_visible_job(request, job_id)
    if not reactions.toggle(job, person(request), request.POST.get("emoji", "")):
        raise Http404
    return _talk(request, job)


@signed_in
@require_POST
def job_review(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """`review`: what its team makes of it, "" for nothing yet. For those who may write in that team."""
    job = get_visible_job(request, job_id)
    if not review.may_judge(person(request), job):
        raise Http404
    review.judge(job, person(request), request.POST.get("review", ""))
    return _talk(request, job)


def _talk(request: HtmxRequest, job: Job, *, fresh_form: bool = False, deleted: Comment | None = None) -> HttpResponse:
    if request.htmx:
        context = {"job": job, "fresh_form": fresh_form, "deleted": deleted}
        return render(request, "generations/_talk.html", context)
    return redirect(f"{reverse('job', args=[job.pk])}#talk")


def _refusal(request: HtmxRequest, job: Job, text: str, why: str, status: int = 422) -> HttpResponse:
    if request.htmx:
        return render(request, "generations/_comment_refused.html", {"error": why}, status=422)
    context = {"job": job, "text": text, "error": why, "said": {"longest": comments.LONGEST}}
    return render(request, "generations/comment.html", context, status=status)


def _form(request: HtmxRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    template = "generations/_comment_form.html" if request.htmx else "generations/comment.html"
    return render(request, template, context, status=status)


def _said(request: HtmxRequest, found: Comment) -> HttpResponse:
    if request.htmx:
        return render(request, "generations/_comment_said.html", {"job": found.job, "comment": found})
    return redirect(f"{reverse('job', args=[found.job_id])}#comment-{found.pk}")

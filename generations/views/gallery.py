"""Everything one has made."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from generations import jobs
from generations.models import Job
from generations.search import Search
from generations.views.access import jobs_of, person, signed_in
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def gallery(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for the next page or another filter, only the grid."""
    search = Search.read(request.GET)
    found, following = search.page(person(request))
    template = "generations/gallery.html"
    if request.htmx and not request.htmx.history_restore_request:
        template = "generations/_page.html" if search.before else "generations/gallery.html#results"
    return render(request, template, {"search": search, "jobs": found, "following": following})


@signed_in
@require_POST
def gallery_delete(request: HtmxRequest) -> HttpResponse:
    """Deletes the selected jobs; the answer offers to undo it."""
    chosen = jobs_of(person(request)).filter(pk__in=_ids(request))
    hidden = [str(job.pk) for job in chosen if jobs.hide(job)]
    said = f"Deleted {len(hidden)}."
    if request.htmx:
        return render(request, "generations/_deleted.html", {"ids": hidden, "said": said})
    if hidden:
        messages.info(request, said, extra_tags="undo:" + ",".join(hidden))
    return redirect(reverse("gallery"))


@signed_in
@require_POST
def gallery_restore(request: HtmxRequest) -> HttpResponse:
    """Undoes a deletion."""
    deleted = Job.objects.filter(owner=person(request), deleted_at__isnull=False, pk__in=_ids(request))
    for job in deleted:
        jobs.unhide(job)
    if request.htmx:
        return HttpResponseClientRefresh()
    return redirect(reverse("gallery"))


def _ids(request: HtmxRequest) -> list[UUID]:
    ids = []
    for text in request.POST.getlist("job")[:500]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids

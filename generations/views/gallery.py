"""Everything one has made."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from generations import jobs
from generations.models import Job
from generations.search import Search
from generations.views.access import jobs_of, person


@login_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """The page; with htmx asking for the next page or another filter, only the grid."""
    search = Search.read(request.GET)
    found, following = search.page(person(request))
    template = "generations/gallery.html"
    if request.htmx:
        template = "generations/_page.html" if search.before else "generations/gallery.html#results"
    return render(request, template, {"search": search, "jobs": found, "following": following})


@login_required
@require_POST
def gallery_delete(request: HttpRequest) -> HttpResponse:
    """Deletes the selected jobs; the answer offers to undo it."""
    chosen = jobs_of(person(request)).filter(pk__in=_ids(request))
    hidden = [job for job in chosen if jobs.hide(job)]
    if not request.htmx:
        messages.info(request, f"Deleted {len(hidden)}. They can be brought back for 30 days.")
        return redirect(reverse("gallery"))
    return render(request, "generations/_deleted.html", {"jobs": hidden})


@login_required
@require_POST
def gallery_restore(request: HttpRequest) -> HttpResponse:
    """Undoes a deletion."""
    deleted = Job.objects.filter(owner=person(request), deleted_at__isnull=False, pk__in=_ids(request))
    for job in deleted:
        jobs.unhide(job)
    response = redirect(
        request.POST.get("next") if request.POST.get("next") == reverse("create") else reverse("gallery")
    )
    if request.htmx:
        response = HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return response


def _ids(request: HttpRequest) -> list[UUID]:
    ids = []
    for text in request.POST.getlist("job")[:500]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids

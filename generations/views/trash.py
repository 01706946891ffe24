"""Deleting, and what was deleted: shown, brought back, or gone for good."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from generations.models import Album, Job
from generations.organising import bulk, storage, words
from generations.organising import trash as deleted
from generations.organising.bulk import Wish
from generations.views import files
from generations.views.access import get_trashed_output, person, signed_in
from generations.views.organise import chosen
from studio.middleware import HtmxRequest, came_from


@signed_in
@require_safe
def trash(request: HtmxRequest) -> HttpResponse:
    """The page; with htmx asking for its next part, only the cards."""
    user = person(request)
    found, following = deleted.page(user, request.GET.get("after", ""))
    context: dict[str, Any] = {"jobs": found, "following": following}
    if request.htmx and not request.htmx.history_restore_request and "after" in request.GET:
        return render(request, "generations/trash.html#cards", context)
    context["albums"] = Album.objects.filter(owner=user, deleted_at__isnull=False)[:100]
    return render(request, "generations/trash.html", {**context, "used": storage.used(user)})


@signed_in
@require_safe
def storage_used(request: HtmxRequest) -> HttpResponse:
    """A sentence for the foot of pages. By itself it is no page: there is the trash."""
    if not request.htmx:
        return redirect(reverse("trash"))
    return render(request, "generations/_storage.html", {"used": storage.used(person(request))})


@signed_in
@require_safe
def trash_picture(request: HttpRequest, job_id: UUID, position: int) -> HttpResponseBase:
    """A thumbnail of what its owner deleted."""
    output = get_trashed_output(request, job_id, position)
    etag = f'"{output.sha256[:32]}-trash"'
    return files.answer(request, output.thumbnail, "image/webp", etag, cache="private, no-store")


@signed_in
@require_POST
def trash_purge(request: HtmxRequest) -> HttpResponse:
    """Deletes for good what was chosen, or all; first it asks, for nothing brings it back."""
    rows = _chosen(request)
    if request.POST.get("sure") != "yes":
        context = {
            "ids": chosen(request),
            "count": rows.count(),
            "all": _wants_all(request),
        }
        return render(request, "generations/trash_purge.html", context)
    gone = deleted.expire(rows)
    storage.forget(person(request))
    messages.info(request, f"Deleted {gone} for good.")
    return redirect(reverse("trash"))


@signed_in
@require_POST
def gallery_delete(request: HtmxRequest) -> HttpResponse:
    """Deletes what was chosen, or everything that a search finds; the answer offers to undo it."""
    now = timezone.now()
    wish = Wish(delete_at=now)
    if "query" in request.POST:
        outcome = bulk.everything(person(request), wish, request.POST["query"][:4000])
        messages.info(request, words.said(wish, outcome), extra_tags=f"undo-at:{now.isoformat()}")
        return HttpResponseClientRefresh() if request.htmx else redirect(reverse("gallery"))
    outcome = bulk.named(person(request), wish, chosen(request))
    ids, said = [str(job) for job in outcome.ids], words.said(wish, outcome)
    if request.htmx:
        return render(request, "generations/_deleted.html", {"ids": ids, "said": said})
    if ids:
        messages.info(request, said, extra_tags="undo:" + ",".join(ids))
    return redirect(came_from(request) or reverse("gallery"))


@signed_in
@require_POST
def gallery_restore(request: HtmxRequest) -> HttpResponse:
    """Undoes a deletion: of those jobs (`job`), of all that were deleted at one moment (`at`), or of all."""
    count = deleted.restore(_chosen(request))
    if count and "said" in request.POST:
        messages.info(request, f"Brought back {count}.")
    if request.htmx:
        return HttpResponseClientRefresh()
    return redirect(came_from(request) or reverse("gallery"))


def _chosen(request: HtmxRequest) -> QuerySet[Job]:
    rows: QuerySet[Job] = deleted.of(person(request))
    if _wants_all(request):
        return rows
    if "at" in request.POST:
        return rows.filter(deleted_at=_moment(request.POST["at"]))
    return rows.filter(pk__in=chosen(request))


def _wants_all(request: HtmxRequest) -> bool:
    return "all" in request.POST or "query" in request.POST


def _moment(text: str) -> datetime | None:
    """As `gallery_delete` wrote it; nothing was deleted at None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None

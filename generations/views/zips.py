"""Results as a ZIP that is made while it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from math import inf
from uuid import UUID

from django.contrib import messages
from django.db import close_old_connections
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from generations.archives import zipping
from generations.archives.sidecars import Telling, telling
from generations.models import Album, Job
from generations.organising import albums
from generations.search import Search
from generations.search.filters import Scope
from generations.search.finding import find
from generations.search.walking import Place
from generations.views.access import get_visible_album, get_visible_job, person, signed_in, visible_jobs
from generations.views.organise import chosen

TOO_MANY = f"One ZIP holds at most {zipping.MOST:,} jobs. Narrow the search, or export everything in Settings."
NOTHING = "None of these has a file to download."


@signed_in
@require_POST
def gallery_zip(request: HttpRequest) -> HttpResponseBase:
    """Of the chosen jobs; where a `query` is given, of all that this search finds."""
    user, back = person(request), reverse("gallery")
    if (query := request.POST.get("query")) is not None:
        back += f"?{query.removeprefix('?')}"
        return answer(request, "gallery", _found(user, query), back=back, told=telling(user))
    rows = visible_jobs(user).filter(pk__in=chosen(request, zipping.MOST)).order_by("-pk")
    return answer(request, "selection", rows, back=back, told=telling(user))


@signed_in
@require_GET
def album_zip(request: HttpRequest, album_id: UUID) -> HttpResponseBase:
    user, album = person(request), get_visible_album(request, album_id)
    back = reverse("album", args=[album_id])
    return answer(request, album.title, _in(user, album), back=back, told=telling(user))


@signed_in
@require_GET
def job_zip(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    job = get_visible_job(request, job_id)
    back = reverse("job", args=[job_id])
    return answer(request, job.prompt[:40], [job.pk], back=back, told=telling(person(request)))


def answer(
    request: HttpRequest, what: str, jobs: QuerySet[Job] | Sequence[UUID], *, back: str, told: Telling
) -> HttpResponseBase:
    """The jobs' files and a sidecar beside each; where there are none, or too many, `back` says so."""
    try:
        pieces, length = zipping.planned(jobs, told)
    except zipping.TooMany:
        return _refused(request, TOO_MANY, back)
    if length == zipping.EMPTY:
        return _refused(request, NOTHING, back)
    headers = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
    headers["Content-Disposition"] = content_disposition_header(True, zipping.file_name(what)) or "attachment"
    if length is not None:
        headers["Content-Length"] = str(length)
    return StreamingHttpResponse(_flow(pieces), content_type="application/zip", headers=headers)


async def _flow(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """No thread is held between two pieces; nothing is read on when the client has left."""
    while piece := await asyncio.to_thread(_next, pieces):
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes:
    close_old_connections()  # a very large ZIP asks the database as it goes on, in whatever thread
    return next(pieces, b"")


def _found(user: User, query: str) -> list[UUID]:
    """From where the page begins on, as everything else that is done with all of a search."""
    search, scope = Search.read(QueryDict(query.removeprefix("?"))), Scope(user)
    order = search.order(scope)
    begins = Place(UUID(search.before), order.read(search.at)) if search.before else None
    found = find(search, scope, order, begins, zipping.MOST + 1, patience=inf)
    return [place.id for place in found.places]


def _in(user: User, album: Album) -> list[UUID]:
    """In its order."""
    if album.is_smart:
        return _found(user, album.query)
    items = albums.items(user, album).order_by("place", "pk")
    return list(items.values_list("job", flat=True)[: zipping.MOST + 1])


def _refused(request: HttpRequest, why: str, back: str) -> HttpResponse:
    messages.error(request, why)
    return redirect(back)

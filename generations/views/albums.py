"""Albums: the list of them, and each one with what it holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import teams
from accounts.models import Team
from generations.forms.organise import AlbumForm
from generations.models import Album, AlbumItem
from generations.organising import albums as kept
from generations.organising import bulk, places
from generations.organising.bulk import Wish
from generations.search import Search
from generations.views.access import (
    get_album,
    get_own_album,
    get_visible_album,
    person,
    signed_in,
    visible_albums,
    writable_albums,
)
from generations.views.organise import chosen
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def albums(request: HtmxRequest) -> HttpResponse:
    return _list(request, AlbumForm(teams=_teams(request)))


@signed_in
@require_POST
def album_create(request: HtmxRequest) -> HttpResponse:
    """By its title; with `query`, the gallery's, a smart one; with `job`, those are put into it."""
    query = request.POST.get("query", "").removeprefix("?").replace("\0", "")[:2000]
    form = AlbumForm(request.POST, instance=Album(owner=person(request), query=query), teams=_teams(request))
    if not form.is_valid():
        return _list(request, form)
    sent = form.cleaned_data
    team = sent.get("team")
    made = kept.create(
        person(request), sent["title"], description=sent["description"], query=query, team=team.pk if team else None
    )
    bulk.named(person(request), Wish(album=made), chosen(request))
    return redirect(reverse("album", args=[made.pk]))


@signed_in
@require_safe
def album(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    """The page, with `?arrange` for putting it in order; with htmx asking for its next part, only the cards."""
    found = get_visible_album(request, album_id)
    if request.htmx and not request.htmx.history_restore_request and request.GET:
        return render(request, "generations/_album_cards.html", {"album": found, **_shown(request, found)})
    return _page(request, found)


@signed_in
@require_POST
def album_change(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    """Its name, what it is about, and, by its owner, the team that sees it."""
    found = get_album(request, album_id)
    form = AlbumForm(request.POST, instance=found, teams=_teams(request, found))
    if not form.is_valid():
        return _page(request, get_visible_album(request, album_id), form)
    kept.change(found, **form.cleaned_data)
    return redirect(reverse("album", args=[found.pk]))


@signed_in
@require_POST
def album_cover(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    """The first of the jobs that were chosen."""
    found = get_album(request, album_id)
    item = kept.items(person(request), found).filter(job__in=chosen(request)[:1]).first()
    if item is None:
        return _done(request, found, "Choose one of its jobs for the cover.")
    kept.change(found, cover_id=item.job_id)
    return _done(request, found, "That is its cover now.")


@signed_in
@require_POST
def album_move(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    """`job` goes right before or right after another one, or one place on (`to=later`) or back (`to=earlier`)."""
    found = get_album(request, album_id)
    items = kept.items(person(request), found)
    item = items.filter(job__in=chosen(request)[:1]).first()
    if item is not None:
        _move(request, items, item)
    if request.htmx:
        return HttpResponse(status=204)
    return redirect(reverse("album", args=[found.pk]) + f"?arrange#place-{item.job_id if item else ''}")


@signed_in
@require_POST
def album_delete(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    """Deletes it with undo; its jobs stay."""
    found = get_own_album(request, album_id)
    if kept.hide(found):
        messages.info(request, f"Deleted the album {found.title}.", extra_tags=f"undo-album:{found.pk}")
    return redirect(reverse("albums"))


@signed_in
@require_POST
def album_restore(request: HtmxRequest, album_id: UUID) -> HttpResponse:
    found = get_own_album(request, album_id, deleted=True)
    kept.unhide(found)
    return redirect(reverse("album", args=[found.pk]))


def _list(request: HtmxRequest, form: AlbumForm) -> HttpResponse:
    shown = kept.shown(person(request), visible_albums(person(request)))
    mine = [one for one in shown if one.album.owner_id == person(request).pk]
    theirs = [one for one in shown if one.album.owner_id != person(request).pk]
    context = {"mine": mine, "theirs": theirs, "form": form}
    return render(request, "generations/albums.html", context, status=422 if form.errors else 200)


def _page(request: HtmxRequest, found: Album, form: AlbumForm | None = None) -> HttpResponse:
    may_write = writable_albums(person(request)).filter(pk=found.pk).exists()
    is_arranging = may_write and not found.is_smart and "arrange" in request.GET
    context = {
        "album": found,
        "form": form or AlbumForm(instance=found, teams=_teams(request, found)),
        "may_write": may_write,
        "is_mine": found.owner == request.user,
        "everything": found.query or urlencode({"album": found.pk}),
        **_shown(request, found, size=kept.ARRANGED if is_arranging else kept.PAGE),
    }
    template = "generations/album_arrange.html" if is_arranging else "generations/album.html"
    return render(request, template, context, status=422 if form else 200)


def _shown(request: HtmxRequest, found: Album, size: int = kept.PAGE) -> dict[str, Any]:
    """Its jobs, and the query string of the next part or ""."""
    user = person(request)
    if found.is_smart:
        asked = request.GET if "before" in request.GET else QueryDict(found.query)
        jobs, following = Search.read(asked).page(user)
        return {"jobs": jobs, "following": following.removeprefix("?")}
    items, after = kept.page(user, found, request.GET.get("after", ""), size)
    return {"jobs": [item.job for item in items], "following": f"after={after}" if after else ""}


def _teams(request: HtmxRequest, found: Album | None = None) -> QuerySet[Team]:
    """Those that it may be given to: by its owner, to teams that they write in."""
    if found is not None and found.owner != request.user:
        return Team.objects.none()
    return teams.written_by(person(request))


def _move(request: HtmxRequest, items: QuerySet[AlbumItem], item: AlbumItem) -> None:
    if request.POST.get("to") in ("earlier", "later"):
        places.step(item, items, later=request.POST["to"] == "later")
    elif after := _other(request, "after", items, item):
        places.move(item, before=places.after(items.exclude(pk=item.pk), after.place, after.pk).first())
    elif before := _other(request, "before", items, item):
        places.move(item, before=before)


def _other(request: HtmxRequest, name: str, items: QuerySet[AlbumItem], item: AlbumItem) -> AlbumItem | None:
    try:
        job = UUID(request.POST[name]) if name in request.POST else None
    except ValueError:
        raise Http404 from None
    return get_object_or_404(items.exclude(pk=item.pk), job=job) if job else None


def _done(request: HtmxRequest, found: Album, sentence: str) -> HttpResponse:
    if request.htmx:
        return render(request, "generations/_toast.html", {"toast": sentence})
    messages.info(request, sentence)
    return redirect(reverse("album", args=[found.pk]))

"""What people say of jobs: marks, tags and albums, for one job and for all that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from math import isfinite
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts import teams
from generations.forms.organise import WishForm
from generations.models import Job
from generations.organising import albums, bulk, marks, tags, words
from generations.organising.bulk import Outcome, Wish
from generations.search import Search
from generations.views.access import (
    get_album,
    get_visible_job,
    jobs_of,
    person,
    signed_in,
    visible_jobs,
    writable_albums,
)
from studio.middleware import HtmxRequest, came_from

PARTS = {"page": "generations/_job_organise_answer.html", "note": "generations/_note_saved.html"}
Places = Mapping[UUID, float]  # of jobs in an album
MOST_SHOWN = 100  # cards that the answer draws anew; the live page sees to the others


@signed_in
@require_POST
def job_mark(request: HtmxRequest, job_id: UUID) -> HttpResponse:
    """One job. A teammate's may only be put into an album."""
    found = get_visible_job(request, job_id)
    form = WishForm(_asked(request))
    if not form.is_valid():
        return HttpResponseBadRequest()
    wish = _wish(request, form, team=None if found.owner == request.user else found.team_id)
    if found.owner != request.user and not (wish.album or wish.leave):
        raise Http404
    if form.sent("note"):
        marks.note(jobs_of(person(request)).filter(pk=found.pk), form.cleaned_data["note"])
    was = _places(wish, [found.pk])
    outcome = bulk.named(person(request), wish, [found.pk])
    if not request.htmx:
        if wish.leave:
            _say(request, wish, outcome, was)
        return redirect(came_from(request) or reverse("job", args=[found.pk]))
    is_owner = found.owner == request.user
    context = {"job": get_visible_job(request, job_id), "is_owner": is_owner, "toast": _toast(wish, outcome)}
    context |= _left(wish, outcome, was)
    return render(request, PARTS.get(request.POST.get("as", ""), "generations/_card.html"), context)


@signed_in
@require_POST
def organise(request: HtmxRequest) -> HttpResponse:
    """Those that were chosen (`job`), or everything that a search finds (`query`)."""
    form = WishForm(_asked(request))
    if not form.is_valid():
        return HttpResponseBadRequest()
    wish = _wish(request, form)
    if "query" not in request.POST:
        ids = chosen(request)
        was = _places(wish, ids)
        outcome = bulk.named(person(request), wish, ids)
        if wish.album:
            albums.put_at(wish.album, outcome.ids, _told_places(request))
        return _answer(request, wish, outcome, was)
    outcome = bulk.everything(person(request), wish, request.POST["query"][:4000])
    messages.info(request, words.said(wish, outcome))
    return HttpResponseClientRefresh() if request.htmx else redirect(came_from(request) or reverse("gallery"))


@signed_in
@require_safe
def organise_menu(request: HtmxRequest) -> HttpResponse:
    """The albums and tags to choose from, for the bar below a selection; with `team`, the albums of that one."""
    user = person(request)
    listed = writable_albums(user).filter(query="")
    if team := Search.read(request.GET).team:
        listed = listed.filter(team=int(team))
    context = {"albums": listed[: albums.LISTED], "tags": tags.of(user)[: tags.OFFERED]}
    return render(request, "generations/_organise_words.html", context)


def chosen(request: HttpRequest, most: int = bulk.MOST) -> list[UUID]:
    """The ids that were sent; what is none is passed over."""
    ids = []
    for text in request.POST.getlist("job")[:most]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def _asked(request: HtmxRequest) -> Mapping[str, str]:
    """A form with several buttons says which was pressed: "stars=3"; "tags", a field; or "untag<tags", by a field."""
    do = request.POST.get("do", "")
    if not do:
        return request.POST
    name, has_value, value = do.partition("=")
    name, _, field = name.partition("<")
    return {"team": request.POST.get("team", ""), name: value if has_value else request.POST.get(field or name, "")}


def _wish(request: HtmxRequest, form: WishForm, *, team: int | None = None) -> Wish:
    """With its album, if this person may write to it. `team`: the one whose albums alone can hold what is chosen."""
    wish, sent = form.wish(), form.cleaned_data
    if sent["into"]:
        of = _writable(request, team or sent["team"])
        return replace(wish, album=albums.called(person(request), sent["into"], of))
    if sent["album"]:
        return replace(wish, album=get_album(request, sent["album"]))
    return replace(wish, leave=get_album(request, sent["leave"])) if sent["leave"] else wish


def _writable(request: HttpRequest, team: int | None) -> int | None:
    if team is not None and not teams.may_write(person(request), team):
        raise Http404
    return team


def _toast(wish: Wish, outcome: Outcome) -> str:
    """What one does not see at once."""
    return words.said(wish, outcome) if wish.album or wish.leave else ""


def _answer(request: HtmxRequest, wish: Wish, outcome: Outcome, was: Places) -> HttpResponse:
    sentence = words.said(wish, outcome)
    if not request.htmx:
        _say(request, wish, outcome, was)
        return redirect(came_from(request) or reverse("gallery"))
    rows: QuerySet[Job] = visible_jobs(person(request)).prefetch_related("outputs")
    cards = [] if wish.album else rows.filter(pk__in=outcome.ids[:MOST_SHOWN])
    context = {"cards": cards, "toast": sentence, **_left(wish, outcome, was)}
    return render(request, "generations/_organised.html", context)


def _places(wish: Wish, ids: list[UUID]) -> Places:
    """Where they stand in the album that they are taken out of."""
    return albums.places_of(wish.leave, ids) if wish.leave else {}


def _told_places(request: HttpRequest) -> Places:
    """As `_left` wrote them."""
    found = {}
    for told in request.POST.getlist("was")[: bulk.MOST]:
        job, _, place = told.partition("@")
        with suppress(ValueError):
            found[UUID(job)] = float(place)
    return {job: place for job, place in found.items() if isfinite(place)}


def _left(wish: Wish, outcome: Outcome, was: Places) -> dict[str, Any]:
    """What was taken out of an album, and from where, so that it can be put back."""
    if not wish.leave or not outcome.ids:
        return {}
    return {"left": wish.leave.pk, "gone": outcome.ids, "was": [f"{job}@{was.get(job, 0.0)!r}" for job in outcome.ids]}


def _say(request: HtmxRequest, wish: Wish, outcome: Outcome, was: Places) -> None:
    """On the next page."""
    left = _left(wish, outcome, was)
    tags = f"undo-leave:{left['left']}:{','.join(left['was'])}" if left else ""
    messages.info(request, words.said(wish, outcome), extra_tags=tags)

"""One's own links: made, listed, changed and ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts import audit
from generations.forms.link import LinkForm
from generations.links import codes, contents, expiring, listing, making, smart
from generations.models import Job, ShareLink
from generations.organising import albums
from generations.views.access import get_link, person, signed_in
from studio.middleware import HtmxRequest, came_from


@signed_in
@require_safe
def links(request: HttpRequest) -> HttpResponse:
    asked = listing.Asked.read(request.GET)
    found, following = asked.page(person(request))
    context = {
        "links": found,
        "asked": asked,
        "following": following,
        "open_count": listing.open_count(person(request)),
    }
    return render(request, "generations/links.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link_new(request: HttpRequest) -> HttpResponse:
    """Of `?job=…` (several: a selection), `?album=…` or `?conversation=…`. A POST answers with the address, once."""
    user = person(request)
    link, jobs = _begun(request, request.GET)
    form = LinkForm(request.POST if request.method == "POST" else None, link=link, owner=user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "generations/link_new.html", {"form": form, "link": link, "jobs": jobs}, status=status)
    for name, value in form.terms().items():
        setattr(link, name, value)
    word = making.make(link, jobs if not (link.job or link.album) else ())
    if form.cleaned_data["is_usual"]:
        expiring.remember(user, form.cleaned_data["expiry"])
    _note(request, "link.made", link)
    return _show_address(request, link, word)


@signed_in
@require_POST
def link_selection(request: HtmxRequest) -> HttpResponseBase:
    """What is selected in the gallery, on its way to a link of its own. Never less than that: it is refused first."""
    ids = request.POST.getlist("job")
    if "query" in request.POST or len(ids) > contents.MOST_SELECTED:
        return _too_many(request)
    chosen = QueryDict(mutable=True)
    chosen.setlist("job", ids)
    address = f"{reverse('link-new')}?{chosen.urlencode()}"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, link_id: UUID) -> HttpResponse:
    found = get_link(request, link_id)
    form = LinkForm(request.POST if request.method == "POST" else None, link=found, owner=person(request))
    if request.method == "POST" and form.is_valid():
        before = get_link(request, link_id)  # the form has written into the other one
        if making.change(before, **form.terms()):
            _note(request, "link.changed", before)
            messages.success(request, "Saved.")
        else:
            messages.error(request, "This link has ended, and ended links stay as they are.")
        return redirect("link", found.pk)
    if request.method == "POST":
        found = get_link(request, link_id)
    context = {
        "link": found,
        "form": form,
        "openings": listing.openings(found),
        "refused_count": listing.refused_count(found),
    }
    return render(request, "generations/link.html", context, status=422 if request.method == "POST" else 200)


@signed_in
@require_POST
@never_cache
def link_address(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Another address; the old one ends."""
    found = get_link(request, link_id)
    word = making.new_address(found)
    if word is None:
        messages.error(request, "This link was revoked. Make a new one.")
        return redirect("link", found.pk)
    _note(request, "link.changed", found, change="address")
    return _show_address(request, found, word)


@signed_in
@require_POST
def link_revoke(request: HttpRequest, link_id: UUID) -> HttpResponse:
    found = get_link(request, link_id)
    if making.revoke(found):
        _note(request, "link.revoked", found)
        messages.success(request, "Revoked. Whoever had it open sees nothing any more.")
    return redirect("link", found.pk)


@signed_in
@require_POST
def links_revoke(request: HttpRequest) -> HttpResponse:
    count = making.revoke_all(person(request))
    if count:
        audit.note(request, "link.revoked", "all links", count=count)
    messages.success(request, f"{count} {'link is' if count == 1 else 'links are'} revoked.")
    return redirect("links")


def _begun(request: HttpRequest, asked: QueryDict) -> tuple[ShareLink, list[Job]]:
    """A link that is not written down yet, to what the address names, and its jobs in their order, or the first."""
    user = person(request)
    jobs = _jobs(request, asked.getlist("job"))
    link = ShareLink(owner=user)
    if len(jobs) == 1:
        link.job = jobs[0]
    elif album := asked.get("album", ""):
        link.album = albums.writable(user).filter(pk=_uuid(album)).first()
    elif conversation := asked.get("conversation", ""):
        link.conversation = contents.shareable_conversations(user).filter(pk=_uuid(conversation)).first()
    if not (jobs or link.album or link.conversation):
        raise Http404
    if link.album and link.album.is_smart:
        jobs = smart.first(link.album)
    return link, jobs


def _jobs(request: HttpRequest, ids: list[str]) -> list[Job]:
    wanted = [_uuid(one) for one in dict.fromkeys(ids)][: contents.MOST_SELECTED]
    rows = contents.shareable(person(request)).filter(pk__in=wanted).select_related("team").prefetch_related("outputs")
    found = {job.pk: job for job in rows}
    return [found[one] for one in wanted if one in found]


def _too_many(request: HtmxRequest) -> HttpResponse:
    said = f"One link opens {contents.MOST_SELECTED} selected jobs at most. Put them into an album, and share that."
    if request.htmx:
        return render(request, "generations/_toast.html", {"toast": said})
    messages.error(request, said)
    return redirect(came_from(request) or reverse("gallery"))


def _show_address(request: HttpRequest, found: ShareLink, word: str) -> HttpResponse:
    address = making.address(word, request)
    context: dict[str, Any] = {"link": found, "address": address, "code": codes.of(address)}
    return render(request, "generations/link_made.html", context)


def _note(request: HttpRequest, action: str, found: ShareLink, **detail: Any) -> None:
    opens = next((name for name in ("job", "album", "conversation") if getattr(found, f"{name}_id")), "selection")
    ends = found.expires_at.isoformat() if found.expires_at else "never"
    facts: dict[str, Any] = {
        "opens": opens,
        "audience": str(found.audience),
        "ends": ends,
        "password": bool(found.password),
    }
    audit.note(request, action, f"link to {opens} {found.pk}", team=found.team, **{**facts, **detail})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None

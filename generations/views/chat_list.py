"""The list of conversations, and what is done to one as a whole. Every change is answered with the list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generations.chats import folders, listing
from generations.chats.folders import Unfit
from generations.models import Conversation, Folder
from generations.views.access import conversations_of, get_conversation, get_folder, person, signed_in
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def chat_list(request: HtmxRequest) -> HttpResponse:
    """The list alone, or with `before` or `folder` one more page of it; without htmx, the page that holds it."""
    if not request.htmx:
        return redirect(f"{reverse('chat')}?{request.GET.urlencode()}")
    if "before" in request.GET or "folder" in request.GET:
        found = listing.page(person(request), request.GET)
        context = {"listing": found, "page": found.page}
        return render(request, "generations/chat/_list_rows.html", context)
    return _list(request)


@signed_in
@require_safe
def conversation_menu(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    """What can be done to it: for the menu in its row, or as a page."""
    return _menu(request, get_conversation(request, conversation_id))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def conversation_rename(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    found = get_conversation(request, conversation_id)
    if request.method == "POST":
        return _done(request, lambda: folders.rename(found, request.POST.get("title", "")))
    if request.htmx:
        return render(request, "generations/chat/_list_rename.html", {"row": found})
    return _menu(request, found)


@signed_in
@require_POST
def conversation_pin(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    found = get_conversation(request, conversation_id)
    return _done(request, lambda: folders.pin(found, request.POST.get("on") == "1"))


@signed_in
@require_POST
def conversation_archive(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    found, is_on = get_conversation(request, conversation_id), request.POST.get("on") == "1"
    return _done(request, lambda: folders.archive(found, is_on), "Archived." if is_on else "Back in the list.")


@signed_in
@require_POST
def conversation_move(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    """Into the folder of that id, into a new one of that name, or with neither, into none."""
    found = get_conversation(request, conversation_id)

    def move() -> None:
        if "name" in request.POST:
            folders.move(found, folders.create(person(request), request.POST["name"]))
        else:
            folders.move(found, _folder(request))

    return _done(request, move)


@signed_in
@require_POST
def conversation_delete(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    """Deletes it; the answer offers to undo that. The page of the deleted one is left."""
    found = get_conversation(request, conversation_id)
    folders.hide(found)
    is_open = request.POST.get("current") == str(found.pk)
    if request.htmx and not is_open:
        return _list(request, {"deleted": found})
    messages.info(request, "Deleted.", extra_tags=f"undo-conversation:{found.pk}")
    if request.htmx:
        return HttpResponseClientRedirect(reverse("chat"))
    return redirect("chat")


@signed_in
@require_POST
def conversation_restore(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    gone = Conversation.objects.filter(owner=person(request), deleted_at__isnull=False)
    found: Conversation = get_object_or_404(gone, pk=conversation_id)
    folders.unhide(found)
    if request.htmx:
        return _list(request, {"restored": found})
    return redirect("conversation", found.pk)


@signed_in
@require_POST
def folder_create(request: HtmxRequest) -> HttpResponse:
    return _done(request, lambda: folders.create(person(request), request.POST.get("name", "")))


@signed_in
@require_POST
def folder_rename(request: HtmxRequest, folder_id: int) -> HttpResponse:
    found = get_folder(request, folder_id)
    return _done(request, lambda: folders.name(found, request.POST.get("name", "")))


@signed_in
@require_POST
def folder_delete(request: HtmxRequest, folder_id: int) -> HttpResponse:
    """Its conversations stay, in no folder."""
    found = get_folder(request, folder_id)
    return _done(request, found.delete, f"The folder “{found.name}” is gone; its conversations stay.")


def _done(request: HtmxRequest, change: Any, said: str = "") -> HttpResponse:
    """Makes the change, and answers with the list as it stands then."""
    try:
        change()
    except Unfit as error:
        said = str(error)
    if request.htmx:
        return _list(request, {"toast": said})
    if said:
        messages.info(request, said)
    current = _current(request)
    return redirect("conversation", current.pk) if current else redirect("chat")


def _list(request: HtmxRequest, more: dict[str, Any] | None = None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {"listing": listing.shown(person(request), sent, _current(request)), **(more or {})}
    return render(request, "generations/chat/_list_answer.html", context)


def _menu(request: HtmxRequest, found: Conversation) -> HttpResponse:
    context = {"row": found, "folders": Folder.objects.filter(owner=person(request))[: listing.FOLDERS]}
    template = "_list_menu.html" if request.htmx else "options.html"
    return render(request, f"generations/chat/{template}", context)


def _folder(request: HtmxRequest) -> Folder | None:
    wanted = request.POST.get("folder", "")
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 16):
        raise Http404
    return get_folder(request, int(wanted))


def _current(request: HttpRequest) -> Conversation | None:
    """The one on the page that the list stands on."""
    sent = request.POST if request.method == "POST" else request.GET
    try:
        return conversations_of(person(request)).filter(pk=UUID(sent.get("current", ""))).first()
    except ValueError:
        return None

"""Conversations: the page of one, of a new one, and writing into it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generations.chats import listing, offers, posting, presets, prices, tree
from generations.chats.offers import ChatOffer, ChatSource
from generations.chats.posting import Unanswerable
from generations.chats.replies import recovery
from generations.chats.replies.desk import desk
from generations.chats.tree import Turn
from generations.models import Conversation, Message
from generations.views import chat_forms as forms
from generations.views.access import get_conversation, person, signed_in
from generations.views.chat_forms import Unfit
from studio.middleware import HtmxRequest

REFUSED = (Unfit, Unanswerable)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: HtmxRequest) -> HttpResponseBase:
    """A new conversation; a POST begins it with its first message."""
    if request.method != "POST":
        return show_page(request, None)
    try:
        said = forms.said(request)
        system, settings = forms.system(request), forms.settings(request, offers.sources(person(request)))
        found = posting.begin(person(request), click=said.click, system=system, settings=settings)
        if found.deleted_at:
            raise Unfit(forms.STALE)
        replies = posting.say(found, said.text, said.asked, click=said.click, inputs=said.inputs)
    except REFUSED as error:
        return refused(request, None, str(error))
    desk.call_new(*(reply.pk for reply in replies))
    return _gone_to(request, found)


@signed_in
@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    recovery.interrupt_abandoned()
    found = get_conversation(request, conversation_id)
    forms.turn_to(request, found)
    return show_page(request, found)


@signed_in
@require_safe
def thread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The messages alone."""
    return show_thread(request, get_conversation(request, conversation_id))


@signed_in
@require_POST
def say(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    found = get_conversation(request, conversation_id)
    try:
        said, parent = forms.said(request), forms.parent(request, found)
        replies = posting.say(found, said.text, said.asked, click=said.click, parent=parent, inputs=said.inputs)
    except REFUSED as error:
        return refused(request, found, str(error))
    desk.call_new(*(reply.pk for reply in replies))
    return answer(request, found)


@signed_in
@require_POST
def settings(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    """Its system prompt and what its models are sent with every message."""
    found = get_conversation(request, conversation_id)
    sources = offers.sources(person(request))
    form = forms.settings_form(sources, found, request.POST)
    try:
        system, trouble = forms.system(request), ""
    except Unfit as error:
        system, trouble = forms.written(request, "system"), str(error)
    if form.is_valid() and not trouble:
        found.touch(system=system, settings=form.settings())
        messages.success(request, "Settings saved. They hold from the next message on.")
    elif not request.htmx:
        return refused(request, found, trouble or "A setting is not what its model takes. Look at the settings.")
    if not request.htmx:
        return redirect("conversation", found.pk)
    context = {"conversation": found, "settings_form": form, "system": system, "trouble": trouble}
    context["is_saved"] = is_saved = form.is_valid() and not trouble
    return render(request, "generations/chat/_settings.html", context, status=200 if is_saved else 422)


def show_thread(request: HttpRequest, found: Conversation, **more: Any) -> HttpResponse:
    context = {"conversation": found, "turns": tree.path(found), **more}
    return render(request, "generations/chat/_thread.html", context)


def show_page(
    request: HttpRequest, found: Conversation | None, *, refusal: str = "", editing: Message | None = None
) -> HttpResponse:
    sources = offers.sources(person(request))
    turns = tree.path(found) if found else []
    begun = found or presets.begun(person(request), request.GET.get("preset", ""))
    picked = _picked(request, begun, turns, sources)
    context: dict[str, Any] = {
        "conversation": found,
        "turns": turns,
        "listing": listing.shown(person(request), request.GET, found),
        "sources": sources,
        "picked": picked,
        "picked_ids": {offer.id for offer in picked},
        "prices": prices.of(person(request), [offer for source in sources for offer in source.offers]),
        "most_at_once": posting.MOST_AT_ONCE,
        "settings_form": forms.settings_form(sources, begun, request.POST if refusal and not found else None),
        "system": forms.written(request, "system") or (begun.system if begun else ""),
        "click": uuid4(),
        "refusal": refusal,
        "text": forms.written(request, "text"),
        "editing": editing,
    }
    return render(request, "generations/chat/chat.html", context, status=422 if refusal else 200)


def answer(request: HtmxRequest, found: Conversation, **more: Any) -> HttpResponse:
    """To what changed a conversation: its messages as they stand now."""
    if request.htmx:
        return show_thread(request, found, click=uuid4(), **more)
    return redirect("conversation", found.pk)


def refused(request: HtmxRequest, found: Conversation | None, why: str) -> HttpResponse:
    if not request.htmx:
        return show_page(request, found, refusal=why)
    return render(request, "generations/chat/_refusal.html", {"refusal": why}, status=422)


def _picked(
    request: HttpRequest, found: Conversation | None, turns: list[Turn], sources: list[ChatSource]
) -> list[ChatOffer]:
    """Whom the next message asks: who is named in the address, who was asked last, or who is asked by default."""
    last = turns[-1] if turns else None
    named = forms.named(request.POST) or forms.named(request.GET)
    if not named and last and last.message.is_reply:
        named = [offers.id_of(one) for one in last.beside or (last.message,)]
    if not named and found and found.model:
        named = [offers.id_of(found)]
    there = [offer for offer in (offers.find(sources, name) for name in dict.fromkeys(named)) if offer]
    usual = offers.default(sources, person(request))
    return there[: posting.MOST_AT_ONCE] or ([usual] if usual else [])


def _gone_to(request: HtmxRequest, found: Conversation) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("conversation", args=[found.pk]))
    return redirect("conversation", found.pk)

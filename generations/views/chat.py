"""Conversations: the page of one, of a new one, and writing into it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generations import inputs
from generations.chats import offers, pictures, posting, recovery, tree
from generations.chats.desk import desk
from generations.chats.offers import ChatOffer, ChatSource
from generations.models import Conversation
from generations.views.access import conversations_of, get_conversation, person, signed_in
from studio.middleware import HtmxRequest

SHOWN = 60  # conversations in the list


class Unfit(ValueError):
    """What cannot be sent; the message says why, for people."""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def chat(request: HtmxRequest) -> HttpResponseBase:
    """A new conversation; a POST begins it with its first message."""
    if request.method != "POST":
        return _page(request, None)
    try:
        text, asked, click, attached = _said(request)
    except (Unfit, inputs.Unfit) as error:
        return _refused(request, None, str(error))
    found = posting.begin(person(request), provider=asked[0].provider.name, key=asked[0].key, model=asked[0].model.id)
    replies = posting.say(found, text, asked, click=click, inputs=attached)
    desk.call(*(reply.pk for reply in replies))
    return _gone_to(request, found)


@signed_in
@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    recovery.interrupt_abandoned()
    return _page(request, get_conversation(request, conversation_id))


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
        text, asked, click, attached = _said(request)
    except (Unfit, inputs.Unfit) as error:
        return _refused(request, found, str(error))
    replies = posting.say(found, text, asked, click=click, parent=found.current, inputs=attached)
    desk.call(*(reply.pk for reply in replies))
    if not request.htmx:
        return redirect("conversation", found.pk)
    return show_thread(request, found)


def show_thread(request: HttpRequest, found: Conversation) -> HttpResponse:
    context = {"conversation": found, "turns": tree.path(found)}
    return render(request, "generations/chat/_thread.html", context)


def chosen(request: HttpRequest, sources: list[ChatSource]) -> list[ChatOffer]:
    """The models that a form names, each once. Raises Unfit where none of them is there."""
    wanted = list(dict.fromkeys(request.POST.getlist("model")))[: posting.MOST_AT_ONCE]
    found = [offer for offer in (offers.find(sources, name) for name in wanted) if offer]
    if not found:
        raise Unfit("This model is not there any more. Choose another." if wanted else "Choose a model first.")
    return found


def _said(request: HttpRequest) -> tuple[str, list[ChatOffer], UUID, list[str]]:
    text = request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "").strip()
    if not text:
        raise Unfit("Write something first.")
    if len(text) > posting.LONGEST:
        raise Unfit(f"A message may have at most {posting.LONGEST:,} characters; this one has {len(text):,}.")
    try:
        click = UUID(request.POST.get("click", ""))
    except ValueError:
        raise Unfit("This form is too old. Reload the page; what you wrote is kept.") from None
    asked = chosen(request, offers.sources(person(request)))
    return text, asked, click, pictures.attached(person(request), request.POST.getlist("input"), asked)


def _page(request: HttpRequest, found: Conversation | None, *, refusal: str = "", status: int = 200) -> HttpResponse:
    sources = offers.sources(person(request))
    picked = _picked(found, sources)
    context: dict[str, Any] = {
        "conversation": found,
        "turns": tree.path(found) if found else [],
        "conversations": conversations_of(person(request)).order_by("-written_at")[:SHOWN],
        "sources": sources,
        "picked": picked,
        "click": uuid4(),
        "refusal": refusal,
    }
    return render(request, "generations/chat/chat.html", context, status=status)


def _picked(found: Conversation | None, sources: list[ChatSource]) -> ChatOffer | None:
    if found and found.model:
        name = f"{found.provider}/{found.key_id or 0}/{found.model}"
        if offer := offers.find(sources, name):
            return offer
    return offers.default(sources)


def _refused(request: HtmxRequest, found: Conversation | None, why: str) -> HttpResponse:
    if not request.htmx:
        return _page(request, found, refusal=why, status=422)
    return render(request, "generations/chat/_refusal.html", {"refusal": why}, status=422)


def _gone_to(request: HtmxRequest, found: Conversation) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(f"/chat/{found.pk}/")
    return redirect("conversation", found.pk)

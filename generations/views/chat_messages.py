"""One message of a conversation: shown, stopped, asked for again, edited, deleted."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations.chats import offers, posting
from generations.chats.desk import desk
from generations.models import Conversation, Message
from generations.views.access import get_message, get_reply, person, signed_in
from generations.views.chat import chosen, show_thread
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """As it stands in its thread."""
    found = get_message(request, message_id)
    return render(request, "generations/chat/_message.html", {"message": found, "conversation": found.conversation})


@signed_in
@require_safe
def message_text(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """What was written, as Markdown."""
    text, _ = get_message(request, message_id).written()
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@signed_in
@require_POST
def message_stop(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_reply(request, message_id)
    found.request_stop()
    desk.stop(found.pk)
    return _answer(request, found.conversation)


@signed_in
@require_POST
def message_again(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    """Another reply to the same question, by the same model or by those that the form names."""
    found = get_reply(request, message_id)
    asked = chosen(request, offers.sources(person(request)))
    click = UUID(request.POST["click"]) if request.POST.get("click") else uuid4()
    desk.call(*(reply.pk for reply in posting.ask_anew(found, asked, click=click)))
    return _answer(request, found.conversation)


@signed_in
@require_POST
def message_edit(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    """A new version of what one wrote, sent."""
    found = get_message(request, message_id)
    asked = chosen(request, offers.sources(person(request)))
    text = request.POST.get("text", "").strip()
    click, kept = UUID(request.POST["click"]), found.inputs
    replies = posting.say(found.conversation, text, asked, click=click, parent=found.parent, inputs=kept)
    desk.call(*(reply.pk for reply in replies))
    return _answer(request, found.conversation)


@signed_in
@require_POST
def message_show(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_message(request, message_id)
    posting.show(found)
    return _answer(request, found.conversation)


@signed_in
@require_POST
def message_delete(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_message(request, message_id)
    posting.delete(found)
    return _answer(request, found.conversation)


@signed_in
@require_POST
def message_continue(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    return _ask_again(request, get_reply(request, message_id), keep_text=True)


@signed_in
@require_POST
def message_retry(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    return _ask_again(request, get_reply(request, message_id), keep_text=False)


def _ask_again(request: HtmxRequest, found: Message, *, keep_text: bool) -> HttpResponse:
    if found.ask_again(keep_text=keep_text):
        found.conversation.touch()
        desk.call(found.pk)
    return _answer(request, found.conversation)


def _answer(request: HtmxRequest, conversation: Conversation) -> HttpResponse:
    if request.htmx:
        return show_thread(request, conversation)
    return redirect("conversation", conversation.pk)

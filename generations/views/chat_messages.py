"""One message of a conversation: shown, stopped, asked for again, edited, deleted."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.chats import offers, posting, prices, tree
from generations.chats.replies.desk import desk
from generations.models import Message
from generations.views import chat_forms as forms
from generations.views.access import get_deleted_message, get_message, get_reply, person, signed_in
from generations.views.chat import REFUSED, answer, refused, show_page
from studio.middleware import HtmxRequest


@signed_in
@require_safe
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """As it stands in its thread; for a page that heard of its end, with what the conversation has cost by now."""
    found = get_message(request, message_id)
    turn = tree.turn_of(found)
    shown = next(one for one in (turn.message, *turn.beside) if one.pk == found.pk)
    context = {"turn": turn, "message": shown, "conversation": found.conversation, "with_total": found.is_reply}
    return render(request, "generations/chat/_message.html", context)


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
    return answer(request, found.conversation)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def message_again(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    """Another reply to the same question, by the same model or by those that the form names."""
    found = get_reply(request, message_id)
    sources = offers.sources(person(request))
    if request.method != "POST":
        context = {
            "message": found,
            "conversation": found.conversation,
            "sources": sources,
            "picked": [offer] if (offer := offers.find(sources, offers.id_of(found))) else [],
            "picked_ids": {offers.id_of(found)},
            "prices": prices.of(person(request), [offer for source in sources for offer in source.offers]),
            "click": uuid4(),
        }
        part = "#sheet" if request.htmx else ""
        return render(request, f"generations/chat/again.html{part}", context)
    try:
        replies = posting.ask_anew(found, forms.chosen(request, sources), click=forms.click(request))
    except REFUSED as error:
        return refused(request, found.conversation, str(error))
    desk.call(*(reply.pk for reply in replies))
    return answer(request, found.conversation)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def message_edit(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    """The form for a new version of what one wrote; a POST sends it."""
    found = get_message(request, message_id)
    if found.is_reply:
        raise Http404
    if request.method != "POST":
        return _edit(request, found)
    try:
        said = forms.said(request)
        replies = posting.say(
            found.conversation, said.text, said.asked, click=said.click, parent=found.parent, inputs=found.inputs
        )
    except REFUSED as error:
        return refused(request, found.conversation, str(error))
    desk.call(*(reply.pk for reply in replies))
    return answer(request, found.conversation)


@signed_in
@require_POST
def message_show(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_message(request, message_id)
    posting.show(found)
    return answer(request, found.conversation)


@signed_in
@require_POST
def message_delete(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_message(request, message_id)
    posting.delete(found)
    if not request.htmx:
        messages.success(request, "Deleted, with what followed.")
    return answer(request, found.conversation, deleted=found)


@signed_in
@require_POST
def message_restore(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    found = get_deleted_message(request, message_id)
    posting.restore(found)
    return answer(request, found.conversation)


@signed_in
@require_POST
def message_continue(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    return _ask_again(request, get_reply(request, message_id), keep_text=True)


@signed_in
@require_POST
def message_retry(request: HtmxRequest, message_id: UUID) -> HttpResponse:
    """What came of it is kept: where there is text, another version of it is asked for."""
    found = get_reply(request, message_id)
    return _ask_beside(request, found) if found.text or found.reasoning else _ask_again(request, found, keep_text=False)


def _ask_beside(request: HtmxRequest, found: Message) -> HttpResponse:
    """Once for each end that was seen, however often it is clicked."""
    try:
        ended = forms.seen(request) or found.finished_at
        if found.is_cut_short and ended == found.finished_at:
            asked = forms.offered([offers.id_of(found)], offers.sources(person(request)))
            replies = posting.ask_anew(found, asked, click=uuid5(found.pk, str(ended)))
            desk.call(*(reply.pk for reply in replies))
    except REFUSED as error:
        return refused(request, found.conversation, str(error))
    return answer(request, found.conversation)


def _ask_again(request: HtmxRequest, found: Message, *, keep_text: bool) -> HttpResponse:
    try:
        is_to_be_asked = posting.ask_once_more(found, keep_text=keep_text, seen=forms.seen(request))
    except REFUSED as error:
        return refused(request, found.conversation, str(error))
    if is_to_be_asked:
        desk.call(found.pk)
    return answer(request, found.conversation)


def _edit(request: HtmxRequest, found: Message) -> HttpResponse:
    if not request.htmx:
        return show_page(request, found.conversation, editing=found)
    context = {"message": found, "conversation": found.conversation, "click": uuid4()}
    return render(request, "generations/chat/_edit.html", context)

"""The list of conversations and what belongs to it, for its templates."""

from __future__ import annotations

from django import template
from django.contrib.messages.storage.base import Message
from django.template.context import Context

from generations.chats import listing, presets
from generations.models import ChatPreset

IN_THE_MENU = 20

register = template.Library()

register.filter("is_answered", listing.is_answered)


@register.filter
def undo_conversation(message: Message) -> str:
    """The id of the conversation whose deletion a message tells of; "" for other messages."""
    kind, _, found = (message.extra_tags or "").partition(":")
    return found if kind == "undo-conversation" else ""


@register.simple_tag(takes_context=True)
def own_presets(context: Context) -> list[ChatPreset]:
    """The signed-in person's, as far as a menu holds them."""
    return list(presets.of(context["request"].user)[:IN_THE_MENU])

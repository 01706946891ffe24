"""What is attached to messages, for the templates of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from django import template
from django.template import RequestContext

from accounts.models import User
from generations import inputs
from generations.chats import pictures
from generations.inputs import Input
from generations.models import Message

register = template.Library()


@dataclass(frozen=True, slots=True)
class Attachments:
    """The field of a message's form in which pictures are, in the words of `_media_item.html`."""

    chosen: list[Input]

    html_name = "input"
    field = SimpleNamespace(most=pictures.MOST)
    new_input = Input("", "image", "")


@register.simple_tag(takes_context=True)
def attachments(context: RequestContext) -> Attachments:
    """With what the address brings: ?input=<reference>. What is no picture of one's own is not there."""
    request = context["request"]
    wanted = list(dict.fromkeys([*request.GET.getlist("input"), *request.POST.getlist("input")]))[: pictures.MOST]
    if not isinstance(request.user, User):
        return Attachments([])
    found = (inputs.stored(request.user, reference) for reference in wanted)
    return Attachments([inputs.shown(media) for media in found if media and media.kind == "image"])


@register.simple_tag
def message_inputs(message: Message) -> list[Input]:
    return pictures.shown(message) if message.inputs else []

"""What a conversation's page is made of, for its templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from generations.models import Message
from studio.lib import markdown

register = template.Library()


@register.simple_tag
def message_blocks(message: Message) -> list[SafeString]:
    """Its text as HTML, block by block; of one under way, what is written down of it."""
    text, _ = message.written()
    return [mark_safe(html) for html in markdown.blocks(text)]  # noqa: S308  sanitised there

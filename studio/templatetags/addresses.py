"""`{% url %}` as it is, and quick: a page of cards has hundreds.

Django looks for the pattern each time anew. Here the address of a name is worked out once, and each id put into its
place. What is not plain ids goes Django's way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import conditional_escape

register = template.Library()

SAMPLES = {UUID: UUID("01234567-89ab-7cde-8f01-23456789abcd"), int: 1234567890123456}


class AddressNode(URLNode):
    def render(self, context: Context) -> str:
        address = None
        if not self.kwargs and context.autoescape:
            name = self.view_name.resolve(context) if self.view_name.is_var else self.view_name.var
            address = _quick(name, [arg.resolve(context) for arg in self.args])
        if address is None:
            return str(super().render(context))
        if self.asvar is None:
            return address
        context[self.asvar] = address
        return ""


@register.tag
def url(parser: Parser, token: Token) -> AddressNode:
    node = django_url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)


def _quick(name: str, args: list[Any]) -> str | None:
    """None: not for this way. Ids have no sign that HTML would take for its own."""
    if ":" in name or not all(map(_is_plain, args)):
        return None
    shape = tuple(str(arg) if isinstance(arg, str) else type(arg) for arg in args)
    try:
        pieces = _pieces(name, shape, settings.ROOT_URLCONF, get_script_prefix())
    except NoReverseMatch:
        return None  # Django says what is wrong, where it is not allowed to be
    if pieces is None:
        return None
    ids = [str(arg) for arg in args if not isinstance(arg, str)]
    return pieces[0] + "".join([one + after for one, after in zip(ids, pieces[1:], strict=True)])


def _is_plain(arg: object) -> bool:
    return isinstance(arg, (UUID, str)) or (type(arg) is int and arg >= 0)


@lru_cache(maxsize=1000)
def _pieces(name: str, shape: tuple[str | type, ...], urls: str, prefix: str) -> list[str] | None:
    """What stands around the ids; None where that cannot be told. The last two only name what it is kept for."""
    address = conditional_escape(reverse(name, args=[one if isinstance(one, str) else SAMPLES[one] for one in shape]))
    pieces: list[str] = [address]
    for one in shape:
        if isinstance(one, str):
            continue
        before, found, after = pieces.pop().partition(str(SAMPLES[one]))
        if not found:
            return None
        pieces += [before, after]
    return pieces

"""Small pieces that any template may use."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from django import template
from django.template.base import Node, Parser, TextNode, Token
from django.template.library import SimpleNode
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from studio.lib import words
from studio.lib.money import money

register = template.Library()

SETTINGS = {
    "account_change_password",
    "account_email",
    "account_set_password",
    "archives",
    "notice-choices",
    "settings",
    "socialaccount_connections",
    "usersessions_list",
}
GALLERY = {"gallery", "albums", "album", "tags", "trash", "links", "link", "link-new", "job", "job-lineage", "compare"}
OPERATOR = {"audit", "invite", "operator", "people", "person-limits", "providers"}
KINDS = {"image": ("image", "Image"), "video": ("film", "Video"), "audio": ("volume-2", "Audio")}


@register.filter
def size(count: int | None) -> str:
    """Of a file; "" where it is not known."""
    return "" if count is None else words.size(count)


@lru_cache(maxsize=512)  # a list of models shows hundreds
def icon(name: str, label: str = "") -> SafeString:
    """An icon of `static/icons/icons.svg`; with a label it speaks, without one it is decoration."""
    address = f"{static('icons/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', address)


@register.tag("icon")
def icon_tag(parser: Parser, token: Token) -> Node:
    """`{% icon "name" "label" %}`. One that is always the same, as nearly all are, is drawn once for all."""
    args = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    if any(arg.is_var or arg.filters for arg in args):
        return SimpleNode(icon, False, args, {}, None)
    return TextNode(icon(*(str(arg.var) for arg in args)))


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """What a model makes, as an icon that says it."""
    return icon(*KINDS.get(kind, KINDS["image"]))


@register.filter
def menu_part(here: str | None) -> str:
    """Which entry of the menu a page behind others belongs to: "gallery", "settings", "operator" or none."""
    if here in SETTINGS or (here or "").startswith(("mfa_", "webhook-")):
        return "settings"
    if here in OPERATOR:
        return "operator"
    return "gallery" if here in GALLERY else ""


@register.filter
def in_unit(amount: Decimal, unit: str) -> str:
    """2.00 NOK"""
    return money(amount, unit)


@register.filter
def plain(amount: Decimal) -> str:
    """As attributes want it: 1200.5"""
    return f"{amount.normalize():f}"

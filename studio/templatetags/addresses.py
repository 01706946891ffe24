"""`{% url %}` as it is, by the quick way of `studio.addresses` where there is one."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url

from studio.addresses import quick

register = template.Library()


class AddressNode(URLNode):
    def render(self, context: Context) -> str:
        address = None
        if not self.kwargs and context.autoescape:
            name = self.view_name.resolve(context) if self.view_name.is_var else self.view_name.var
            address = quick(name, [arg.resolve(context) for arg in self.args])
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

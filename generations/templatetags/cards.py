"""Cards of jobs in a list. One of a job that has ended is drawn once, with places for what is each page's own."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from generations import drawn
from generations.models import Job
from generations.search import Search
from generations.search.cards import Card

register = template.Library()

# Nobody can know them: a prompt that named one would be given the token.
TOKEN_PLACE, WITHIN_PLACE = secrets.token_urlsafe(24), secrets.token_urlsafe(24)


@register.simple_tag(takes_context=True)
def own_card(context: Context, job: Job, within: str = "", card: Card | None = None) -> SafeString:
    """`within`: what is added to the address of its page, for that to know the list."""
    is_plain = card is None or not (card.said or card.alike)
    return _draw(context, drawn.OWN, drawn.own_edition(job) if is_plain else "", within, job=job, card=card)


@register.simple_tag(takes_context=True)
def team_card(context: Context, job: Job, within: str = "") -> SafeString:
    return _draw(context, drawn.TEAM, drawn.team_edition(job), within, job=job)


@register.filter
def within(search: Search, begins: str) -> str:
    """The list that it is, after this beginning, ready for HTML; "" for the list of all."""
    return SafeString(begins + quote(search.kept, safe="")) if search.kept else ""


def _draw(context: Context, name: str, edition: str, within: str, *, job: Job, **parts: object) -> SafeString:
    """Of no edition: it changes with time, or is this page's own."""
    token, template = str(context["csrf_token"]), get_template(name)
    if not edition:
        return SafeString(template.render({**parts, "job": job, "csrf_token": token, "within": within}))
    html = drawn.get(name, job, edition)
    if html is None:
        html = template.render({**parts, "job": job, "csrf_token": TOKEN_PLACE, "within": WITHIN_PLACE})
        drawn.keep(name, job, edition, html)
    return SafeString(html.replace(TOKEN_PLACE, token).replace(WITHIN_PLACE, within))

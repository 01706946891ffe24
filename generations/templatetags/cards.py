"""Cards of jobs in a list. One of a job that has ended is drawn once, with places for what is each page's own."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString

from generations.models import Job
from generations.search import Search
from generations.search.cards import Card
from studio.lib.shelf import Shelf

register = template.Library()

Edition = tuple[object, ...]

MOST = 8_000_000  # characters of HTML, in each process: some three thousand cards
# Nobody can know them: a prompt that named one would be given the token.
TOKEN_PLACE, WITHIN_PLACE = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
shelf = Shelf(MOST)


@register.simple_tag(takes_context=True)
def own_card(context: Context, job: Job, within: str = "", card: Card | None = None) -> SafeString:
    """`within`: what is added to the address of its page, for that to know the list."""
    is_plain = card is None or not (card.said or card.alike)
    edition = (job.pk, job.changed_at) if is_plain and job.is_ended else None
    return _draw(context, "generations/_card.html", edition, within, job=job, card=card)


@register.simple_tag(takes_context=True)
def team_card(context: Context, job: Job, within: str = "") -> SafeString:
    edition = (job.pk, job.changed_at, job.team_id, job.owner.display_name) if job.is_ended else None
    return _draw(context, "generations/_team_card.html", edition, within, job=job)


@register.filter
def within(search: Search, begins: str) -> str:
    """The list that it is, after this beginning, ready for HTML; "" for the list of all."""
    return SafeString(begins + quote(search.kept, safe="")) if search.kept else ""


def _draw(context: Context, name: str, edition: Edition | None, within: str, **parts: object) -> SafeString:
    """The edition: all that its look hangs on. None: it changes with time, or is rare."""
    token, drawn = str(context["csrf_token"]), get_template(name)
    if edition is None:
        return SafeString(drawn.render({**parts, "csrf_token": token, "within": within}))
    kept = shelf.get((name, *edition))
    if kept is None:
        kept = (drawn.render({**parts, "csrf_token": TOKEN_PLACE, "within": WITHIN_PLACE}),)
        shelf.put((name, *edition), kept)
    return SafeString(kept[0].replace(TOKEN_PLACE, token).replace(WITHIN_PLACE, within))

"""Cards of jobs in a list. One of a job that has ended is drawn once, with places for what is each page's own."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from django import template
from django.template import Context
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString

from generations import drawn, faces
from generations.models import Job
from generations.search import Search
from generations.search.cards import Card

register = template.Library()

# Nobody can know them: a prompt that named one would be given the token.
TOKEN_PLACE, WITHIN_PLACE, SAID_PLACE, ALIKE_PLACE = (secrets.token_urlsafe(24) for _ in range(4))
NOTHING = SafeString()


@register.simple_tag(takes_context=True)
def own_card(context: Context, job: Job, within: str = "", card: Card | None = None) -> SafeString:
    """`within`: what is added to the address of its page, for that to know the list."""
    alike = _alike(job, card.alike) if card and card.alike else NOTHING
    said = card.said if card else NOTHING
    return _draw(context, drawn.OWN, drawn.own_edition(job), job, within=within, said=said, alike=alike)


@register.simple_tag(takes_context=True)
def team_card(context: Context, job: Job, within: str = "") -> SafeString:
    return _draw(context, drawn.TEAM, drawn.team_edition(job), job, within=within)


@register.filter
def within(search: Search, begins: str) -> str:
    """The list that it is, after this beginning, ready for HTML; "" for the list of all."""
    return SafeString(begins + quote(search.kept, safe="")) if search.kept else ""


def _alike(job: Job, count: int) -> SafeString:
    return SafeString(get_template("generations/_card_alike.html").render({"job": job, "count": count}))


def _draw(
    context: Context,
    name: str,
    edition: str,
    job: Job,
    *,
    within: str,
    said: SafeString = NOTHING,
    alike: SafeString = NOTHING,
) -> SafeString:
    """Of no edition: it changes with time. `said`: instead of the prompt."""
    token = str(context["csrf_token"])
    if not edition:
        own = {"csrf_token": token, "within": within, "said": said, "alike": alike}
        return SafeString(get_template(name).render({"job": job, **own}))
    kept = drawn.get(name, job, edition)
    if kept is None:
        places = {"csrf_token": TOKEN_PLACE, "within": WITHIN_PLACE, "said": SAID_PLACE, "alike": ALIKE_PLACE}
        kept = get_template(name).render({"job": job, **places}), escape(faces.shortened(job.prompt))
        drawn.keep(name, job, edition, *kept)
    html, prompt = kept
    filled = html.replace(TOKEN_PLACE, token).replace(WITHIN_PLACE, within).replace(ALIKE_PLACE, alike)
    return SafeString(filled.replace(SAID_PLACE, said or prompt))

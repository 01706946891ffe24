"""Help with a prompt in Create: a language model suggests a better one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.models import User
from generations import batch
from generations.catalogue import listings
from generations.chats import improving, offers, prices
from generations.chats.offers import ChatOffer, ChatSource
from generations.forms import PROMPT_MAX
from generations.money import lent_words
from generations.views.access import person, signed_in
from studio.middleware import HtmxRequest

LAST = "improver"  # in `User.last_settings`: the model that was asked last
ONE_AT_A_TIME = "One prompt is improved at a time. Leave one line, or take “Every line is a prompt” out."


@signed_in
@require_POST
def improve_panel(request: HtmxRequest) -> HttpResponse:
    """Whom to ask (`improver`), and what that costs. Nobody is asked."""
    sources = offers.sources(person(request))
    offer = _chosen(request, sources)
    return _panel(request, sources, offer, trouble=_uncountable(request, offer))


@signed_in
@require_POST
def improve(request: HtmxRequest) -> HttpResponse:
    """Asks that model for a better prompt. The prompt stays as it is."""
    user, sources = person(request), offers.sources(person(request))
    offer, prompt = _chosen(request, sources), request.POST.get("prompt", "").strip()
    if trouble := _trouble(request, offer, prompt):
        return _panel(request, sources, offer, trouble=trouble)
    assert offer is not None
    _remember(user, offer)
    try:
        suggestion = improving.suggest(user, offer, prompt, kind=_kind(request), most=PROMPT_MAX)
    except improving.NoSuggestion as reason:
        return _panel(request, sources, offer, trouble=str(reason))
    return _panel(request, sources, offer, suggestion=suggestion)


def _panel(request: HtmxRequest, sources: list[ChatSource], offer: ChatOffer | None, **more: Any) -> HttpResponse:
    held = prices.of(person(request), [offer]) if offer else {}
    lacks_price = offer is not None and not offer.is_free and held[offer.id] is None
    context = {"sources": sources, "offer": offer, "prices": held, "lacks_price": lacks_price, **more}
    return render(request, "generations/_improve.html", context)


def _trouble(request: HtmxRequest, offer: ChatOffer | None, prompt: str) -> str:
    if offer is None:
        return "This model is not there any more. Choose another."
    if not prompt:
        return "Write a prompt first."
    if len(prompt) > PROMPT_MAX:
        return f"A prompt may have at most {PROMPT_MAX:,} characters; this one has {len(prompt):,}."
    if request.POST.get("batch") == "lines" and len(batch.lines(prompt)) > 1:
        return ONE_AT_A_TIME
    return _uncountable(request, offer)


def _uncountable(request: HtmxRequest, offer: ChatOffer | None) -> str:
    return lent_words.uncountable(person(request).pk, offer.key) if offer else ""


def _chosen(request: HtmxRequest, sources: list[ChatSource]) -> ChatOffer | None:
    """The one that the form names, else the one that was asked last, else the usual one."""
    if named := request.POST.get("improver", ""):
        return offers.find(sources, named)
    last = person(request).last_settings.get(LAST, "")
    return offers.find(sources, last) or offers.default(sources, person(request))


def _remember(user: User, offer: ChatOffer) -> None:
    if user.last_settings.get(LAST) != offer.id:
        user.last_settings = {**user.last_settings, LAST: offer.id}
        user.save(update_fields=["last_settings"])


def _kind(request: HtmxRequest) -> str:
    """What the first of the chosen models makes."""
    found = listings.find(listings.sources(person(request)), request.POST.get("model", ""))
    return found.model.kind if found else "image"

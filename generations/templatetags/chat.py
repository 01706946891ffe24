"""What a conversation's page is made of, for its templates."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import uuid4

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from generations.chats import offers, prices, rendered
from generations.chats.offers import ChatOffer, ChatSource
from generations.chats.prices import Total
from generations.chats.tree import Turn
from generations.models import Conversation, Message, ReplyState
from studio.lib import words
from studio.lib.money import money
from studio.providers.registry import DIALECTS

register = template.Library()

register.filter("offer_id", offers.id_of)
register.filter("is_free", prices.is_free)

KEY_TROUBLE = {
    "invalid_key": "Replace the key",
    "forbidden": "Check the key",
    "insufficient_credits": "See the key",
}
DRAWN = "generations/chat/_message.html"
# Where each page has what is its own. Nobody can know them: a message that named one would be given the token.
TOKEN_PLACE, CLICK_PLACE = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
QUICKEST = 0.05  # seconds: over less, tokens a second mean nothing


@dataclass(frozen=True, slots=True)
class Step:
    """What mends a refusal, besides trying again."""

    label: str
    url: str


@register.simple_tag
def message_blocks(message: Message) -> list[SafeString]:
    """Its text as HTML, block by block; of one under way, what is written down of it."""
    return [mark_safe(html) for html in rendered.blocks(message)]  # noqa: S308  sanitised there


@register.simple_tag
def reasoning_of(message: Message) -> str:
    """As far as it is written down."""
    return message.written()[1]


@register.simple_tag(takes_context=True)
def new_click(context: Context) -> str:
    """For a form: sent twice, it counts once."""
    return str(context.get("click_place") or uuid4())


@register.simple_tag(takes_context=True)
def draw(context: Context, turn: Turn, message: Message) -> SafeString:
    """The message as it stands in its turn. One that is finished is drawn once, with places for what is ever new."""
    parts = {"turn": turn, "message": message, "conversation": message.conversation}
    if message.is_under_way or message.inputs:
        return render_to_string(DRAWN, {**parts, "csrf_token": context["csrf_token"]})
    edition = _edition(turn, message)
    kept = rendered.drawn.get(edition)
    if kept is None:
        kept = (render_to_string(DRAWN, {**parts, "csrf_token": TOKEN_PLACE, "click_place": CLICK_PLACE}),)
        rendered.drawn.put(edition, kept)
    html = kept[0].replace(TOKEN_PLACE, str(context["csrf_token"])).replace(CLICK_PLACE, str(uuid4()))
    return mark_safe(html)  # noqa: S308  a template's


def _edition(turn: Turn, message: Message) -> tuple[object, ...]:
    """All that its page shows of it hangs on."""
    its_own = (message.pk, message.state, message.finished_at, len(message.text), asked_of(message))
    around = (turn.message.pk == message.pk, len(turn.beside), turn.branches, turn.place)
    return (*its_own, *around, timezone.get_current_timezone_name())


@register.simple_tag
def total_of(conversation: Conversation) -> Total:
    return prices.conversation_total(conversation)


@register.filter
def asked_of(message: Message) -> str:
    """Who was asked, by its name for people: a server of one's own has the name of its key."""
    if message.provider not in DIALECTS:
        return message.provider
    dialect = DIALECTS[message.provider]
    return message.key.label if message.key and dialect.has_address else dialect.label


@register.filter
def seconds_taken(message: Message) -> str:
    """From the question to the end."""
    if message.started_at is None or message.finished_at is None:
        return ""
    return words.duration((message.finished_at - message.started_at).total_seconds())


@register.filter
def thought_for(message: Message) -> str:
    return "" if message.reasoning_seconds is None else words.duration(message.reasoning_seconds)


@register.filter
def speed(message: Message) -> str:
    """Tokens a second, from the first to the end; empty where nobody counted."""
    if message.completion_tokens is None or message.first_token_at is None or message.finished_at is None:
        return ""
    taken = (message.finished_at - message.first_token_at).total_seconds()
    if taken < QUICKEST or message.completion_tokens < 2:
        return ""
    rate = message.completion_tokens / taken
    return f"{rate:.1f}" if rate < 10 else f"{rate:,.0f}"


@register.filter
def next_step(message: Message) -> Step | None:
    if message.error_kind not in KEY_TROUBLE:
        return None
    if message.key is not None and message.key.owner_id != message.conversation.owner_id:
        return None  # it is for its owner to mend
    place = f"#key-{message.key_id}" if message.key_id else ""
    return Step(KEY_TROUBLE[message.error_kind], reverse("keys") + place)


@register.filter
def is_cut(message: Message) -> bool:
    """Can it be gone on with? It has text, and ended before its time."""
    cut = message.state in (ReplyState.INTERRUPTED, ReplyState.STOPPED)
    return bool(message.text) and (cut or message.finish == "length")


@register.simple_tag(takes_context=True)
def price_for(context: Context, offer: ChatOffer) -> str:
    """What a million tokens cost, in words."""
    if offer.is_free:
        return "free"
    price = (context.get("prices") or {}).get(offer.id)
    if price is None:
        return "no price set"
    return f"{money(price.input, price.unit)} in, {money(price.output, price.unit)} out a million tokens"


@register.simple_tag(takes_context=True)
def starred(context: Context, sources: list[ChatSource]) -> dict[str, tuple[ChatSource, ChatOffer]]:
    """The favourites among the models, by the offers' ids."""
    return {offer.id: (source, offer) for source, offer in offers.starred(sources, context["request"].user)}


@register.filter
def star_name(offer: ChatOffer) -> str:
    """As the star sends it."""
    return "/".join(offer.name)


SAMPLES = (
    ("Explain it simply", "Explain how a camera's aperture changes a picture, as you would to a friend."),
    ("Write for me", "Write a short, friendly mail that asks a supplier for last month's invoice."),
    (
        "Think of names",
        "Think of ten names for a small studio that makes posters. One line each, with its idea.",
    ),
    ("Describe a picture", "Describe a rainy street at night as a prompt for a picture: light, lens, mood, colours."),
)

SHEETS = ("fields", "chat-list", "prose", "chat", "chat-say", "chat-attach")
SCRIPTS = (
    "fields",
    "media",
    "chat-list",
    "chat-scroll",
    "chat-stream",
    "chat-speech",
    "chat-models",
    "chat-composer",
    "chat-attach",
    "chat-make",
    "chat",
)


@register.simple_tag
def samples() -> tuple[tuple[str, str], ...]:
    """What one may ask first: a name, and the words."""
    return SAMPLES


@register.simple_tag
def chat_sheets() -> list[str]:
    return [f"css/{name}.css" for name in SHEETS]


@register.simple_tag
def chat_scripts() -> list[str]:
    """In the order in which they are run."""
    return [f"js/{name}.js" for name in SCRIPTS]

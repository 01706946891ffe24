"""What a person keeps to begin conversations with: a system prompt, a model and its parameters, by name."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from generations.chats.offers import ChatOffer
from generations.models import ChatPreset, Conversation

NAME_MAX = 80
MOST = 200  # of a person


class Unfit(ValueError):
    """What cannot be kept; the message says why, for people."""


def of(owner: User) -> QuerySet[ChatPreset]:
    return ChatPreset.objects.filter(owner=owner)


def save(
    preset: ChatPreset, *, name: str, system: str, settings: dict[str, Any], offer: ChatOffer | None = None
) -> ChatPreset:
    """`offer`: None for whichever model is chosen. Raises Unfit."""
    preset.name = " ".join(name.replace("\0", "").split())[:NAME_MAX].strip()
    if not preset.name:
        raise Unfit("A preset needs a name.")
    if of(preset.owner).exclude(pk=preset.pk).filter(name__iexact=preset.name).exists():
        raise Unfit(f"There is a preset “{preset.name}” already.")
    if preset.pk is None and of(preset.owner).count() >= MOST:
        raise Unfit(f"{MOST} presets are the most.")
    preset.provider, preset.key, preset.model = ("", None, "")
    if offer:
        preset.provider, preset.key, preset.model = offer.provider.name, offer.key, offer.model.id
    preset.system, preset.settings = system, settings
    preset.save()
    return preset


def from_conversation(conversation: Conversation) -> ChatPreset:
    """One that would begin such a conversation; not saved."""
    return ChatPreset(
        owner=conversation.owner,
        name=conversation.title[:NAME_MAX],
        system=conversation.system,
        provider=conversation.provider,
        key=conversation.key,
        model=conversation.model,
        settings=conversation.settings,
    )


def begun(owner: User, preset: str) -> Conversation | None:
    """The conversation that the person's preset of that number would begin; not saved. None where there is none."""
    if not (preset.isascii() and preset.isdigit() and len(preset) < 16):
        return None
    found = of(owner).filter(pk=int(preset)).select_related("key").first()
    return conversation(found) if found else None


def conversation(preset: ChatPreset) -> Conversation:
    """The one that it would begin; not saved."""
    return Conversation(
        owner=preset.owner,
        system=preset.system,
        provider=preset.provider,
        key=preset.key,
        model=preset.model,
        settings=preset.settings,
    )

"""Pictures in a conversation: what may be attached, how it is shown, and how a model is given it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from accounts.models import User
from generations import inputs
from generations.chats.offers import ChatOffer
from generations.inputs import Input, Unfit
from generations.models import Message
from studio.lib import images
from studio.providers.chat import ChatMessage, ChatSpec

MOST = 8  # of one message
SIDE = 2048  # pixels of the longer side, as a model is given it
LARGEST = 1_500_000  # bytes of one before it is encoded anew
TOGETHER = 20_000_000  # characters of all pictures of one request
GONE = "A picture was attached here, but it is not there any more."
UNREADABLE = "A picture was attached here, but it cannot be read."
LEFT_OUT = "A picture was attached here. It is left out: later ones are as many as fit into one request."
UNSEEN = "A picture was attached here, which you cannot see."


# -- What may be attached ---------------------------------------------------------------------------------------------
def attached(user: User, references: Iterable[str], offers: Iterable[ChatOffer]) -> list[str]:
    """As `checked`, and refused where one of these models is known to take no pictures."""
    found = checked(user, references)
    if found and (why := trouble(offers)):
        raise Unfit(why)
    return found


def checked(user: User, references: Iterable[str]) -> list[str]:
    """The references as they are stored, each once. Raises Unfit."""
    wanted = list(dict.fromkeys(filter(None, (reference.strip() for reference in references))))
    if len(wanted) > MOST:
        raise Unfit(f"A message may have at most {MOST} pictures; this one has {len(wanted)}.")
    if any(map(inputs.is_link, wanted)):
        raise Unfit("A link cannot be attached. Save the picture and upload it.")
    return [inputs.check(user, reference, ("image",)) for reference in wanted]


def trouble(offers: Iterable[ChatOffer]) -> str:
    """Why pictures cannot be sent to these models, in words for people; "" where they can, or where nobody knows."""
    blind = [offer.model.name for offer in offers if offer.model.sees is False]
    if not blind:
        return ""
    if len(blind) == 1:
        return f"{blind[0]} does not take pictures. Choose a model that does, or remove them."
    names = f"{', '.join(blind[:-1])} and {blind[-1]}"
    return f"{names} do not take pictures. Choose models that do, or remove them."


def doubt(offers: Iterable[ChatOffer]) -> str:
    """Which of these models may not take pictures, for nobody has said."""
    unknown = [offer.model.name for offer in offers if offer.model.sees is None]
    if not unknown:
        return ""
    return f"Whether {' and '.join(unknown)} {'takes' if len(unknown) == 1 else 'take'} pictures is not known."


def shown(message: Message) -> list[Input]:
    """What is attached, as its owner sees it. What is not there any more has no address."""
    owner = message.conversation.owner
    return [inputs.find(owner, one) or Input(one, "", "Not there any more") for one in message.inputs]


# -- What a model is given -------------------------------------------------------------------------------------------
def files(owner: User, spec: ChatSpec) -> dict[str, str]:
    """Of the references among its pictures, the files of what is still there and is the owner's."""
    named = dict.fromkeys(reference for message in spec.messages for reference in message.pictures)
    found = {reference: inputs.stored(owner, reference) for reference in named}
    return {reference: media.file for reference, media in found.items() if media and media.kind == "image"}


def filled(spec: ChatSpec, found: Mapping[str, str]) -> ChatSpec:
    """With `data:` URIs for the references among its pictures; what cannot be given is said in the text instead.

    The newest come first, as far as they fit into one request. It decodes pictures: not for an event loop.
    """
    left = TOGETHER
    messages: list[ChatMessage] = []
    for message in reversed(spec.messages):
        if message.pictures:
            message = _filled(message, found, left)
            left -= sum(map(len, message.pictures))
        messages.append(message)
    return replace(spec, messages=tuple(reversed(messages)))


def unseen(spec: ChatSpec) -> ChatSpec:
    """For a model that takes no pictures: it is told that there are some."""
    return replace(spec, messages=tuple(_said(one, [UNSEEN] * len(one.pictures), ()) for one in spec.messages))


def _filled(message: ChatMessage, found: Mapping[str, str], left: int) -> ChatMessage:
    given: list[str] = []
    notes: list[str] = []
    for reference in message.pictures:
        try:
            picture = _picture(found[reference])
        except (KeyError, FileNotFoundError):
            notes.append(GONE)
        except (images.NotAnImage, OSError):
            notes.append(UNREADABLE)
        else:
            if len(picture) > left:
                notes.append(LEFT_OUT)
                continue
            left -= len(picture)
            given.append(picture)
    return _said(message, notes, given)


def _said(message: ChatMessage, notes: Sequence[str], given: Sequence[str]) -> ChatMessage:
    text = "\n\n".join(filter(None, [message.text, *(f"[{note}]" for note in notes)]))
    return replace(message, text=text, pictures=tuple(given))


@lru_cache(maxsize=16)
def _picture(name: str) -> str:
    """A stored file never changes; a conversation about a picture asks for it with each reply."""
    return images.embedded(Path(settings.MEDIA_ROOT, name), side=SIDE, largest=LARGEST)

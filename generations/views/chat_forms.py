"""What the forms of a conversation hold, read with care."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime

from generations import inputs
from generations.chats import offers, pictures, posting, tree
from generations.chats.offers import ChatOffer, ChatSource
from generations.forms.settings import OptionsForm
from generations.models import Conversation, Message
from generations.views.access import person

SYSTEM_MAX = 40_000  # characters
STALE = "This form is too old. Reload the page; what you wrote is kept."


class Unfit(ValueError):
    """What cannot be sent; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    asked: list[ChatOffer]
    click: UUID
    inputs: list[str]


def said(request: HttpRequest) -> Said:
    """A message and whom it asks. Raises Unfit."""
    text = written(request, "text").strip()
    if not text:
        raise Unfit("Write something first.")
    if len(text) > posting.LONGEST:
        raise Unfit(f"A message may have at most {posting.LONGEST:,} characters; this one has {len(text):,}.")
    asked = chosen(request, offers.sources(person(request)))
    return Said(text, asked, click(request), attached(request, asked))


def attached(request: HttpRequest, asked: list[ChatOffer]) -> list[str]:
    """The pictures of a message to these models. Raises Unfit."""
    try:
        return pictures.attached(person(request), request.POST.getlist("input"), asked)
    except inputs.Unfit as error:
        raise Unfit(str(error)) from None


def written(request: HttpRequest, name: str) -> str:
    """A text as it was typed, with plain line ends."""
    return request.POST.get(name, "").replace("\r\n", "\n").replace("\0", "")


def click(request: HttpRequest) -> UUID:
    """By which the same form, sent twice, is known. Raises Unfit."""
    try:
        return UUID(request.POST.get("click", ""))
    except ValueError:
        raise Unfit(STALE) from None


def seen(request: HttpRequest) -> datetime | None:
    """When the reply had ended that the form is about; None where it does not say. Raises Unfit."""
    try:
        moment = parse_datetime(request.POST.get("ended", ""))
    except ValueError:
        raise Unfit(STALE) from None
    if moment and not moment.tzinfo:
        raise Unfit(STALE)
    return moment


def chosen(request: HttpRequest, sources: list[ChatSource]) -> list[ChatOffer]:
    """The models that a form names, each once. Raises Unfit where one of them is not there."""
    wanted = named(request.POST)
    if not wanted:
        raise Unfit("Choose a model first.")
    if len(wanted) > posting.MOST_AT_ONCE:
        raise Unfit(f"At most {posting.MOST_AT_ONCE} models can be asked at once; these are {len(wanted)}.")
    return offered(wanted, sources)


def offered(names: list[str], sources: list[ChatSource]) -> list[ChatOffer]:
    """The models of these ids. Raises Unfit where one of them is not there."""
    found = [offers.find(sources, name) for name in names]
    if None in found:
        raise Unfit("This model is not there any more. Choose another.")
    return [offer for offer in found if offer]


def named(data: QueryDict) -> list[str]:
    """The models that a form or an address names, each once; also by their ids, where a server does not name them.

    The name of such a field says which server: "typed:openai/5".
    """
    fields = {name: str(data[name]).strip() for name in data if name.startswith("typed:")}
    typed = [f"{name.removeprefix('typed:')}/{text}" for name, text in fields.items() if text]
    return list(dict.fromkeys([*data.getlist("model"), *typed]))


def parent(request: HttpRequest, conversation: Conversation) -> Message | None:
    """What a message answers: the last one that its page showed, else the last one there is. Raises Unfit."""
    if not (named := request.POST.get("parent", "")):
        return conversation.current
    try:
        found = conversation.messages.filter(pk=UUID(named), deleted_at__isnull=True).first()
    except ValueError:
        found = None
    if found is None:
        raise Unfit("What you answer was deleted. What you wrote is kept; send it again to go on from here.")
    return found


def options(sources: list[ChatSource]) -> list[Any]:
    """All that a person may set, of every provider that they can ask; a provider is sent what it knows."""
    found = {option.name: option for source in sources for option in source.provider.options}
    return list(found.values())


def settings_form(sources: list[ChatSource], conversation: Conversation | None, data: Any = None) -> OptionsForm:
    return OptionsForm(options(sources), data, prefix="o", initial=conversation.settings if conversation else {})


def settings(request: HttpRequest, sources: list[ChatSource]) -> dict[str, Any]:
    """Raises Unfit, with the first thing that is wrong."""
    form = settings_form(sources, None, request.POST)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Unfit(f"{form.fields[name].label}: {errors[0]}")
    return form.settings()


def system(request: HttpRequest) -> str:
    """The system prompt. Raises Unfit."""
    text = written(request, "system").strip()
    if len(text) > SYSTEM_MAX:
        raise Unfit(f"A system prompt may have at most {SYSTEM_MAX:,} characters; this one has {len(text):,}.")
    return text


def turn_to(request: HttpRequest, conversation: Conversation) -> None:
    """Shows the branch of the message that a link names, without making it the conversation's own."""
    try:
        named = conversation.messages.filter(pk=UUID(request.GET.get("message", "")), deleted_at__isnull=True).first()
    except ValueError:
        return
    if named and all(named not in (turn.message, *turn.beside) for turn in tree.path(conversation)):
        conversation.current = tree.leaf(named)

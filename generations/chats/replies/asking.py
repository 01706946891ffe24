"""What a provider is sent for a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from accounts import keys
from accounts.models import ProviderKey
from accounts.offered import is_offered
from generations.chats import offers, pictures, tree
from generations.models import Message, ReplyState, Role
from studio.providers.base import ProviderError
from studio.providers.chat import ChatMessage, ChatSpec
from studio.providers.chat import Role as ChatRole
from studio.providers.registry import dialect

PICTURE = 4500  # characters; providers count up to some 1,500 tokens for one


@dataclass(frozen=True, slots=True)
class Question:
    """A claimed reply, and all that is needed to ask for it. `text` and `reasoning` are what it has already.

    The pictures in `spec` are references; `files` has those that can be sent. `refusal`: why nothing is sent at all.
    """

    reply: Message
    key: ProviderKey | None
    spec: ChatSpec
    text: str = ""
    reasoning: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    refusal: ProviderError | None = None


def claim(reply_id: UUID, writer: str) -> Question | None:
    """Takes the reply over, so that nobody else asks for it; None where somebody has, or it was stopped.

    That is its last step: whatever fails before it can be tried again.
    """
    rows = Message.objects.select_related("conversation__owner", "key")
    reply = rows.filter(pk=reply_id, state=ReplyState.PENDING, deleted_at__isnull=True).first()
    if reply is None or reply.conversation.deleted_at is not None:
        return None
    question = _question(reply)
    return question if reply.begin(writer) else None


def _question(reply: Message) -> Question:
    asked = spec(reply)
    question = Question(reply, reply.key, asked, reply.text, reply.reasoning, refusal=_refusal(reply))
    if question.refusal or not _has_pictures(asked):
        return question
    if _is_blind(reply):
        return replace(question, spec=pictures.unseen(asked))
    return replace(question, files=pictures.files(reply.conversation.owner, asked))


def _refusal(reply: Message) -> ProviderError | None:
    """Why Studio itself does not send it."""
    if not is_offered(reply.provider):
        said = "The operator of this Studio does not offer this provider any more. Choose another model."
        return ProviderError("forbidden", said, sent=False)
    if reply.key is not None and not reply.key.is_enabled:
        return ProviderError("forbidden", "The key for this model is off. Switch it on under Keys.", sent=False)
    if reply.key is not None and not keys.may_use(reply.conversation.owner_id, reply.key):
        said = "The team may not use the key for this model any more, or you are not in the team. Choose another model."
        return ProviderError("forbidden", said, sent=False)
    if reply.key is None and dialect(reply.provider).needs_key:
        return ProviderError("invalid_key", "The key for this model is gone. Choose another model.", sent=False)
    return None


async def complete(question: Question) -> ChatSpec:
    """What is sent, with its pictures."""
    if not _has_pictures(question.spec):
        return question.spec
    return await asyncio.to_thread(pictures.filled, question.spec, question.files)


def spec(reply: Message) -> ChatSpec:
    system = reply.conversation.system.strip()
    messages = [ChatMessage("system", system)] if system else []
    messages += [_message(message) for message in tree.ancestors(reply)]
    if reply.text:
        messages.append(ChatMessage("assistant", reply.text))
    return ChatSpec(reply.model, tuple(messages), reply.settings, continues=bool(reply.text))


def weight(asked: ChatSpec) -> int:
    """How many characters a provider reads, and never 0; a picture is as many as it may count for."""
    return 1 + sum(len(message.text) + PICTURE * len(message.pictures) for message in asked.messages)


def _message(message: Message) -> ChatMessage:
    role: ChatRole = "assistant" if message.role == Role.ASSISTANT else "user"
    return ChatMessage(role, message.text, tuple(message.inputs))


def _has_pictures(asked: ChatSpec) -> bool:
    return any(message.pictures for message in asked.messages)


def _is_blind(reply: Message) -> bool:
    """Its provider says that the model takes no pictures."""
    name = f"{reply.provider}/{reply.key_id or 0}/{reply.model}"
    offer = offers.find(offers.sources(reply.conversation.owner), name)
    return offer is not None and offer.model.sees is False

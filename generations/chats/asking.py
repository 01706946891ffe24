"""What a provider is sent for a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import ProviderKey
from generations.chats import offers, pictures, tree
from generations.models import Message, Role
from studio.providers.chat import ChatMessage, ChatSpec
from studio.providers.chat import Role as ChatRole


@dataclass(frozen=True, slots=True)
class Question:
    """A claimed reply, and all that is needed to ask for it. `text` and `reasoning` are what it has already.

    The pictures in `spec` are references; `files` has those that can be sent.
    """

    reply: Message
    key: ProviderKey | None
    spec: ChatSpec
    text: str = ""
    reasoning: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


def claim(reply_id: UUID, writer: str) -> Question | None:
    """Takes the reply over, so that nobody else asks for it; None where somebody has, or it was stopped."""
    reply = Message.objects.select_related("conversation", "key").filter(pk=reply_id, deleted_at__isnull=True).first()
    if reply is None or not reply.begin(writer):
        return None
    asked = spec(reply)
    if not _has_pictures(asked):
        return Question(reply, reply.key, asked, reply.text, reply.reasoning)
    if _is_blind(reply):
        return Question(reply, reply.key, pictures.unseen(asked), reply.text, reply.reasoning)
    files = pictures.files(reply.conversation.owner, asked)
    return Question(reply, reply.key, asked, reply.text, reply.reasoning, files)


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

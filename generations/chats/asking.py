"""What a provider is sent for a reply."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.models import ProviderKey
from generations.chats import tree
from generations.models import Message, Role
from studio.providers.chat import ChatMessage, ChatSpec


@dataclass(frozen=True, slots=True)
class Question:
    """A claimed reply, and all that is needed to ask for it. `text` and `reasoning` are what it has already."""

    reply: Message
    key: ProviderKey | None
    spec: ChatSpec
    text: str = ""
    reasoning: str = ""


def claim(reply_id: UUID, writer: str) -> Question | None:
    """Takes the reply over, so that nobody else asks for it; None where somebody has, or it was stopped."""
    reply = Message.objects.select_related("conversation", "key").filter(pk=reply_id, deleted_at__isnull=True).first()
    if reply is None or not reply.begin(writer):
        return None
    return Question(reply, reply.key, spec(reply), reply.text, reply.reasoning)


def spec(reply: Message) -> ChatSpec:
    system = reply.conversation.system.strip()
    messages = [ChatMessage("system", system)] if system else []
    messages += [_message(message) for message in tree.ancestors(reply)]
    if reply.text:
        messages.append(ChatMessage("assistant", reply.text))
    return ChatSpec(reply.model, tuple(messages), reply.settings, continues=bool(reply.text))


def _message(message: Message) -> ChatMessage:
    return ChatMessage("assistant" if message.role == Role.ASSISTANT else "user", message.text)

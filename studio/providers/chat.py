"""The terms of chat: models that answer, what they are sent, and what comes back piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from studio.providers.base import Json

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A language model as a person chooses it.

    `sees`: it takes pictures; None where the provider does not say. `context`: tokens it can read at once, where known.
    """

    id: str
    name: str
    maker: str = ""
    description: str = ""
    sees: bool | None = None
    context: int | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation. `pictures` are addresses that the provider can open, or data: URIs."""

    role: Role
    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatSpec:
    """What to answer, the oldest message first. `settings` hold the values of `ChatDialect.options` by name.

    `continues`: the last message is the model's own and is to be gone on with.
    """

    model: str
    messages: tuple[ChatMessage, ...]
    settings: Mapping[str, Json] = field(default_factory=dict)
    stream: bool = True
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counts them; None where it does not say."""

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None  # of the completion
    cached: int | None = None  # of the prompt


@dataclass(slots=True)
class Delta:
    """What one piece of a stream adds.

    `whole_reasoning` is all of it at once, where a provider tells it only at the end. `finish` is the provider's own
    word for why it ended ("stop", "length", …).
    """

    text: str = ""
    reasoning: str = ""
    whole_reasoning: str = ""
    usage: Usage | None = None
    finish: str = ""
    model: str = ""

    def add(self, other: Delta) -> None:
        """What comes after it."""
        self.text += other.text
        self.reasoning += other.reasoning
        self.whole_reasoning = other.whole_reasoning or self.whole_reasoning
        self.usage = other.usage or self.usage
        self.finish = other.finish or self.finish
        self.model = other.model or self.model

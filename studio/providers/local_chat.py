"""The built-in chat model, as the rest of Studio sees it: an OpenAI-compatible server that happens to run beside it.

The operator may name another such server instead (`STUDIO_CHAT_URL`): its models are shown as it names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from studio.providers.base import Json, Option
from studio.providers.chat import ChatModel
from studio.providers.openai import MAX_TOKENS, TEMPERATURE, TOP_P, OpenAI

SMOLLM2 = ChatModel(
    "smollm2-135m",
    "SmolLM2 135M",
    maker="Hugging Face",
    description="Small: quick and private, runs on this machine, often wrong.",
    sees=False,
    context=4096,
)


class LocalChat(OpenAI):
    name: ClassVar[str] = "local-chat"
    label: ClassVar[str] = "Built-in model"
    key_help: ClassVar[str] = "Part of Studio: it needs no key and costs nothing."
    absent: ClassVar[str] = (
        "The built-in model is not running here. “make run” installs it where there is a build for the machine. Any "
        "key works as well: a provider's, or that of an OpenAI-compatible server such as Ollama."
    )
    needs_key: ClassVar[bool] = False
    has_address: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = (
        replace(TEMPERATURE, help="0.3 where it is left open."),
        replace(TOP_P, help="0.9 where it is left open."),
        replace(MAX_TOKENS, help="1,024 where it is left open."),
    )

    chat_path: ClassVar[str] = "/v1/chat/completions"
    models_path: ClassVar[str] = "/v1/models"

    def parse_models(self, payloads: Mapping[str, Json]) -> Sequence[ChatModel]:
        return tuple(SMOLLM2 if model.id == SMOLLM2.id else model for model in super().parse_models(payloads))

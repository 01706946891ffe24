"""The built-in chat model, as the rest of Studio sees it: an OpenAI-compatible server that happens to run beside it."""

from __future__ import annotations

from typing import ClassVar

from studio.providers.base import Option
from studio.providers.openai import MAX_TOKENS, TEMPERATURE, TOP_P, OpenAI


class LocalChat(OpenAI):
    name: ClassVar[str] = "local-chat"
    label: ClassVar[str] = "Built-in model"
    key_help: ClassVar[str] = "Part of Studio: it needs no key and costs nothing."
    needs_key: ClassVar[bool] = False
    has_address: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = (TEMPERATURE, TOP_P, MAX_TOKENS)

    chat_path: ClassVar[str] = "/v1/chat/completions"
    models_path: ClassVar[str] = "/v1/models"

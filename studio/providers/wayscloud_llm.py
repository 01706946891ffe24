"""The WAYSCloud LLM API: the OpenAI dialect, with a region and an agent's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from studio.providers.base import Choice, Option
from studio.providers.openai import MAX_TOKENS, TEMPERATURE, TOOLS, TOP_P, OpenAI

REGION = Option("region", "choice", "Region", choices=(Choice("oslo", "Oslo"),), advanced=True)
AGENT_ID = Option("agent_id", "text", "Agent", help="A name for its logs.", max=200, advanced=True)


class WaysCloudLlm(OpenAI):
    name: ClassVar[str] = "wayscloud-llm"
    label: ClassVar[str] = "WAYSCloud LLM"
    key_prefix: ClassVar[str] = "wayscloud_llm_"
    key_help: ClassVar[str] = "From your WAYSCloud account: a key for the LLM service."
    has_address: ClassVar[bool] = False
    needs_secret: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = (TEMPERATURE, TOP_P, MAX_TOKENS, REGION, AGENT_ID, TOOLS)

    chat_path: ClassVar[str] = "/v1/chat/completions"
    models_path: ClassVar[str] = "/v1/llm/models"
    other_paths: ClassVar[Mapping[str, str]] = {"/v1/llm/models": "/v1/models"}

    def headers(self, secret: str) -> dict[str, str]:
        return {"X-API-Key": secret}

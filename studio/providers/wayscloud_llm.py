"""The WAYSCloud LLM API: the OpenAI dialect, with a region and an agent's name (source: its public API reference).

Two addresses list its models and three answer messages, all alike; one of each is used, and the other list where the
first is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from studio.providers import reading
from studio.providers.base import Choice, Json, Option
from studio.providers.chat import ChatModel
from studio.providers.openai import MAX_TOKENS, TEMPERATURE, TOOL_CHOICE, TOOLS, TOP_P, OpenAI

REGION = Option("region", "choice", "Region", choices=(Choice("oslo", "Oslo"),), advanced=True)
AGENT_ID = Option("agent_id", "text", "Agent", help="A name for its logs.", max=200, advanced=True)

# What the reference says of its models. Which of them there are, a key's own list says.
KNOWN = {
    "mixtral-8x7b": "Fast, multilingual (good for Norwegian)",
    "qwen3-80b-instruct": "Balanced performance",
    "qwen3-80b-thinking": "Reasoning capabilities",
    "deepseek-v3": "High quality, coding",
    "deepseek-r1": "Advanced reasoning",
    "llama-3.1-405b": "Largest model",
}


class WaysCloudLlm(OpenAI):
    name: ClassVar[str] = "wayscloud-llm"
    label: ClassVar[str] = "WAYSCloud LLM"
    key_prefix: ClassVar[str] = "wayscloud_llm_"
    key_help: ClassVar[str] = (
        "Made in the WAYSCloud console for the service LLM. Keys of other WAYSCloud services do not work here."
    )
    has_address: ClassVar[bool] = False
    needs_secret: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = (TEMPERATURE, TOP_P, MAX_TOKENS, REGION, AGENT_ID, TOOLS, TOOL_CHOICE)

    chat_path: ClassVar[str] = "/v1/chat/completions"
    models_path: ClassVar[str] = "/v1/llm/models"
    other_paths: ClassVar[Mapping[str, str]] = {"/v1/llm/models": "/v1/models"}

    def headers(self, secret: str) -> dict[str, str]:
        return {"X-API-Key": secret}

    def parse_models(self, payloads: Mapping[str, Json]) -> Sequence[ChatModel]:
        if reading.rows(payloads.get("models")) is None:  # no list that can be read
            return tuple(ChatModel(id, id, description=said) for id, said in KNOWN.items())
        told = super().parse_models(payloads)
        return tuple(replace(model, description=model.description or KNOWN.get(model.id, "")) for model in told)

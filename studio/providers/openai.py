"""The OpenAI dialect: chat completions, as OpenAI, Ollama, vLLM, LM Studio, OpenRouter and many others speak it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from studio.providers import errors, reading
from studio.providers.base import Json, Option, ProviderError, Request, Response
from studio.providers.chat import ChatMessage, ChatModel, ChatSpec, Delta, Usage
from studio.providers.chat_dialect import ChatDialect, StreamReader

TEMPERATURE = Option("temperature", "number", "Temperature", min=0, max=2, step=0.1)
TOP_P = Option("top_p", "number", "Top P", min=0, max=1, step=0.05, advanced=True)
MAX_TOKENS = Option("max_tokens", "integer", "Longest reply", min=1, max=1_000_000, unit="tokens", advanced=True)
TOOLS = Option("tools", "json", "Tools", help="Passed on as they are.", advanced=True)


class OpenAI(ChatDialect):
    name: ClassVar[str] = "openai"
    label: ClassVar[str] = "OpenAI-compatible"
    key_help: ClassVar[str] = "Only where the server wants one."
    has_address: ClassVar[bool] = True
    needs_secret: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = (TEMPERATURE, TOP_P, MAX_TOKENS, TOOLS)

    addresses: ClassVar[Mapping[str, str]] = {
        "Ollama": "http://127.0.0.1:11434",
        "LM Studio": "http://127.0.0.1:1234",
        "vLLM": "http://127.0.0.1:8000",
        "OpenAI": "https://api.openai.com/v1",
        "OpenRouter": "https://openrouter.ai/api/v1",
    }

    chat_path: ClassVar[str] = "/chat/completions"
    models_path: ClassVar[str] = "/models"

    def base_of(self, address: str) -> str:
        return base_of(address)

    def headers(self, secret: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {secret}"}

    def build_check(self) -> Request:
        return Request("GET", self.models_path)

    def parse_check(self, response: Response) -> None:
        errors.payload(self.label, response, acts=False)

    def build_catalogue(self) -> Mapping[str, Request]:
        return {"models": Request("GET", self.models_path)}

    def parse_models(self, payloads: Mapping[str, Json]) -> Sequence[ChatModel]:
        found = {}
        for row in reading.rows(payloads.get("models")) or ():
            if model_id := reading.identifier(row.get("id")):
                found[model_id] = ChatModel(model_id, model_id, maker=reading.text(row.get("owned_by")))
        return tuple(found.values())

    def build_chat(self, spec: ChatSpec) -> Request:
        body = {
            **spec.settings,
            "model": spec.model,
            "messages": [_message(message) for message in spec.messages],
            "stream": spec.stream,
        }
        if spec.stream:
            body["stream_options"] = {"include_usage": True}
        return Request("POST", self.chat_path, json=body)

    def reader(self) -> StreamReader:
        return ChunkReader(self.label)


ENDINGS = ("/chat/completions", "/completions", "/models")  # what people copy with it


def base_of(address: str) -> str:
    """The base of a server's API: "http://127.0.0.1:11434/v1" of "127.0.0.1:11434". Raises ValueError, in words."""
    text = address.strip().rstrip("/")
    if "://" not in text:
        text = f"http://{text}"
    parts = urlsplit(text)  # ValueError: half of an IPv6 address
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("An address begins with http:// or https://, such as http://127.0.0.1:11434.")
    if "@" in parts.netloc:
        raise ValueError("An address holds no user name or password: the key has a field of its own.")
    if parts.query or parts.fragment:
        raise ValueError("Only the address of the server, without what follows a ? or #.")
    path = parts.path
    for ending in ENDINGS:
        path = path.removesuffix(ending)
    return urlunsplit((parts.scheme, parts.netloc.lower(), path.rstrip("/") or "/v1", "", ""))


def _message(message: ChatMessage) -> dict[str, Json]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    pictures = [{"type": "image_url", "image_url": {"url": url}} for url in message.pictures]
    return {"role": message.role, "content": [{"type": "text", "text": message.text}, *pictures]}


class ChunkReader(StreamReader):
    def __init__(self, label: str) -> None:
        self._label = label
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    def read(self, data: bytes) -> Delta | None:
        if data.strip() == b"[DONE]":
            self._is_over = True
            return None
        try:
            payload = reading.decode(data)
        except ValueError:
            raise ProviderError("malformed", errors.sentence("malformed", self._label), sent=True) from None
        return self._delta(payload, "delta")

    def read_whole(self, response: Response) -> Delta:
        self._is_over = True
        return self._delta(errors.payload(self._label, response, acts=True), "message")

    def _delta(self, payload: Json, part: str) -> Delta:
        choices = payload.get("choices") or [{}]
        said = choices[0].get(part) or {}
        usage = payload.get("usage") or {}
        return Delta(
            text=said.get("content") or "",
            reasoning=said.get("reasoning_content") or "",
            finish=choices[0].get("finish_reason") or "",
            usage=Usage(usage.get("prompt_tokens"), usage.get("completion_tokens")) if usage else None,
        )

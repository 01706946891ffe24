"""The OpenAI dialect: chat completions, as OpenAI, Ollama, vLLM, LM Studio, OpenRouter and many others speak it."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

from studio.providers import errors, openai_models, openai_reader, reading
from studio.providers.base import Json, Option, Request, Response
from studio.providers.chat import ChatMessage, ChatModel, ChatSpec
from studio.providers.chat_dialect import ChatDialect, StreamReader

TEMPERATURE = Option("temperature", "number", "Temperature", min=0, max=2, step=0.1)
TOP_P = Option("top_p", "number", "Top P", min=0, max=1, step=0.05, advanced=True)
MAX_TOKENS = Option("max_tokens", "integer", "Longest reply", min=1, max=1_000_000, unit="tokens", advanced=True)
TOOLS = Option("tools", "json", "Tools", help="Passed on as they are.", advanced=True)
TOOL_CHOICE = Option("tool_choice", "json", "Tool choice", help='"auto", "none" or a tool: passed on.', advanced=True)


class OpenAI(ChatDialect):
    name: ClassVar[str] = "openai"
    label: ClassVar[str] = "OpenAI-compatible"
    key_help: ClassVar[str] = "Only where the server wants one."
    has_address: ClassVar[bool] = True
    needs_secret: ClassVar[bool] = False
    options: ClassVar[tuple[Option, ...]] = (TEMPERATURE, TOP_P, MAX_TOKENS, TOOLS, TOOL_CHOICE)

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
        payload = errors.payload(self.label, response, acts=False)
        if reading.rows(payload) is None:
            raise errors.malformed(self.label, response, "it names no models there", acts=False)

    def build_catalogue(self) -> Mapping[str, Request]:
        return {"models": Request("GET", self.models_path)}

    def parse_models(self, payloads: Mapping[str, Json]) -> Sequence[ChatModel]:
        return openai_models.models(payloads.get("models"))

    def build_chat(self, spec: ChatSpec) -> Request:
        """A reply that is continued stands last, as the assistant's: what else continues one is in no standard."""
        settings = {name: value for name, value in spec.settings.items() if value is not None and value != ""}
        messages = [_message(message) for message in spec.messages]
        body = settings | {"model": spec.model, "messages": messages, "stream": spec.stream}
        if spec.stream:
            body["stream_options"] = {"include_usage": True}
        return Request("POST", self.chat_path, json=body)

    def simpler(self, request: Request, refused: Response) -> Request | None:
        if refused.status not in {400, 422}:
            return None
        body = dict(request.json)
        if "stream_options" in body and (b"stream_options" in refused.body or b"include_usage" in refused.body):
            del body["stream_options"]
        elif "max_tokens" in body and b"max_completion_tokens" in refused.body:
            body["max_completion_tokens"] = body.pop("max_tokens")  # OpenAI's own newer name
        else:
            return None
        return replace(request, json=body)

    def reader(self) -> StreamReader:
        return openai_reader.ChunkReader(self.label)


ENDINGS = ("/chat/completions", "/completions", "/chat", "/models")  # what people copy with it
NEARBY = (".local", ".lan", ".internal", ".home", ".home.arpa", ".localhost")


def base_of(address: str) -> str:
    """The base of a server's API: "http://127.0.0.1:11434/v1" of "127.0.0.1:11434". Raises ValueError, in words.

    Where no scheme is written, a key goes to the internet only encrypted.
    """
    text = address.strip()
    if "://" not in text:
        text = f"{_scheme(text)}://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("This is no address of a server.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.isprintable() or " " in text:
        raise ValueError("An address begins with http:// or https://, such as http://127.0.0.1:11434.")
    if "@" in parts.netloc:
        raise ValueError("An address holds no user name or password: the key has a field of its own.")
    if parts.query or parts.fragment:
        raise ValueError("Only the address of the server, without what follows a ? or #.")
    path = parts.path.rstrip("/")
    for ending in ENDINGS:
        path = path.removesuffix(ending)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, place, path.rstrip("/") or "/v1", "", ""))


def _scheme(text: str) -> str:
    """Of an address that has none: http for a machine nearby, https for a name of the internet."""
    host = text.partition("/")[0].rpartition("@")[2]
    if host.startswith("["):
        return "http"
    name = host.partition(":")[0].lower()
    try:
        return "https" if ipaddress.ip_address(name).is_global else "http"
    except ValueError:
        return "https" if "." in name and not name.endswith(NEARBY) else "http"


def _message(message: ChatMessage) -> dict[str, Json]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    pictures = [{"type": "image_url", "image_url": {"url": url}} for url in message.pictures]
    return {"role": message.role, "content": [{"type": "text", "text": message.text}, *pictures]}

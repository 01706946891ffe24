"""What the fake model knows: who may ask, how it answers, and what it was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fake_llm import texts, wire
from tests.fake_llm.scripts import Asked

MODEL_PATHS = frozenset({"/v1/models", "/v1/llm/models"})
CHAT_PATHS = frozenset({"/v1/chat/completions", "/v1/llm/chat", "/v1/llm/chat/completions"})
SCHEMES = frozenset({"bearer", "x-api-key"})

Json = Any


@dataclass
class Exchange:
    """One chat request and what was written in answer so far (without the framing of HTTP)."""

    id: int
    path: str
    key: str
    headers: Mapping[str, str]
    body: Json
    asked: Asked
    pictures: int
    sent: list[bytes] = field(default_factory=list)
    is_open: bool = True

    @property
    def sent_bytes(self) -> bytes:
        return b"".join(self.sent)

    def facts(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "path": self.path,
            "key": self.key,
            "model": self.asked.model,
            "message": self.asked.message,
            "body": self.body,
            "pictures": self.pictures,
            "open": self.is_open,
            "sent": sum(map(len, self.sent)),
        }


@dataclass
class FakeLlm:
    """`speed` divides every pause of the scripts. `schemes`: how a key may come; no key is asked for unless `keyed`."""

    url: str = ""
    speed: float = 1.0
    keyed: bool = False
    schemes: frozenset[str] = SCHEMES
    bad_keys: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)  # paths that answer 404
    refuses_stream_options: bool = False
    models: list[dict[str, Json]] = field(default_factory=lambda: list(wire.MODELS))
    exchanges: list[Exchange] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)  # by path
    asked: Counter[str] = field(default_factory=Counter)  # chat requests, by the last user message

    def control(self, wishes: Mapping[str, Json]) -> dict[str, Json]:
        """{reset, speed, keyed, schemes, bad_keys, missing, refuses_stream_options, models}; answers the counts."""
        if wishes.get("reset"):
            self.reset()
        for name in ("speed", "keyed", "refuses_stream_options", "models"):
            if name in wishes:
                setattr(self, name, wishes[name])
        if "schemes" in wishes:
            self.schemes = frozenset(wishes["schemes"])
        for name in ("bad_keys", "missing"):
            if name in wishes:
                setattr(self, name, set(wishes[name]))
        return self.counts()

    def reset(self) -> None:
        """Forgets what it was asked and what it was told to refuse; streams that are open go on."""
        self.exchanges, self.requests, self.asked = [], Counter(), Counter()
        self.bad_keys, self.missing, self.refuses_stream_options = set(), set(), False
        self.schemes = SCHEMES

    def counts(self) -> dict[str, Json]:
        return {
            "requests": dict(self.requests),
            "asked": dict(self.asked),
            "open": sum(exchange.is_open for exchange in self.exchanges),
            "pictures": sum(exchange.pictures for exchange in self.exchanges),
            "exchanges": [exchange.facts() for exchange in self.exchanges],
        }

    def key(self, headers: Mapping[str, str]) -> str:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if "bearer" in self.schemes and scheme.lower() == "bearer":
            return bearer.strip()
        return headers.get("x-api-key", "") if "x-api-key" in self.schemes else ""

    def refuses(self, key: str) -> bool:
        return key in self.bad_keys or (self.keyed and not key)

    def begin(self, path: str, headers: Mapping[str, str], body: Json) -> Exchange:
        messages = body.get("messages") or []
        last = next((m for m in reversed(messages) if m.get("role") == "user"), {})
        wants_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        text = "\n".join(_text(message) for message in messages)
        asked = Asked(_text(last), str(body.get("model", "")), len(texts.tokens(text)), wants_usage)
        pictures = sum(_pictures(message) for message in messages)
        exchange = Exchange(len(self.exchanges) + 1, path, self.key(headers), headers, body, asked, pictures)
        self.exchanges.append(exchange)
        self.asked[asked.message] += 1
        return exchange


def _parts(message: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]


def _text(message: Mapping[str, Json]) -> str:
    return "".join(part["text"] for part in _parts(message) if part.get("type") == "text")


def _pictures(message: Mapping[str, Json]) -> int:
    return sum(part.get("type") == "image_url" for part in _parts(message))

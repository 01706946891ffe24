"""What is asked of the model and what it answers, in OpenAI's words (its chat completions reference)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .fitting import Turn

Json = Any

MODEL = "smollm2-135m"
AT_ONCE = 2  # questions that are answered side by side
CONTEXT = 4096  # tokens of one conversation: about 90 MB of memory, and 20 seconds to read on a slow core
LONGEST_REPLY = 1024  # tokens, where nobody asks for another number
ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}

# What suits so small a model: a hotter one rambles, one without the penalty goes round in circles.
DEFAULTS: Mapping[str, Json] = {"temperature": 0.3, "top_p": 0.9, "repeat_penalty": 1.1}
NUMBERS = {"temperature": (0, 2), "top_p": (0, 1), "frequency_penalty": (-2, 2), "presence_penalty": (-2, 2)}
MOST_STOPS, LONGEST_STOP = 4, 100


class RefusedError(Exception):
    """An answer other than success, in OpenAI's shape."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error", code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.kind, self.code = status, message, kind, code

    def body(self) -> Json:
        return {"error": {"message": self.message, "type": self.kind, "param": None, "code": self.code}}


@dataclass(frozen=True)
class Question:
    """`settings` are those that the model is given, by the names of llama.cpp, which are OpenAI's and some more."""

    turns: list[Turn]
    settings: dict[str, Json] = field(default_factory=dict)
    stream: bool = False
    tells_usage: bool = False


def read(body: bytes) -> Question:
    """A request's body. What it does not know it ignores. Raises RefusedError."""
    try:
        asked = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusedError(400, "The body is not JSON.") from None
    if not isinstance(asked, dict):
        raise RefusedError(400, "The body is not an object.")
    options = asked.get("stream_options")
    return Question(
        turns=_turns(asked.get("messages")),
        settings=_settings(asked),
        stream=asked.get("stream") is True,
        tells_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def _no_number(name: str) -> Json:
    raise ValueError(name)


def _turns(messages: Json) -> list[Turn]:
    if not isinstance(messages, list) or not messages:
        raise RefusedError(400, "messages must be a list with at least one message.")
    turns = [_turn(message) for message in messages]
    if all(turn["role"] == "system" for turn in turns):
        raise RefusedError(400, "messages must hold a message of the user.")
    return turns


def _turn(message: Json) -> Turn:
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        raise RefusedError(400, f"Every message has a role, one of {', '.join(ROLES)}.")
    return {"role": ROLES[message["role"]], "content": _text(message.get("content"))}


def _text(content: Json) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise RefusedError(400, "Every message has a content, a text or a list of parts.")
    if any(not isinstance(part, dict) or not isinstance(part.get("text"), str) for part in content):
        raise RefusedError(400, "The built-in model reads text only; it does not see pictures.")
    return "\n\n".join(part["text"] for part in content)


def _settings(asked: Mapping[str, Json]) -> dict[str, Json]:
    settings = {**DEFAULTS, "max_tokens": LONGEST_REPLY}
    for name, (least, most) in NUMBERS.items():
        if (value := asked.get(name)) is not None:
            settings[name] = _number(name, value, least, most)
    for name in ("max_completion_tokens", "max_tokens"):  # the newer name and the older
        if (value := asked.get(name)) is not None:
            settings["max_tokens"] = int(_number(name, value, 1, 2**31 - 1))
            break
    if (seed := asked.get("seed")) is not None:
        settings["seed"] = int(_number("seed", seed, -(2**63), 2**63)) % 2**32
    if (stop := asked.get("stop")) is not None:
        settings["stop"] = _stops(stop)
    return settings


def _number(name: str, value: Json, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusedError(400, f"{name} must be a number.")
    if not least <= value <= most:
        raise RefusedError(400, f"{name} must be from {least} to {most}.")
    return value


def _stops(value: Json) -> list[str]:
    stops = [value] if isinstance(value, str) else value
    if not isinstance(stops, list) or not all(isinstance(s, str) and 0 < len(s) <= LONGEST_STOP for s in stops):
        raise RefusedError(400, f"stop must be a text or a list of texts, each of 1 to {LONGEST_STOP} characters.")
    if len(stops) > MOST_STOPS:
        raise RefusedError(400, f"stop must hold at most {MOST_STOPS} texts.")
    return stops


def models() -> Json:
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "Hugging Face"}]}


@dataclass(frozen=True)
class Frame:
    """What all pieces of one answer share: its id and the second in which it began."""

    id: str
    created: int

    def chunk(self, delta: Json, finish: str | None = None) -> Json:
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": finish}])

    def last_chunk(self, usage: Json) -> Json:
        return self._chunk([]) | {"usage": usage}

    def whole(self, text: str, finish: str, usage: Json) -> Json:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        return self._object("chat.completion", [choice]) | {"usage": usage}

    def _chunk(self, choices: Json) -> Json:
        return self._object("chat.completion.chunk", choices)

    def _object(self, kind: str, choices: Json) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": MODEL, "choices": choices}

"""What the fake model's answers look like on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

Json = Any

DONE = b"data: [DONE]\n\n"
ID = "chatcmpl-fake"
CREATED = 1_700_000_000

MODELS: list[dict[str, Json]] = [
    {"id": "fake-small", "object": "model", "created": CREATED, "owned_by": "fake"},
    {"id": "fake-large", "object": "model", "owned_by": "fake", "context_length": 131_072},
    {
        "id": "fake-seeing",
        "object": "model",
        "owned_by": "fake",
        "context_length": 32_768,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    },
]

REFUSALS: dict[str, Json] = {
    "error": {"error": {"message": "So it is refused.", "type": "invalid_request_error", "param": None, "code": None}},
    "code": {"error": {"code": "REFUSED", "message": "So it is refused.", "details": {"model": "unknown"}}},
    "detail": {"detail": "So it is refused."},
    "object": {"detail": {"code": "REFUSED", "message": "So it is refused."}},
    "list": {"detail": [{"loc": ["body", "messages"], "msg": "So it is refused."}]},
    "string": {"error": "So it is refused."},
    "message": {"message": "So it is refused."},
    "text": b"So it is refused.",
    "page": b"<html><body>So it is refused.</body></html>",
    "nothing": b"",
}


def event(payload: Json) -> bytes:
    return b"data: " + orjson.dumps(payload) + b"\n\n"


def chunk(model: str, delta: Mapping[str, Json], *, finish: str | None = None, **more: Json) -> bytes:
    """`more` stands beside the choices."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event(_head("chat.completion.chunk", model) | {"choices": [choice]} | more)


def usage_chunk(model: str, usage: Json) -> bytes:
    return event(_head("chat.completion.chunk", model) | {"choices": [], "usage": usage})


def whole(model: str, message: Mapping[str, Json], usage: Json, **more: Json) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return orjson.dumps(_head("chat.completion", model) | {"choices": [choice], "usage": usage} | more)


def usage(prompt: int, completion: int, reasoning: int) -> dict[str, Json]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion + reasoning,
        "total_tokens": prompt + completion + reasoning,
        **({"completion_tokens_details": {"reasoning_tokens": reasoning}} if reasoning else {}),
    }


def _head(kind: str, model: str) -> dict[str, Json]:
    return {"id": ID, "object": kind, "created": CREATED, "model": model}

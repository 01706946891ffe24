"""Sending an answer as ASGI has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from email.utils import format_datetime
from typing import Any

import orjson

from tests.fake_provider.wire import Answer

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]


async def body_of(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def encoded(answer: Answer) -> tuple[int, str, bytes]:
    """Its status, its content type, its bytes."""
    status, body = answer
    if isinstance(body, tuple):
        return status, body[0], body[1]
    return status, "application/json", body if isinstance(body, bytes) else orjson.dumps(body)


async def start(send: Send, status: int, kind: str, length: int | None, headers: Headers = ()) -> None:
    lines = [(b"content-type", kind.encode()), *headers]
    if length is not None:
        lines.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})


async def answer(send: Send, said: Answer, headers: Headers = ()) -> None:
    status, kind, body = encoded(said)
    await start(send, status, kind, len(body), headers)
    await send({"type": "http.response.body", "body": body})


def wait(retry_after: str | int) -> Headers:
    """A Retry-After: seconds as they are; "date:5" is the HTTP-date of five seconds from now."""
    said = str(retry_after)
    if said.startswith("date:"):
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(said[5:]))
        said = format_datetime(moment, usegmt=True)
    return [(b"retry-after", said.encode())] if said else []

"""The little of HTTP that the engine needs, on ASGI's messages."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from .options import BadInputError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 2 * 1024 * 1024  # a picture fits in


class RefusedError(Exception):
    """An answer other than success: its status, and the detail that says why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


async def read_json(receive: Receive) -> object:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RefusedError(400, "The request broke off.")
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise RefusedError(413, "The body is too large.")
        if not message.get("more_body"):
            break
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadInputError("The body is not JSON.") from None


def start(status: int, content_type: bytes, length: int) -> Message:
    headers = [(b"content-type", content_type), (b"content-length", str(length).encode())]
    return {"type": "http.response.start", "status": status, "headers": headers}


async def send_json(send: Send, status: int, body: object) -> None:
    content = orjson.dumps(body)
    await send(start(status, b"application/json", len(content)))
    await send({"type": "http.response.body", "body": content})

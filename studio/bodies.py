"""How large a request may be. Django writes a body to disk whole, before any view can refuse it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]  # as loosely as Django has it

MB = 2**20
USUAL = 16 * MB  # bytes: long forms and webhooks
LARGEST = {  # by path
    "/assets/": 256 * MB,  # a clip of 200 MB, or several pictures
    "/chat/import/": 101 * MB,  # conversations of 100 MB
}
DISCARDED = 512 * MB  # so much is read all the same, to nowhere: most browsers hear no answer before they have spoken
SAID = b"This is more than Studio takes at once."


class LimitedBodies:
    """An ASGI application that answers 413 in place of another where a body is announced, or turns out, too large."""

    def __init__(self, app: App, largest: Mapping[str, int] | None = None) -> None:
        """`largest`: bytes by path, besides those above."""
        self.app = app
        self.largest = {**LARGEST, **(largest or {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.largest.get(scope["path"], USUAL)
        if (announced := _announced(scope)) > most:
            if announced <= DISCARDED:
                await _discard(receive)
            await _refuse(send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            return message if came <= most else {"type": "http.disconnect"}

        await self.app(scope, counted, send)


def _announced(scope: Scope) -> int:
    length: bytes = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0


async def _discard(receive: Receive) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": SAID})

"""A plain ASGI application around a FakeLlm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson

from tests.fake_llm import scripts, wire
from tests.fake_llm.llm import CHAT_PATHS, MODEL_PATHS, Exchange, FakeLlm
from tests.fake_llm.pump import Pump
from tests.fake_provider.answers import Receive, Scope, Send, body_of

JSON = b"application/json"


class App:
    """Needs the server of `tests.fake_provider`, whose scope holds the transport."""

    def __init__(self, llm: FakeLlm, ready: Callable[[], None] = lambda: None) -> None:
        self.llm = llm
        self.ready = ready
        self.closing: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        method, path = scope["method"], scope["path"]
        if path.startswith("/_control"):
            await self._control(method, path, receive, send)
        elif path in self.llm.missing or path not in MODEL_PATHS | CHAT_PATHS:
            self.llm.requests[path] += 1
            await _answer(send, 404, {"detail": "Not Found"})
        else:
            self.llm.requests[path] += 1
            await self._exchange(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.closing, self.loop = asyncio.Event(), asyncio.get_running_loop()
        await send({"type": "lifespan.startup.complete"})
        self.ready()
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """From another thread: lets go of every stream."""
        if self.loop and self.closing and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.closing.set)

    async def _control(self, method: str, path: str, receive: Receive, send: Send) -> None:
        wanted = path.removeprefix("/_control").strip("/")
        if wanted:
            await _answer(send, 200, self.llm.exchanges[int(wanted) - 1].sent_bytes, b"application/octet-stream")
        else:
            wishes = orjson.loads(await body_of(receive) or b"{}") if method == "POST" else {}
            await _answer(send, 200, self.llm.control(wishes))

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        content = await body_of(receive) if scope["method"] == "POST" else b""
        if self.llm.refuses(self.llm.key(headers)):
            await _answer(send, 401, {"detail": {"code": "AUTH_FAILED", "message": "Invalid API key."}})
        elif scope["path"] in MODEL_PATHS:
            await _answer(send, 200, {"object": "list", "data": self.llm.models})
        elif not isinstance(body := orjson.loads(content or b"null"), dict) or not body.get("messages"):
            await _answer(send, 422, {"detail": [{"loc": ["body", "messages"], "msg": "Field required"}]})
        elif self.llm.refuses_stream_options and "stream_options" in body:
            message = "Unrecognized request argument supplied: stream_options"
            await _answer(send, 400, {"error": {"message": message, "type": "invalid_request_error"}})
        else:
            exchange = self.llm.begin(scope["path"], headers, body)
            try:
                await self._chat(exchange, scope, receive, send)
            finally:
                exchange.is_open = False

    async def _chat(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        said = scripts.tags(exchange.asked.message)
        if "refuse" in said:
            status, shape = [*said["refuse"], "error"][:2]
            await _answer(send, int(status), wire.REFUSALS[shape])
        elif "whole" in said or not exchange.body.get("stream"):
            body = scripts.whole(exchange.asked)
            exchange.sent.append(body)
            await _answer(send, 200, body, JSON)
        else:
            await self._stream(exchange, scope, receive, send)

    async def _stream(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        await send(_start(200, b"text/event-stream", (b"x-request-id", str(exchange.id).encode())))
        await send({"type": "http.response.body", "body": b": hello\n\n", "more_body": True})  # the head goes with it
        exchange.sent.append(b": hello\n\n")
        pump = Pump(scope["transport"], exchange, scripts.steps(exchange.asked), self.llm.speed)
        pump.go()
        assert self.closing
        gone, closing = asyncio.ensure_future(receive()), asyncio.ensure_future(self.closing.wait())
        await asyncio.wait([pump.ended, gone, closing], return_when=asyncio.FIRST_COMPLETED)
        pump.stop()
        if pump.ended.done() and pump.ended.result() != scripts.CUT:
            gone.cancel()
            await send({"type": "http.response.body", "body": b""})
        else:
            scope["transport"].close()  # without the end that HTTP would have
            await gone
        closing.cancel()


def _start(status: int, content_type: bytes, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-type", content_type), *headers],
    }


async def _answer(send: Send, status: int, body: Any, content_type: bytes = b"") -> None:
    if not isinstance(body, bytes):
        body, content_type = orjson.dumps(body), JSON
    kind = content_type or (b"text/html" if body.startswith(b"<") else b"text/plain")
    await send(_start(status, kind, (b"content-length", str(len(body)).encode())))
    await send({"type": "http.response.body", "body": body})

"""Answering as a fault says."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable

from tests.fake_provider.answers import Receive, Scope, Send, answer, encoded, start, wait
from tests.fake_provider.faults import Fault
from tests.fake_provider.wire import Answer, Wire

HTML = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


class Misbehaviour:
    """One request that is not answered as it should be. `act` answers it truly; `closing`: the server goes down."""

    def __init__(
        self,
        wire: Wire,
        fault: Fault,
        act: Callable[[], Answer],
        closing: asyncio.Event,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self.wire, self.fault, self.act, self.closing = wire, fault, act, closing
        self.scope, self.receive, self.send = scope, receive, send

    async def run(self) -> None:
        self.acted = self.act() if self.fault.after else None
        await getattr(self, f"_{self.fault.do}")()

    async def _drop(self) -> None:
        self.scope["transport"].abort()
        await self._wait(None)

    async def _status(self) -> None:
        status = self.fault.status or 500
        body = self.fault.body if self.fault.body is not None else self.wire.bodies.get(status, self.wire.bodies[500])
        await answer(self.send, (status, body), wait(self.fault.retry_after))

    async def _html(self) -> None:
        await answer(self.send, (self.fault.status or 200, ("text/html", HTML.encode())))

    async def _raw(self) -> None:
        body = self.fault.body if self.fault.body is not None else ""
        await answer(self.send, (self.fault.status or 200, (self.fault.content_type, str(body).encode())))

    async def _redirect(self) -> None:
        await answer(self.send, (302, b""), [(b"location", self.fault.location.encode())])

    async def _edit(self) -> None:
        status, body = copy.deepcopy(self.act())
        for fields in self.wire.fields(body):
            fields |= self.fault.set
            for name in self.fault.remove:
                fields.pop(name, None)
        await answer(self.send, (status, body))

    async def _hang(self) -> None:
        await self._wait(self.fault.seconds)
        if self.fault.seconds is not None:
            await answer(self.send, self.acted or self.act())

    async def _slow(self) -> None:
        status, kind, body = encoded(self.act())
        await start(self.send, status, kind, len(body))
        step = -(-len(body) // 10) or 1
        for at in range(0, len(body), step):
            await self._wait((self.fault.seconds or 1.0) / 10)
            await self.send(
                {"type": "http.response.body", "body": body[at : at + step], "more_body": at + step < len(body)}
            )

    async def _truncate(self) -> None:
        status, kind, body = encoded(self.act())
        await start(self.send, status, kind, len(body))
        await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        self.scope["transport"].close()
        await self._left()

    async def _huge(self) -> None:
        """The true answer's type and beginning, then nothing but spaces; without a Content-Length."""
        status, kind, body = encoded(self.act())
        await start(self.send, status, kind, None)
        piece, size = body + b" " * (256 * 1024), self.fault.size
        while size > 0 and not self.scope["transport"].is_closing():
            await self.send({"type": "http.response.body", "body": piece[:size], "more_body": True})
            size -= len(piece)
            piece = piece[len(body) :] or piece
            await asyncio.sleep(0)
        await self.send({"type": "http.response.body", "body": b""})

    async def _wait(self, seconds: float | None) -> None:
        """Until the client leaves, the server closes, or `seconds` are over."""
        waits = [asyncio.ensure_future(self._left()), asyncio.ensure_future(self.closing.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

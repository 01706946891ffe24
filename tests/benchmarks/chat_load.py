"""Many readers of streams in one cheap process: `python -m tests.benchmarks.chat_load < plan.json`, figures on stdout.

A plan: {"host", "port", "ramp" (seconds over which the streams begin), "streams": [{"watch": request or "", "ask":
request}], "first": bytes of the first token, "last": bytes of the end}. Each `watch` is opened before anything is
asked; what it hears is what counts; without one, the answer to `ask` itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvloop

HELD = 64  # bytes that are looked at again with the next read: a mark may be cut


class Reader(asyncio.Protocol):
    """One connection, and when what it waits for came."""

    def __init__(self, request: str, first: bytes, last: bytes) -> None:
        self._request = request.encode()
        self._first, self._last = first, last
        self._held = b""
        self.asked_at = self.first_at = self.last_at = 0.0
        self.bytes = self.reads = 0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        self.reads += 1
        text = self._held + data
        if not self.first_at and self._first in text:
            self.first_at = time.monotonic()
        if not self.last_at and self._last in text:
            self.last_at = time.monotonic()
            if not self.over.done():
                self.over.set_result(None)
        self._held = text[-HELD:]

    def connection_lost(self, _: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def main() -> None:
    plan = json.loads(sys.stdin.read())
    loop = asyncio.get_running_loop()
    first, last = plan["first"].encode(), plan["last"].encode()

    async def opened(request: str, *marks: bytes) -> Reader:
        _, reader = await loop.create_connection(lambda: Reader(request, *marks), plan["host"], plan["port"])
        return reader  # type: ignore[return-value]

    watching: list[Reader | None] = []
    for stream in plan["streams"]:
        watching.append(await opened(stream["watch"], first, last) if stream["watch"] else None)
    await asyncio.sleep(1)
    begun = time.monotonic()
    print(json.dumps({"begun": begun}), flush=True)

    async def ask(number: int) -> dict[str, Any]:
        await asyncio.sleep(plan["ramp"] * number / len(plan["streams"]))
        reader, asked_at = watching[number], time.monotonic()
        asking = await opened(plan["streams"][number]["ask"], first, last)
        reader = reader or asking
        await reader.over
        return {
            "first": reader.first_at - asked_at if reader.first_at else None,
            "first_at": reader.first_at - time.monotonic() + time.time(),  # by the clock on the wall
            "took": reader.last_at - reader.first_at if reader.last_at else None,
            "bytes": reader.bytes,
            "reads": reader.reads,
        }

    figures = await asyncio.gather(*(ask(number) for number in range(len(watching))))
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

"""Writing a script to a connection, by the clock and at little cost: no task, and nothing encoded on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.fake_llm.llm import Exchange
from tests.fake_llm.scripts import CUT, HANG, Step


class Pump:
    """Each pause counts from when the last one should have ended, so that a rate holds however late a timer is."""

    def __init__(self, transport: asyncio.Transport, exchange: Exchange, steps: tuple[Step, ...], speed: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._sent = exchange.sent
        self._steps: Iterator[Step] = iter(steps)
        self._speed = speed
        self._due = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[str] = self._loop.create_future()  # "" at the end of the script, or CUT

    def go(self) -> None:
        for step in self._steps:
            if isinstance(step, bytes):
                self._transport.write(b"%x\r\n%b\r\n" % (len(step), step))
                self._sent.append(step)
            elif isinstance(step, str):
                if step == CUT:
                    self._end(CUT)
                assert step in {CUT, HANG}
                return
            else:
                self._due += step / self._speed
                if self._due > self._loop.time():
                    self._timer = self._loop.call_at(self._due, self.go)
                    return
        self._end("")

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _end(self, how: str) -> None:
        if not self.ended.done():
            self.ended.set_result(how)

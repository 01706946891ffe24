"""The HTML of replies that somebody watches, brought up to date again and again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import structlog

from generations.chats.replies.reply import LiveReply

log = structlog.get_logger(__name__)

FRAME = 0.04  # seconds between two paintings at least
SHARE = 0.2  # of the time at most is spent painting
SLICE = 0.002  # seconds of painting until others get their turn
LONG_TAIL = 400_000  # bytes a second at most of a block that is sent again and again as it grows


class Painter:
    """`show` is called with each reply that has something new to show."""

    def __init__(self, show: Callable[[LiveReply], None]) -> None:
        self._show = show
        self._waiting: dict[UUID, LiveReply] = {}
        self._due: dict[UUID, float] = {}
        self._wanted = asyncio.Event()

    def ask(self, reply: LiveReply) -> None:
        self._waiting[reply.id] = reply
        self._wanted.set()

    def forget(self, reply: LiveReply) -> None:
        self._waiting.pop(reply.id, None)
        self._due.pop(reply.id, None)

    async def run(self) -> None:
        """All that grew, again and again, and never for more than its share of the time."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            spent = await self._round()
            await asyncio.sleep(max(FRAME, spent / SHARE - spent))

    async def _round(self) -> float:
        """Seconds that it took to paint those that are due; the others wait for the next."""
        spent = slice_spent = 0.0
        waiting, self._waiting = self._waiting, {}
        for reply in waiting.values():
            begun = time.perf_counter()
            if begun < self._due.get(reply.id, 0.0):
                self.ask(reply)
                continue
            self.paint(reply)
            took = time.perf_counter() - begun
            self._due[reply.id] = begun + reply.tail_length / LONG_TAIL
            spent, slice_spent = spent + took, slice_spent + took
            if slice_spent > SLICE:
                slice_spent = 0.0
                await asyncio.sleep(0)
        return spent

    def paint(self, reply: LiveReply, *, whole: bool = False) -> None:
        try:
            if reply.paint(whole=whole):
                self.ask(reply)
        except Exception:  # one text that cannot be shown must not keep the others from everybody
            log.exception("a reply could not be painted", reply=str(reply.id))
        self._show(reply)

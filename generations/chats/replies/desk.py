"""Where replies are written: a task for each, in the event loop of the web process, apart from every request.

A page that leaves, reloads or stands open twice changes nothing. What has come is written down twice a second, for all
replies together, so a crash loses half a second of text and never a reply. Nothing is ever asked twice by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from uuid import UUID

import structlog
from django.db import DatabaseError

from generations.chats import titles
from generations.chats.replies import asking, ledger, recovery
from generations.chats.replies.asking import Question
from generations.chats.replies.following import STALLED
from generations.chats.replies.hub import Hub, hub
from generations.chats.replies.reply import LiveReply
from generations.chats.replies.writing import Cut, Writing
from studio.database import query
from studio.lib import process
from studio.providers.transports import Transports

log = structlog.get_logger(__name__)

TICK = 0.5  # seconds between two writings
HEAD_START = 0.012  # seconds for a question to leave before its page is drawn in the same interpreter
BEAT = 4  # ticks between two signs of life
LONGEST_SILENCE = 180.0  # seconds of silence after which a reply is ended
LONGEST_THOUGHT = 600.0  # and before its first word: some models think long, and say nothing of it
LAST_WORDS = 2.0  # seconds that those which were cut at the end get to be written down


class Desk:
    """One for each process. `call` and `stop` may be called from any thread, the others from its event loop."""

    def __init__(self, of: Hub) -> None:
        self.hub = of
        self.writer = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transports: Transports | None = None
        self._writings: dict[UUID, Writing] = {}
        self._again: set[UUID] = set()  # called for while they were written
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._is_closing = False

    # -- From any thread ---------------------------------------------------------------------------------------------
    def call(self, *reply_ids: UUID) -> None:
        """Asks for these replies. Without an event loop (a management command) they stay as they are."""
        for reply_id in reply_ids:
            self._in_loop(self.start, reply_id)

    def call_new(self, *reply_ids: UUID) -> None:
        """As `call`, for a request that has written these replies: it claims them itself, which is a shorter way than
        by the database's thread, and lets their questions leave before it draws a page."""
        for reply_id in reply_ids:
            self._in_loop(self.start, reply_id, self._claimed(reply_id))
        if self._loop is not None:
            time.sleep(HEAD_START)

    def _claimed(self, reply_id: UUID) -> Question | None:
        """None where somebody else was sooner, or the database has no time for it: the loop then sees to it."""
        if self._loop is None or self._is_closing:
            return None
        with suppress(DatabaseError):
            return asking.claim(reply_id, self.writer)
        return None

    def stop(self, reply_id: UUID) -> None:
        """At once, if it is written here; another process sees the request in the database."""
        self._in_loop(self._cut, reply_id, Cut.PERSON)

    def _in_loop(self, verb: Callable[..., None], *args: object) -> None:
        if (loop := self._loop) is not None:
            try:
                loop.call_soon_threadsafe(verb, *args)
            except RuntimeError:  # it was closed meanwhile
                log.warning("nobody is at the desk any more", verb=verb.__name__)

    # -- In the event loop -------------------------------------------------------------------------------------------
    async def open(self) -> None:
        """Once, before anything is asked."""
        self.writer = process.me()
        self._loop = asyncio.get_running_loop()
        self._is_closing = False
        try:
            await query(recovery.interrupt_abandoned)
        except DatabaseError as error:
            log.warning("abandoned replies are looked for later", reason=type(error).__name__)

    async def close(self, patience: float) -> None:
        """Lets replies end for so many seconds, then marks those that have not."""
        self._is_closing = True
        if self._tasks:
            log.info("waiting for replies", replies=len(self._tasks), seconds=patience)
            await asyncio.wait(self._tasks, timeout=patience)
        for writing in self._writings.values():
            writing.cut(Cut.SHUTDOWN)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in (*self._tasks, *filter(None, [self._ticking])):
            task.cancel()
        await asyncio.gather(*self._tasks, *filter(None, [self._ticking]), return_exceptions=True)
        if self._transports:
            await self._transports.aclose()
        self._transports = self._loop = self._ticking = None

    def start(self, reply_id: UUID, question: Question | None = None) -> None:
        if self._is_closing:
            return
        if reply_id in self._writings:
            self._again.add(reply_id)
            return
        if self._transports is None:
            self._transports = Transports()
        self._writings[reply_id] = Writing(reply_id, self.writer, self.hub, self._transports, question)
        task = asyncio.create_task(self._write(self._writings[reply_id]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())

    def _begin_again(self, reply_id: UUID) -> None:
        """Its end may have been read, and it asked for once more, before it was over here."""
        if reply_id in self._again:
            self._again.discard(reply_id)
            self.start(reply_id)

    def _cut(self, reply_id: UUID, why: Cut) -> None:
        if writing := self._writings.get(reply_id):
            writing.cut(why)

    async def _write(self, writing: Writing) -> None:
        try:
            await writing.run()
        except Exception:
            log.exception("a reply broke", reply=str(writing.id))
        finally:
            del self._writings[writing.id]
            self._begin_again(writing.id)
        is_written = writing.live is not None  # and not only called for once more, of which nothing came
        if is_written and self._transports is not None and not self._is_closing:
            await titles.after(writing.id, self._transports)

    # -- The clock ---------------------------------------------------------------------------------------------------
    async def _tick(self) -> None:
        ticks = 0
        while self._writings:
            await asyncio.sleep(TICK)
            ticks += 1
            now = dict(self._writings)
            lives = [writing.live for writing in now.values() if writing.live]
            self._listen()
            try:
                wishes = await ledger.write_down(lives, self.writer, beat=ticks % BEAT == 0) if lives else None
            except DatabaseError as error:
                log.warning("replies wait for the database", reason=type(error).__name__)
                continue
            if wishes:
                _heed(wishes, now)

    def _listen(self) -> None:
        """For those that have not said anything for long."""
        now = time.monotonic()
        for writing in self._writings.values():
            if (live := writing.live) is None:
                continue
            silent = now - live.heard_at
            if silent > (LONGEST_SILENCE if live.first_token_at else LONGEST_THOUGHT):
                writing.cut(Cut.SILENCE)
            elif silent > STALLED and not live.is_stalled:
                self._say_stalled(writing.label, live)

    def _say_stalled(self, label: str, live: LiveReply) -> None:
        what = "has not answered yet" if live.is_empty else "has sent nothing for a while"
        self.hub.sign(live, stalled=f"{label} {what}. Studio keeps waiting.")


def _heed(wishes: ledger.Wishes, writings: Mapping[UUID, Writing]) -> None:
    """These writings are meant, and none that began since, of a reply that is asked for once more."""
    for reply_id in wishes.stopped:
        writings[reply_id].cut(Cut.PERSON)
    for reply_id in wishes.gone:
        writings[reply_id].cut(Cut.GONE)


desk = Desk(hub)

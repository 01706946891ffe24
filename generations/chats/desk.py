"""Where replies are written: a task for each, in the event loop of the web process, apart from every request.

A page that leaves, reloads or stands open twice changes nothing. What has come is written down twice a second, for all
replies together, so a crash loses half a second of text and never a reply. Nothing is ever asked twice by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone

from accounts.connect import connect
from generations.chats import asking, recovery
from generations.chats.asking import Question
from generations.chats.hub import Hub, hub
from generations.chats.reply import LiveReply
from generations.models import Message, ReplyPiece, ReplyState
from generations.models.message import cost_of
from studio.database import query
from studio.lib import process
from studio.lib.crypto import Undecryptable
from studio.providers import streaming
from studio.providers.base import ProviderError
from studio.providers.transports import Transports

R = TypeVar("R")
log = structlog.get_logger(__name__)

TICK = 0.5  # seconds between two writings
BEAT = 4  # ticks between two signs of life
STALLED = 8.0  # seconds of silence that are spoken of
LONGEST_SILENCE = 180.0  # seconds of silence after which a reply is ended
KEY_UNREADABLE = "This key was encrypted under a secret that Studio no longer has. Replace it."


class Desk:
    """One for each process. `call` and `stop` may be called from any thread, the others from its event loop."""

    def __init__(self, of: Hub) -> None:
        self.hub = of
        self.writer = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._transports: Transports | None = None
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._stopped: set[UUID] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._closing = False

    # -- From any thread ---------------------------------------------------------------------------------------------
    def call(self, *reply_ids: UUID) -> None:
        """Asks for these replies. Without an event loop (a management command) they stay as they are."""
        if self._loop is not None and not self._loop.is_closed():
            for reply_id in reply_ids:
                self._loop.call_soon_threadsafe(self.start, reply_id)

    def stop(self, reply_id: UUID) -> None:
        """At once, if it is written here; another process sees the request in the database."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cut, reply_id)

    # -- In the event loop -------------------------------------------------------------------------------------------
    async def open(self) -> None:
        """Once, before anything is asked."""
        self.writer = process.me()
        self._loop = asyncio.get_running_loop()
        self._closing = False
        try:
            await query(recovery.interrupt_abandoned)
        except DatabaseError as error:
            log.warning("abandoned replies are looked for later", reason=type(error).__name__)

    async def close(self, patience: float) -> None:
        """Lets replies end for so many seconds, then marks those that have not."""
        self._closing = True
        if self._tasks:
            log.info("waiting for replies", replies=len(self._tasks), seconds=patience)
            await asyncio.wait(self._tasks.values(), timeout=patience)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._ticking:
            self._ticking.cancel()
        if self._transports:
            await self._transports.aclose()
        self._transports = self._loop = self._ticking = None

    def start(self, reply_id: UUID) -> None:
        if reply_id in self._tasks or self._closing:
            return
        self._tasks[reply_id] = asyncio.create_task(self._write(reply_id))
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())

    def _cut(self, reply_id: UUID) -> None:
        if (task := self._tasks.get(reply_id)) and reply_id not in self._stopped:
            self._stopped.add(reply_id)
            task.cancel()

    async def _write(self, reply_id: UUID) -> None:
        try:
            question = await _lasting(lambda: query(asking.claim, reply_id, self.writer))
            if question is not None:
                await self._answer(question)
        except Exception:
            log.exception("a reply broke", reply=str(reply_id))
        finally:
            self._tasks.pop(reply_id, None)
            self._stopped.discard(reply_id)

    async def _answer(self, question: Question) -> None:
        reply = question.reply
        live = LiveReply(reply.pk, reply.conversation_id, question.text, question.reasoning)
        self.hub.begin(live)
        state, error_kind, error = ReplyState.DONE, "", ""
        try:
            await self._receive(question, live)
        except ProviderError as failure:
            state = ReplyState.INTERRUPTED if live.parts else ReplyState.FAILED
            error_kind, error = failure.kind, failure.message
        except Undecryptable:
            state, error_kind, error = ReplyState.FAILED, "invalid_key", KEY_UNREADABLE
        except asyncio.CancelledError:
            if reply.pk in self._stopped:
                state = ReplyState.STOPPED
            else:
                state, error_kind, error = ReplyState.INTERRUPTED, "shutdown", recovery.CUT
        except Exception:
            log.exception("a reply broke", reply=str(reply.pk))
            state, error_kind, error = ReplyState.INTERRUPTED, "studio", "Something went wrong in Studio."
        try:
            await self._end(question, live, state, error_kind, error)
        finally:
            self.hub.ended(live)

    async def _receive(self, question: Question, live: LiveReply) -> None:
        if self._transports is None:
            self._transports = Transports()
        provider = connect(question.reply.provider, question.key, self._transports)
        async for delta in streaming.chat(provider, await asking.complete(question)):
            live.add(delta)
            self.hub.grew(live)

    async def _end(self, question: Question, live: LiveReply, state: ReplyState, error_kind: str, error: str) -> None:
        reply, usage = question.reply, live.usage
        facts: dict[str, Any] = {
            "text": live.text,
            "reasoning": live.whole_reasoning,
            "reasoning_seconds": live.thought_seconds,
            "finish": live.finish[:40],
            "error_kind": error_kind,
            "error": error,
            "prompt_tokens": usage.prompt if usage else None,
            "completion_tokens": usage.completion if usage else None,
            "reasoning_tokens": usage.reasoning if usage else None,
        }
        if usage and reply.input_price is not None and reply.output_price is not None:
            facts["cost"] = cost_of(usage.prompt, usage.completion, reply.input_price, reply.output_price)
        await asyncio.shield(_lasting(lambda: query(reply.end, state, writer=self.writer, **facts)))

    # -- The clock ---------------------------------------------------------------------------------------------------
    async def _tick(self) -> None:
        beats = 0
        while self._tasks:
            await asyncio.sleep(TICK)
            beats += 1
            self._watch_silence()
            pieces = self._unwritten()
            try:
                for reply_id in await query(_write_down, pieces, list(self.hub.replies), beats % BEAT == 0):
                    self._cut(reply_id)
            except DatabaseError as error:
                self._put_back(pieces)
                log.warning("replies wait for the database", reason=type(error).__name__)

    def _unwritten(self) -> list[ReplyPiece]:
        pieces = []
        for reply in self.hub.replies.values():
            unwritten, reply.unwritten = reply.unwritten, []
            for is_reasoning in (True, False):
                if text := "".join(text for kind, text in unwritten if kind is is_reasoning):
                    pieces.append(ReplyPiece(message_id=reply.id, is_reasoning=is_reasoning, text=text))
        return pieces

    def _put_back(self, pieces: list[ReplyPiece]) -> None:
        for piece in reversed(pieces):
            if reply := self.hub.replies.get(piece.message_id):
                reply.unwritten.insert(0, (piece.is_reasoning, piece.text))

    def _watch_silence(self) -> None:
        now = time.monotonic()
        for reply in self.hub.replies.values():
            silent = now - reply.heard_at
            if silent > LONGEST_SILENCE:
                self._cut(reply.id)
            elif silent > STALLED and not reply.is_stalled:
                reply.is_stalled = True
                self.hub.tell(reply.conversation_id, {"m": str(reply.id), "stalled": True})


def _write_down(pieces: list[ReplyPiece], replies: list[UUID], beat: bool) -> list[UUID]:
    """Appends what came, says that we live, and answers which replies somebody wants stopped."""
    if pieces:
        ReplyPiece.objects.bulk_create(pieces)
    rows = Message.objects.filter(pk__in=replies)
    if beat:
        rows.update(beat_at=timezone.now())
    return list(rows.filter(stop_requested_at__gte=F("started_at")).values_list("pk", flat=True))


async def _lasting(attempt: Callable[[], Awaitable[R]]) -> R:
    """Tries until the database takes it: a reply that nobody writes down would be paid for in vain."""
    pause = 0.2
    while True:
        try:
            return await attempt()
        except DatabaseError as error:
            log.warning("a reply waits for the database", reason=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)


desk = Desk(hub)

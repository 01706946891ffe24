"""Who watches which conversation, and what they are told. One hub for each process, in its event loop.

A feed is one open page. It is woken when something is new and then takes what it has not been told yet, so a page
that reads slowly is told less often, and never of everything in between. What is written by another process is
followed in the database.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from datetime import datetime
from uuid import UUID

import orjson
import structlog
from django.db import DatabaseError

from generations.chats import recovery
from generations.chats.reply import LiveReply, Op
from generations.models import Conversation, Message, ReplyPiece
from generations.models.message import UNDER_WAY
from studio.database import query
from studio.providers.chat import Delta

log = structlog.get_logger(__name__)

FRAME = 0.04  # seconds between two paintings at least
SHARE = 0.25  # of the time at most is spent painting
SLICE = 0.002  # seconds of painting until others get their turn
LOOK = 0.5  # seconds between two looks at the database
RECOVER = 5.0
AFTER_TROUBLE = 2.0


class Feed:
    """One open page of a conversation, and what it has been told."""

    def __init__(self, conversation_id: UUID, told: dict[UUID, tuple[int, int]], changed_at: datetime | None) -> None:
        self.conversation_id = conversation_id
        self.told = told
        self.changed_at = changed_at
        self.ended: set[UUID] = set()
        self.fresh = asyncio.Event()
        self.extra: list[Op] = []

    def wake(self) -> None:
        self.fresh.set()

    def tell(self, *ops: Op) -> None:
        self.extra += ops
        self.fresh.set()

    def take(self, replies: dict[UUID, LiveReply]) -> bytes:
        """One event with all that is new, or nothing."""
        self.fresh.clear()
        ops, self.extra = self.extra, []
        for reply in replies.values():
            before = self.told.get(reply.id, (0, 0))
            ops += reply.since(*before)
            self.told[reply.id] = reply.place
        for reply_id in self.ended:
            self.told.pop(reply_id, None)
            ops.append({"m": str(reply_id), "done": True})
        self.ended.clear()
        if not ops:
            return b""
        places = ",".join(f"{reply.hex}={block}.{thought}" for reply, (block, thought) in self.told.items())
        return b"id: %b\ndata: %b\n\n" % (places.encode(), orjson.dumps({"ops": ops}))


class Hub:
    def __init__(self) -> None:
        self.feeds: defaultdict[UUID, set[Feed]] = defaultdict(set)
        self.replies: dict[UUID, LiveReply] = {}  # that are written here
        self.followed: dict[UUID, Followed] = {}  # that are written elsewhere
        self._unpainted: dict[UUID, LiveReply] = {}
        self._to_paint = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # -- Pages -------------------------------------------------------------------------------------------------------
    def join(self, feed: Feed) -> None:
        self.feeds[feed.conversation_id].add(feed)
        for reply in self.of(feed.conversation_id).values():
            self._ask_for_paint(reply)
        if not self._tasks or any(task.done() for task in self._tasks):
            self._tasks = [asyncio.create_task(self._paint()), asyncio.create_task(self._follow())]

    def leave(self, feed: Feed) -> None:
        self.feeds[feed.conversation_id].discard(feed)
        if not self.feeds[feed.conversation_id]:
            del self.feeds[feed.conversation_id]
        if not self.feeds:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    def of(self, conversation_id: UUID) -> dict[UUID, LiveReply]:
        """The replies under way in a conversation, wherever they are written."""
        elsewhere = {key: followed.live for key, followed in self.followed.items()}
        both = {**elsewhere, **self.replies}
        return {key: reply for key, reply in both.items() if reply.conversation_id == conversation_id}

    # -- Replies -----------------------------------------------------------------------------------------------------
    def begin(self, reply: LiveReply) -> None:
        self.replies[reply.id] = reply
        self.followed.pop(reply.id, None)

    def grew(self, reply: LiveReply) -> None:
        """It has more text. The first of it is shown at once."""
        watched = self.feeds.get(reply.conversation_id)
        if not watched:
            return
        if reply.is_painted:
            self._ask_for_paint(reply)
        elif reply.paint():
            self._wake(reply.conversation_id)

    def ended(self, reply: LiveReply) -> None:
        """Call it when its end is written down: pages then ask for it whole."""
        self.replies.pop(reply.id, None)
        self.followed.pop(reply.id, None)
        for feed in self.feeds.get(reply.conversation_id, ()):
            feed.ended.add(reply.id)
            feed.wake()

    def tell(self, conversation_id: UUID, *ops: Op) -> None:
        for feed in self.feeds.get(conversation_id, ()):
            feed.tell(*ops)

    def _wake(self, conversation_id: UUID) -> None:
        for feed in self.feeds.get(conversation_id, ()):
            feed.wake()

    def _ask_for_paint(self, reply: LiveReply) -> None:
        self._unpainted[reply.id] = reply
        self._to_paint.set()

    # -- Painting ----------------------------------------------------------------------------------------------------
    async def _paint(self) -> None:
        """All that grew, again and again, and never for more than its share of the time."""
        while True:
            await self._to_paint.wait()
            self._to_paint.clear()
            unpainted, self._unpainted = self._unpainted, {}
            spent = 0.0
            for reply in unpainted.values():
                begun = time.perf_counter()
                self._paint_one(reply)
                took = time.perf_counter() - begun
                spent += took
                if spent % SLICE < took:
                    await asyncio.sleep(0)
            await asyncio.sleep(max(FRAME, spent / SHARE - spent))

    def _paint_one(self, reply: LiveReply) -> None:
        try:
            reply.paint()
        except Exception:  # one text that cannot be shown must not keep the others from everybody
            log.exception("a reply could not be painted")
        self._wake(reply.conversation_id)

    # -- What others write -------------------------------------------------------------------------------------------
    async def _follow(self) -> None:
        recovered_at = time.monotonic()
        while True:
            try:
                if time.monotonic() - recovered_at > RECOVER:
                    recovered_at = time.monotonic()
                    await query(recovery.interrupt_abandoned)
                await self.look()
            except DatabaseError as error:
                log.warning("chat waits for the database", reason=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """What changed in the conversations that somebody watches."""
        changed, under_way = await query(_state_of, list(self.feeds))
        for conversation_id, moment in changed.items():
            for feed in self.feeds.get(conversation_id, ()):
                if feed.changed_at != moment:
                    feed.changed_at = moment
                    feed.tell({"thread": True})
        for key in [key for key in self.followed if key not in under_way]:
            self.ended(self.followed[key].live)
        for key, conversation_id in under_way.items():
            if key not in self.replies and key not in self.followed:
                self.followed[key] = Followed(LiveReply(key, conversation_id))
        places = {key: followed.last for key, followed in self.followed.items()}
        for key, piece_id, is_reasoning, text in await query(_pieces, places) if places else ():
            followed = self.followed[key]
            followed.last = piece_id
            followed.live.add(Delta(reasoning=text) if is_reasoning else Delta(text=text))
            self.grew(followed.live)


class Followed:
    """A reply that another process writes; `last` is the last piece of it that was read."""

    def __init__(self, live: LiveReply) -> None:
        self.live = live
        self.last = 0


def _state_of(conversations: list[UUID]) -> tuple[dict[UUID, datetime], dict[UUID, UUID]]:
    changed = dict(Conversation.objects.filter(pk__in=conversations).values_list("pk", "changed_at"))
    replies = Message.objects.filter(conversation__in=conversations, state__in=UNDER_WAY, deleted_at__isnull=True)
    return changed, dict(replies.values_list("pk", "conversation_id"))


def _pieces(places: dict[UUID, int]) -> list[tuple[UUID, int, bool, str]]:
    found = []
    for key, last in places.items():
        rows = ReplyPiece.objects.filter(message=key, pk__gt=last).order_by("pk")
        found += [(key, *row) for row in rows.values_list("pk", "is_reasoning", "text")]
    return found


hub = Hub()

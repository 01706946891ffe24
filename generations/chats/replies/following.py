"""What other processes write, read from the database for those who watch it here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from django.db import DatabaseError

from generations.chats.replies import recovery
from generations.chats.replies.feed import Feed
from generations.chats.replies.reply import LiveReply
from generations.models import Conversation, Message, ReplyPiece
from generations.models.message import UNDER_WAY
from studio.database import query
from studio.providers.chat import Delta

log = structlog.get_logger(__name__)

LOOK = 0.5  # seconds between two looks at the database
RECOVER = 5.0
AFTER_TROUBLE = 2.0
STALLED = 8.0  # seconds of silence that are spoken of
SILENT = "Nothing has come for a while. Studio keeps waiting."


@dataclass(frozen=True, slots=True)
class State:
    """Of some conversations: when each was changed, and the replies under way: (conversation, life) by reply."""

    changed: Mapping[UUID, datetime]
    under_way: Mapping[UUID, tuple[UUID, int]]


class Watching(Protocol):
    """What it needs of a hub."""

    feeds: dict[UUID, set[Feed]]
    here: dict[UUID, LiveReply]

    def begin(self, reply: LiveReply, *, here: bool = True) -> None: ...
    def grew(self, reply: LiveReply) -> None: ...
    def sign(self, reply: LiveReply, **values: object) -> None: ...
    def ended(self, reply: LiveReply) -> None: ...
    def compare(self, feed: Feed, state: State) -> None: ...


@dataclass(slots=True)
class Followed:
    """A reply that another process writes; `last` is the last piece of it that was read."""

    live: LiveReply
    last: int = 0


class Follower:
    def __init__(self, hub: Watching) -> None:
        self._hub = hub
        self._followed: dict[UUID, Followed] = {}
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        recovered_at = time.monotonic()
        while True:
            await asyncio.sleep(LOOK)
            try:
                if time.monotonic() - recovered_at > RECOVER:
                    recovered_at = time.monotonic()
                    await query(recovery.interrupt_abandoned)
                state = await self.look(list(self._hub.feeds))
            except DatabaseError as error:
                log.warning("chat waits for the database", reason=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE)
                continue
            for conversation_id in state.changed:
                for feed in self._hub.feeds.get(conversation_id, ()):
                    self._hub.compare(feed, state)

    async def look(self, conversations: Collection[UUID]) -> State:
        """What changed in these."""
        async with self._looking:
            state = await query(_state_of, conversations)
            self._let_go(conversations, state.under_way)
            await self._take_up(state.under_way)
            await self._read_on()
            self._listen()
        return State(state.changed, {key: of for key, of in state.under_way.items() if self._is_known(key)})

    def _is_known(self, reply_id: UUID) -> bool:
        """One that is not has ended between two questions, and nobody will ever tell of its end."""
        return reply_id in self._hub.here or reply_id in self._followed

    def forget(self) -> None:
        """Nobody watches any more."""
        for followed in list(self._followed.values()):
            self._hub.ended(followed.live)
        self._followed.clear()

    def _let_go(self, conversations: Collection[UUID], under_way: Mapping[UUID, tuple[UUID, int]]) -> None:
        """Those that have ended, that are written here now, that were asked for anew, or that nobody watches."""
        for key, followed in list(self._followed.items()):
            now = under_way.get(key)
            is_watched = followed.live.conversation_id in self._hub.feeds
            if key in self._hub.here:
                del self._followed[key]
            elif not is_watched or (
                followed.live.conversation_id in conversations and (now is None or now[1] != followed.live.life)
            ):
                del self._followed[key]
                self._hub.ended(followed.live)

    async def _take_up(self, under_way: Mapping[UUID, tuple[UUID, int]]) -> None:
        new = [key for key in under_way if key not in self._hub.here and key not in self._followed]
        texts = await query(_texts, new) if new else {}
        for key, (text, reasoning) in texts.items():
            if key not in self._hub.here:
                conversation_id, life = under_way[key]
                self._followed[key] = Followed(LiveReply(key, conversation_id, text, reasoning, life))
                self._hub.begin(self._followed[key].live, here=False)

    async def _read_on(self) -> None:
        places = {key: followed.last for key, followed in self._followed.items()}
        for key, piece_id, is_reasoning, text in await query(_pieces, places) if places else ():
            followed = self._followed.get(key)
            if followed and key not in self._hub.here:
                followed.last = piece_id
                followed.live.add(Delta(reasoning=text) if is_reasoning else Delta(text=text))
                self._hub.grew(followed.live)

    def _listen(self) -> None:
        now = time.monotonic()
        for followed in self._followed.values():
            if now - followed.live.heard_at > STALLED and not followed.live.is_stalled:
                self._hub.sign(followed.live, stalled=SILENT)


def life_of(started_at: datetime | None) -> int:
    """One asking of a reply, told from the next by when it began."""
    return int(started_at.timestamp() * 1000) if started_at else 0


def _state_of(conversations: Iterable[UUID]) -> State:
    changed = dict(Conversation.objects.filter(pk__in=conversations).values_list("pk", "changed_at"))
    replies = Message.objects.filter(conversation__in=conversations, state__in=UNDER_WAY, deleted_at__isnull=True)
    rows = replies.values_list("pk", "conversation_id", "started_at")
    return State(changed, {key: (conversation, life_of(started_at)) for key, conversation, started_at in rows})


def _texts(replies: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = Message.objects.filter(pk__in=replies, state__in=UNDER_WAY)
    return {key: (text, reasoning) for key, text, reasoning in rows.values_list("pk", "text", "reasoning")}


def _pieces(places: dict[UUID, int]) -> list[tuple[UUID, int, bool, str]]:
    found = []
    for key, last in places.items():
        rows = ReplyPiece.objects.filter(message=key, pk__gt=last).order_by("pk")
        found += [(key, *row) for row in rows.values_list("pk", "is_reasoning", "text")]
    return found

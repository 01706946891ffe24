"""One open page of a conversation, and what it has been told.

A page that reads slowly is told less often, and never of everything in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import orjson

from generations.chats.replies.reply import LiveReply, Op, Place

MOST_PLACES = 64  # that a page may name


class Feed:
    """`changed_at`: of the conversation, as the page was made; None where it does not say."""

    def __init__(
        self,
        conversation_id: UUID,
        told: Mapping[UUID, Place] | None = None,
        changed_at: datetime | None = None,
    ) -> None:
        self.conversation_id = conversation_id
        self.changed_at = changed_at
        self.fresh = asyncio.Event()
        self._told = dict(told or {})
        self._ops: list[Op] = []
        self._ended: dict[UUID, LiveReply] = {}
        self._beside = b""

    def wake(self) -> None:
        self.fresh.set()

    def tell(self, *ops: Op) -> None:
        self._ops += ops
        self.fresh.set()

    def put(self, event: bytes) -> None:
        """An event beside the ops, of which only the last counts."""
        self._beside = event
        self.fresh.set()

    def end(self, reply: LiveReply) -> None:
        self._ended[reply.id] = reply
        self.fresh.set()

    def begin(self, under_way: Iterable[UUID]) -> None:
        """Says which replies are under way, and of those that the page knew of, which have ended since."""
        active = sorted(str(reply) for reply in under_way)
        gone = [reply for reply in self._told if str(reply) not in active]
        for reply in gone:
            del self._told[reply]
        self.tell({"active": active}, *({"m": str(reply), "done": True} for reply in gone))

    def take(self, replies: Mapping[UUID, LiveReply]) -> bytes:
        """All that is new, as events; nothing where there is none."""
        self.fresh.clear()
        found = [orjson.dumps(op) for op in self._ops]
        self._ops = []
        for reply in self._ended.values():
            found += [*self._news(reply), orjson.dumps({"m": str(reply.id), "done": True})]
            self._told.pop(reply.id, None)
        self._ended = {}
        for reply in replies.values():
            found += self._news(reply)
        beside, self._beside = self._beside, b""
        if not found:
            return beside
        return b'id: %b\ndata: {"ops":[%b]}\n\n%b' % (self._places(), b",".join(found), beside)

    def _news(self, reply: LiveReply) -> list[bytes]:
        news = reply.news(self._told.get(reply.id, Place()))
        self._told[reply.id] = reply.place
        return [news] if news else []

    def _places(self) -> bytes:
        """Where the page is now, for when it comes back (`Last-Event-ID`)."""
        return ",".join(
            f"{reply.hex}={place.life}.{place.block}.{place.thought}" for reply, place in self._told.items()
        ).encode()


def read_places(text: str) -> dict[UUID, Place]:
    """What `Last-Event-ID` says; nothing of what is not readable."""
    found: dict[UUID, Place] = {}
    for entry in text.split(",")[:MOST_PLACES]:
        reply, _, numbers = entry.partition("=")
        with suppress(ValueError):
            life, block, thought = (abs(int(number)) for number in numbers.split("."))
            found[UUID(reply)] = Place(life, block, thought)
    return found

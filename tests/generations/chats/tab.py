"""A page of a conversation as a browser has it: it applies the ops that it hears, and comes back when it is cut off."""

import asyncio
import re
from uuid import UUID

import orjson

from generations.chats.replies.feed import Feed, read_places
from generations.chats.replies.hub import Hub

PATIENCE = 20.0


class Tab:
    """`shown`: the blocks of each reply; a hole in them fails the test, as it would make the page begin anew."""

    def __init__(self, conversation_id: UUID) -> None:
        self.conversation_id = conversation_id
        self.shown: dict[str, list[str]] = {}
        self.reasoning: dict[str, str] = {}
        self.signs: dict[str, dict[str, object]] = {}
        self.done: set[str] = set()
        self.active: list[str] = []
        self.threads = 0
        self.events = 0
        self.last_id = ""

    async def watch(self, hub: Hub, events: int | None = None) -> None:
        """Until so many events have come, or its replies have ended."""
        feed = Feed(self.conversation_id, read_places(self.last_id))
        try:
            await hub.join(feed)
            until = self.events + (events or 1_000_000)
            async with asyncio.timeout(PATIENCE):
                self.read(feed.take(hub.of(self.conversation_id)))
                while self.events < until and not self.done:
                    await feed.fresh.wait()
                    self.read(feed.take(hub.of(self.conversation_id)))
        finally:
            hub.leave(feed)

    @property
    def heard_end(self) -> bool:
        """Was the reply under way when it last came?"""
        return self.done <= set(self.active)

    def read(self, sent: bytes) -> None:
        for event in filter(None, sent.decode().split("\n\n")):
            fields = dict(re.findall(r"(?m)^(\w+): (.*)$", event))
            if "event" in fields:
                continue
            self.events += 1
            self.last_id = fields["id"]
            for op in orjson.loads(fields["data"])["ops"]:
                self.apply(op)

    def apply(self, op: dict) -> None:
        match op:
            case {"active": active}:
                self.active = active
            case {"thread": str()}:
                self.threads += 1
            case {"m": reply, "done": True}:
                self.done.add(reply)
            case {"m": reply, "n": at, "html": html}:
                blocks = self.shown.setdefault(reply, [])
                assert at <= len(blocks), f"a hole before block {at}"
                blocks[at : at + 1] = [html]
            case {"m": reply, "r": at, "text": text}:
                known = self.reasoning.get(reply, "")
                assert at <= len(known), f"a hole before character {at}"
                self.reasoning[reply] = known[:at] + text
            case {"m": reply, **signs}:
                self.signs.setdefault(reply, {}).update(signs)

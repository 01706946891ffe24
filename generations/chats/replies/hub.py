"""Who watches which conversation, and what they are told. One hub for each process, in its event loop.

A page hears `data: {"ops": […]}`. Each op may be applied twice, and they are applied in their order:

    {"active": [reply, …]}               on connecting: these are under way. A page that shows another one as under way
                                         fetches that message anew.
    {"thread": changed_at}               the conversation is another than it was: fetch the thread, unless it is of that
                                         moment already.
    {"m": reply, "n": 3, "html": "…"}    its block 3, counted from 0, is this. Where there is no block 2 yet, something
                                         was lost: open the stream anew, without Last-Event-ID.
    {"m": reply, "r": 40, "text": "…"}   its reasoning from character 40 on is this.
    {"m": reply, "thinking": 3.2}        it has been thinking for so many seconds, and goes on: count from there.
    {"m": reply, "thought": 7.5}         it thought for so many seconds, and writes now.
    {"m": reply, "stalled": "…"}         what to say of its silence; "" takes that back.
    {"m": reply, "done": true}           it has ended, however: fetch the message, it is whole.

What a page was told it is not told again, so one that fetches a message or the thread while a reply in it is under way
opens the stream anew (a new EventSource has no Last-Event-ID) and is told that reply from its beginning.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from generations.chats.replies.feed import Feed
from generations.chats.replies.following import Follower, State
from generations.chats.replies.painter import Painter
from generations.chats.replies.reply import LiveReply, Op

NONE: Mapping[UUID, LiveReply] = {}


class Hub:
    def __init__(self) -> None:
        self.feeds: dict[UUID, set[Feed]] = {}
        self.here: dict[UUID, LiveReply] = {}  # the replies that are written in this process
        self._replies: defaultdict[UUID, dict[UUID, LiveReply]] = defaultdict(dict)  # all, by conversation
        self._painter = Painter(self._wake)
        self._follower = Follower(self)
        self._tasks: list[asyncio.Task[None]] = []

    # -- Pages -------------------------------------------------------------------------------------------------------
    async def join(self, feed: Feed) -> None:
        """From now on it is told. Raises DatabaseError where it cannot be found out what is under way."""
        self.feeds.setdefault(feed.conversation_id, set()).add(feed)
        if not self._tasks or any(task.done() for task in self._tasks):
            self._tasks = [asyncio.create_task(self._painter.run()), asyncio.create_task(self._follower.run())]
        await self.catch_up(feed)

    async def catch_up(self, feed: Feed) -> None:
        """Tells it what it cannot know: what is under way, and whether the conversation is another by now."""
        state = await self._follower.look([feed.conversation_id])
        replies = self.of(feed.conversation_id)
        feed.begin({*state.under_way, *replies})
        for reply in replies.values():
            self._painter.paint(reply)
        self.compare(feed, state)

    def compare(self, feed: Feed, state: State) -> None:
        moment = state.changed.get(feed.conversation_id)
        if moment is not None and feed.changed_at != moment:
            if feed.changed_at is not None:
                feed.tell({"thread": moment.isoformat()})
            feed.changed_at = moment

    def leave(self, feed: Feed) -> None:
        watching = self.feeds.get(feed.conversation_id, set())
        watching.discard(feed)
        if not watching:
            self.feeds.pop(feed.conversation_id, None)
        if not self.feeds:
            for task in self._tasks:
                task.cancel()
            self._tasks = []
            self._follower.forget()

    def of(self, conversation_id: UUID) -> Mapping[UUID, LiveReply]:
        """The replies under way in a conversation, wherever they are written."""
        return self._replies.get(conversation_id, NONE)

    # -- Replies -----------------------------------------------------------------------------------------------------
    def begin(self, reply: LiveReply, *, here: bool = True) -> None:
        self._replies[reply.conversation_id][reply.id] = reply
        if here:
            self.here[reply.id] = reply
        if reply.conversation_id in self.feeds:
            self._painter.ask(reply)

    def grew(self, reply: LiveReply) -> None:
        """It has more text. The first of it is shown at once."""
        if reply.conversation_id not in self.feeds:
            return
        if reply.place.tail or reply.place.thought:
            self._painter.ask(reply)
        else:
            self._painter.paint(reply)

    def sign(self, reply: LiveReply, **values: object) -> None:
        reply.sign(**values)
        self._wake(reply)

    def ended(self, reply: LiveReply) -> None:
        """Call it when its end is written down: pages then ask for it whole."""
        self.here.pop(reply.id, None)
        replies = self._replies[reply.conversation_id]
        if replies.get(reply.id) is reply:
            del replies[reply.id]
        if not replies:
            del self._replies[reply.conversation_id]
        self._painter.forget(reply)
        if feeds := self.feeds.get(reply.conversation_id):
            reply.end()
            reply.finish_painting()
            for feed in feeds:
                feed.end(reply)

    def tell(self, conversation_id: UUID, *ops: Op) -> None:
        for feed in self.feeds.get(conversation_id, ()):
            feed.tell(*ops)

    def _wake(self, reply: LiveReply) -> None:
        for feed in self.feeds.get(reply.conversation_id, ()):
            feed.wake()


hub = Hub()

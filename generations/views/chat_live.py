"""The live page of a conversation: one stream of server-sent events a page, plain ASGI in front of Django.

What it says is written in `generations.chats.replies.hub`. Beside that it carries the count of the person's running
jobs, as `/live/` does, so that a page of a conversation needs no other stream.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime

from generations.chats.replies.feed import Feed, read_places
from generations.chats.replies.hub import hub
from generations.models import Conversation
from generations.views import live
from generations.views.audiences import Counted
from generations.views.counts import running_counts
from generations.views.live import HEADERS, Receive, Scope, Send, gone
from generations.views.sse import running_event
from generations.views.visitor import cookies_of, user_id
from studio.database import query

log = structlog.get_logger(__name__)

PREFIX = "/live/chat/"
HEARTBEAT = 15.0
STILL_HERE = b'data: {"ops":[]}\n\n'  # as news: a page that hears nothing for long opens the stream anew
CHECK = 30.0  # seconds between two looks whether the person may still see it


class Visit(NamedTuple):
    """An open page: whose it is, and of which conversation."""

    owner: int
    conversation: UUID
    cookies: SimpleCookie

    def is_welcome(self) -> bool:
        return user_id(self.cookies) == self.owner and _may_see(self.owner, self.conversation)


class Count(live.Stream):
    """Among the streams of cards, one that shows none of them and takes the count."""

    def __init__(self, owner: int, feed: Feed) -> None:
        super().__init__(owner, [Counted(owner)], "")
        self._feed = feed

    def put(self, message: bytes) -> None:
        self._feed.put(message)


async def chat_live(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /live/chat/<id>/?since=<changed_at>: what happens in that conversation, from where `Last-Event-ID` says.

    With `poll=1` the answer ends when it has told what is new; `at` then stands for `Last-Event-ID`. For pages behind
    a proxy that holds streams back.
    """
    cookies = cookies_of(scope["headers"])
    conversation_id = _id(scope["path"])
    owner = await query(user_id, cookies)
    allowed = owner is not None and conversation_id is not None and await query(_may_see, owner, conversation_id)
    if owner is None or conversation_id is None or not allowed or scope["method"] != "GET":
        await _refuse(send, 401 if owner is None else 404 if not allowed else 405)
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    feed = Feed(conversation_id, read_places(_last_event(scope) or _one(asked, "at")), _since(asked))
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    if _one(asked, "poll") == "1":
        await _poll(feed, owner, send)
    else:
        await _stream(feed, Visit(owner, conversation_id, cookies), receive, send)


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _poll(feed: Feed, owner: int, send: Send) -> None:
    try:
        await hub.join(feed)
        await _count(feed, owner)
        body = feed.take(hub.of(feed.conversation_id))
    finally:
        hub.leave(feed)
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _stream(feed: Feed, visit: Visit, receive: Receive, send: Send) -> None:
    count = Count(visit.owner, feed)
    live.watcher.join(count)
    tasks = [asyncio.create_task(_flow(feed, visit, send)), asyncio.create_task(gone(receive))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        live.watcher.leave(count)
        hub.leave(feed)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, DatabaseError):
                log.warning("a chat stream waits for the database", reason=type(outcome).__name__)
            elif isinstance(outcome, Exception):
                log.error("chat stream broke", exc_info=outcome)


async def _flow(feed: Feed, visit: Visit, send: Send) -> None:
    now = asyncio.get_running_loop().time
    checked = now()
    await hub.join(feed)
    await _count(feed, visit.owner)
    while True:
        if now() - checked > CHECK:
            checked = now()
            if not await query(visit.is_welcome):
                break
        if message := feed.take(hub.of(feed.conversation_id)):
            await send({"type": "http.response.body", "body": message, "more_body": True})
        try:
            async with asyncio.timeout(HEARTBEAT):
                await feed.fresh.wait()
        except TimeoutError:
            await send({"type": "http.response.body", "body": STILL_HERE, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _count(feed: Feed, owner: int) -> None:
    feed.put(running_event((await query(running_counts, [owner])).get(owner, 0)))


def _id(path: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(path.removeprefix(PREFIX).rstrip("/"))
    return None


def _may_see(owner: int, conversation_id: UUID) -> bool:
    return Conversation.objects.filter(pk=conversation_id, owner=owner, deleted_at__isnull=True).exists()


def _last_event(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"), "")


def _one(asked: dict[str, list[str]], name: str) -> str:
    return asked.get(name, [""])[0]


def _since(asked: dict[str, list[str]]) -> datetime | None:
    with suppress(ValueError):
        return parse_datetime(_one(asked, "since").replace(" ", "+"))
    return None

"""The live page of a conversation: one stream of server-sent events a page, plain ASGI in front of Django."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from http.cookies import SimpleCookie
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.utils.dateparse import parse_datetime

from generations.chats.hub import Feed, hub
from generations.models import Conversation
from generations.views.live import HEADERS, HEARTBEAT, SESSION_CHECK, Receive, Scope, Send, gone
from generations.views.visitor import cookies_of, user_id
from studio.database import query

log = structlog.get_logger(__name__)

PREFIX = "/live/chat/"


async def chat_live(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /live/chat/<id>/?since=<changed_at>: what happens in that conversation, as events that each hold `ops`."""
    cookies = cookies_of(scope["headers"])
    owner = await query(user_id, cookies)
    conversation_id = _id(scope["path"])
    allowed = owner is not None and conversation_id is not None and await query(_may_see, owner, conversation_id)
    if conversation_id is None or not allowed or scope["method"] != "GET":
        status = 401 if owner is None else 404
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    feed = _feed(scope, conversation_id)
    hub.join(feed)
    tasks = [asyncio.create_task(_flow(feed, owner, cookies, send)), asyncio.create_task(gone(receive))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(feed)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("chat stream broke", exc_info=outcome)


def _feed(scope: Scope, conversation_id: UUID) -> Feed:
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"}
    told: dict[UUID, tuple[int, int]] = {}
    with suppress(ValueError):
        for place in filter(None, headers.get(b"last-event-id", "").split(",")):
            reply, _, numbers = place.partition("=")
            block, _, thought = numbers.partition(".")
            told[UUID(reply)] = (int(block), int(thought))
    changed_at: datetime | None = None
    with suppress(ValueError):
        changed_at = parse_datetime(asked.get("since", [""])[0].replace(" ", "+"))
    feed = Feed(conversation_id, told, changed_at)
    under_way = hub.of(conversation_id)
    feed.ended = {reply for reply in told if reply not in under_way}
    feed.tell({"active": [str(reply) for reply in under_way]})
    return feed


async def _flow(feed: Feed, owner: int | None, cookies: SimpleCookie, send: Send) -> None:
    now = asyncio.get_running_loop().time
    checked = now()
    while True:
        if message := feed.take(hub.of(feed.conversation_id)):
            await send({"type": "http.response.body", "body": message, "more_body": True})
        try:
            async with asyncio.timeout(HEARTBEAT):
                await feed.fresh.wait()
        except TimeoutError:
            await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
        if now() - checked > SESSION_CHECK:
            checked = now()
            if await query(user_id, cookies) != owner:
                break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _id(path: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(path.removeprefix(PREFIX).rstrip("/"))
    return None


def _may_see(owner: int, conversation_id: UUID) -> bool:
    return Conversation.objects.filter(pk=conversation_id, owner=owner, deleted_at__isnull=True).exists()

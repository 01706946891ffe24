"""The live page: one stream of server-sent events a page, fed by one watcher a process.

Plain ASGI, in front of Django: an open stream costs no thread. The watcher asks the database what has changed since
it last looked; what it finds is rendered once for each audience and handed to every stream of it. What an audience is
told of, and how, is in `generations.views.audiences`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import teams
from accounts.models import User
from generations.views.access import visible_jobs
from generations.views.audiences import Audience, Change, Counted, InTeam, Member, Own, Watched, changes
from generations.views.counts import Bell, running_counts, unread_event
from generations.views.sse import TOKEN, running_event
from generations.views.ticking import EVERY, Words
from generations.views.visitor import cookies_of, csrf_token, user_id
from studio.database import query

log = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

TICK = 0.35  # seconds between two looks at the database
OVERLAP = timedelta(seconds=4)  # commits become visible late, and machines' clocks differ
AFTER_TROUBLE = 2.0
HEARTBEAT = 15.0
SESSION_CHECK = 30.0
CATCH_UP = 200  # jobs told to a page that comes back; older changes wait for its next load
LONGEST_ABSENCE = timedelta(days=7)

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class Watcher:
    """Knows the open streams by audience, and looks at the database while there are any."""

    def __init__(self) -> None:
        self.streams: defaultdict[Audience, set[Stream]] = defaultdict(set)
        self.cursor = timezone.now()
        self.seen: dict[UUID, datetime] = {}
        self.words = Words()
        self.bell = Bell()
        self.worded_at = self.cursor
        self.task: asyncio.Task[None] | None = None

    def join(self, stream: Stream) -> None:
        for audience in stream.audiences:
            self.streams[audience].add(stream)
        if self.task is None or self.task.done():
            self.cursor = timezone.now()
            self.task = asyncio.create_task(self.run())

    def leave(self, stream: Stream) -> None:
        for audience in stream.audiences:
            self.streams[audience].discard(stream)
            if not self.streams[audience]:
                del self.streams[audience]

    async def run(self) -> None:
        while self.streams:
            await asyncio.sleep(TICK)
            try:
                await self.look()
            except DatabaseError as error:
                log.warning("live watcher waits for the database", reason=type(error).__name__)
                await asyncio.sleep(AFTER_TROUBLE)
            except Exception:  # one job that cannot be shown must not keep the others from everybody
                log.exception("live watcher stumbled")

    async def look(self) -> None:
        now = timezone.now()
        await self.end_those_over()
        watched = Watched.all(self.streams)
        changed = await query(changes, watched, self.cursor - OVERLAP)
        fresh = [change for change in changed if self.seen.get(change.job.pk) != change.job.changed_at]
        self.cursor = now
        self.seen = {change.job.pk: change.job.changed_at for change in changed}
        if now - self.worded_at > timedelta(seconds=EVERY):
            self.worded_at = now
            await self.bell.ring(stream for streams in self.streams.values() for stream in streams)
            known = {change.job.pk for change in fresh}
            fresh += [Change(job) for job in await query(self.words.changed, watched) if job.pk not in known]
        if fresh:
            await self.tell(fresh, now)

    async def end_those_over(self) -> None:
        """Each kind of audience is asked once for all of its own that are open."""
        for kind in {type(audience) for audience in self.streams if audience.ends}:
            audiences = [audience for audience in self.streams if type(audience) is kind]
            for audience, last in (await query(kind.ended, audiences)).items():
                for stream in self.streams.get(audience, ()):
                    stream.end(last)

    async def tell(self, fresh: Sequence[Change], now: datetime) -> None:
        news: defaultdict[Stream, bytes] = defaultdict(bytes)
        for audience in list(self.streams):
            if concerning := [change for change in fresh if audience.concerns(change)]:
                message = await query(audience.told, concerning, now)
                for stream in self.streams.get(audience, ()):
                    news[stream] += message
        owners = {change.job.owner_id for change in fresh}
        counted = {stream for streams in self.streams.values() for stream in streams if stream.owner in owners}
        running = await query(running_counts, owners) if counted else {}
        for stream in counted:
            news[stream] += running_event(running.get(stream.owner or 0, 0))
        for stream, message in news.items():
            stream.put(message)


class Stream:
    """One open page. `owner` is the signed-in person, null for a guest; `token` is for the forms in what it is sent."""

    def __init__(self, owner: int | None, audiences: Sequence[Audience], token: str) -> None:
        self.owner = owner
        self.audiences = tuple(audiences)
        self.token = token
        self.last = b""
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=256)

    def put(self, message: bytes) -> None:
        """A page that reads too slowly is let go: it comes back and catches up."""
        if not message:
            return
        try:
            self.queue.put_nowait(self.with_token(message))
        except asyncio.QueueFull:
            self.end()

    def end(self, last: bytes = b"") -> None:
        """Whatever else was to come: this is the last that it is told."""
        self.last = last
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(b"")

    def with_token(self, message: bytes) -> bytes:
        return message.replace(TOKEN.encode(), self.token.encode())

    async def next(self) -> bytes:
        """What there is to send, in one piece; b"" ends the stream."""
        try:
            async with asyncio.timeout(HEARTBEAT):
                parts = [await self.queue.get()]
        except TimeoutError:
            return b": still here\n\n"
        while parts[-1] and not self.queue.empty():
            parts.append(self.queue.get_nowait())
        return b"" if not parts[-1] else b"".join(parts)


watcher = Watcher()


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /live/?since=<time>: the caller's jobs as they change, as cards; with `job=<id>` that one, as its page.

    With `team=<id>` what is shared with that team, as the cards of its gallery. With `poll=1` the answer ends when it
    has told what has changed: for pages behind a proxy that holds streams back.
    """
    cookies = cookies_of(scope["headers"])
    owner = await query(user_id, cookies)
    if owner is None or scope["method"] != "GET":
        await refuse(send, 401 if owner is None else 405)
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    audiences = await query(_audiences, owner, asked)

    def is_welcome() -> bool:
        return user_id(cookies) == owner

    await serve(Stream(owner, audiences, csrf_token(cookies)), scope, receive, send, is_welcome)


async def refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def serve(stream: Stream, scope: Scope, receive: Receive, send: Send, is_welcome: Callable[[], bool]) -> None:
    """Answers with the stream until one side ends it. `is_welcome` is asked now and then, in the database's thread."""
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    since = _since(scope, asked)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    if asked.get("poll") == ["1"]:
        await send({"type": "http.response.body", "body": await _missed(stream, since), "more_body": False})
        return
    watcher.join(stream)
    tasks = [
        asyncio.create_task(_feed(stream, since, is_welcome, send)),
        asyncio.create_task(gone(receive)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watcher.leave(stream)
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("live stream broke", exc_info=outcome)


async def _missed(stream: Stream, since: datetime) -> bytes:
    """What a page has to be told to be up to date."""
    now = timezone.now()
    found = await query(changes, Watched.all(stream.audiences), since - OVERLAP, CATCH_UP)
    parts = []
    for audience in stream.audiences:
        if concerning := [change for change in found if audience.concerns(change)]:
            parts.append(await query(audience.told, concerning, now))
    if stream.owner is None:
        return stream.with_token(b"".join(parts) or b": welcome\n\n")
    counts = await query(running_counts, [stream.owner])
    told = await query(unread_event, stream.owner) + running_event(counts.get(stream.owner, 0), now)
    return stream.with_token(b"".join(parts)) + told


async def _feed(stream: Stream, since: datetime, is_welcome: Callable[[], bool], send: Send) -> None:
    now = asyncio.get_running_loop().time
    await _send(send, await _missed(stream, since))
    checked = now()
    while message := await stream.next():
        if now() - checked > SESSION_CHECK:
            checked = now()
            if not await query(is_welcome):
                stream.end(b"".join([await query(audience.goodbye) for audience in stream.audiences]))
                break
        await _send(send, message)
    await send({"type": "http.response.body", "body": stream.last, "more_body": False})


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _audiences(owner: int, asked: dict[str, list[str]]) -> list[Audience]:
    """Of the page that asks. What it may not see is the page of nothing: nothing is told of it."""
    user = User.objects.get(pk=owner)
    team = asked.get("team", [""])[0]
    if team.isascii() and team.isdigit() and len(team) < 15 and teams.role(user, int(team)):
        return _of_a_team(owner, InTeam(int(team)))
    page = page_of(asked)
    job = visible_jobs(user).exclude(owner=owner).filter(pk=page).first() if page else None
    if job is not None and job.team_id is not None:
        return _of_a_team(owner, InTeam(job.team_id, job.pk))
    return [Own(owner, page)]


def _of_a_team(owner: int, shown: InTeam) -> list[Audience]:
    return [Counted(owner), Member(owner, shown.team, shown), shown]


def page_of(query: dict[str, list[str]]) -> UUID | None:
    with suppress(ValueError):
        return UUID(query.get("job", [""])[0])
    return None


def _since(scope: Scope, query: dict[str, list[str]]) -> datetime:
    headers = {name: value for name, value in scope["headers"] if name == b"last-event-id"}
    text = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("since", [""])[0].replace(" ", "+")
    with suppress(ValueError):
        moment = parse_datetime(text)
        if moment is not None and timezone.is_aware(moment):
            return max(moment, timezone.now() - LONGEST_ABSENCE)
    return timezone.now()

"""The live page: one stream of server-sent events a page, fed by one watcher a process.

Plain ASGI, in front of Django: an open stream costs no thread. The watcher asks the database what has changed since
it last looked; what it finds is rendered once and handed to every stream of that job's owner.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.db import DatabaseError
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from generations.models import Job
from generations.models.job import IN_FLIGHT
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

# Stands in what is rendered once for all of an owner's pages, where each browser's own token has to be.
TOKEN = secrets.token_urlsafe(24)


class Watcher:
    """Knows the open streams by owner, and looks at the database while there are any."""

    def __init__(self) -> None:
        self.streams: defaultdict[int, set[Stream]] = defaultdict(set)
        self.cursor = timezone.now()
        self.seen: dict[UUID, datetime] = {}
        self.words = Words()
        self.worded_at = self.cursor
        self.task: asyncio.Task[None] | None = None

    def join(self, stream: Stream) -> None:
        self.streams[stream.owner].add(stream)
        if self.task is None or self.task.done():
            self.cursor = timezone.now()
            self.task = asyncio.create_task(self.run())

    def leave(self, stream: Stream) -> None:
        self.streams[stream.owner].discard(stream)
        if not self.streams[stream.owner]:
            del self.streams[stream.owner]

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
        changed = await query(_changed_jobs, list(self.streams), self.cursor - OVERLAP)
        fresh = [job for job in changed if self.seen.get(job.pk) != job.changed_at]
        self.cursor = now
        self.seen = {job.pk: job.changed_at for job in changed}
        if now - self.worded_at > timedelta(seconds=EVERY):
            self.worded_at = now
            known = {job.pk for job in fresh}
            fresh += [job for job in await query(self.words.changed, list(self.streams)) if job.pk not in known]
        if fresh:
            await self.tell(fresh, now)

    async def tell(self, jobs: list[Job], now: datetime) -> None:
        by_owner: defaultdict[int, list[Job]] = defaultdict(list)
        for job in jobs:
            by_owner[job.owner_id].append(job)
        running = await query(running_counts, by_owner)
        for owner, theirs in by_owner.items():
            for page in {stream.page for stream in self.streams.get(owner, ())}:
                text = await query(render_changes, theirs, page)
                message = event(text, now) + running_event(running.get(owner, 0))
                for stream in self.streams.get(owner, ()):
                    if stream.page == page:
                        stream.put(message)


class Stream:
    """One open page: of the job `page`, or of cards where that is None. `token` is for the forms in what it is sent."""

    def __init__(self, owner: int, page: UUID | None, token: str) -> None:
        self.owner = owner
        self.page = page
        self.token = token
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=256)

    def put(self, message: bytes) -> None:
        """A page that reads too slowly is let go: it comes back and catches up."""
        try:
            self.queue.put_nowait(self.with_token(message))
        except asyncio.QueueFull:
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

    With `poll=1` the answer ends when it has told what has changed: for pages behind a proxy that holds streams back.
    """
    cookies = cookies_of(scope["headers"])
    owner = await query(user_id, cookies)
    if owner is None or scope["method"] != "GET":
        status = 401 if owner is None else 405
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    stream, since = Stream(owner, _page(asked), csrf_token(cookies)), _since(scope, asked)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    if asked.get("poll") == ["1"]:
        await send({"type": "http.response.body", "body": await _missed(stream, since), "more_body": False})
        return
    watcher.join(stream)
    tasks = [
        asyncio.create_task(_feed(stream, since, cookies, send)),
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
    jobs = await query(_changed_jobs, [stream.owner], since - OVERLAP, CATCH_UP)
    text = await query(render_changes, jobs, stream.page)
    counts = await query(running_counts, [stream.owner])
    return stream.with_token(event(text, now)) + running_event(counts.get(stream.owner, 0), now)


async def _feed(stream: Stream, since: datetime, cookies: SimpleCookie, send: Send) -> None:
    await _send(send, await _missed(stream, since))
    checked = asyncio.get_running_loop().time()
    while message := await stream.next():
        await _send(send, message)
        if asyncio.get_running_loop().time() - checked > SESSION_CHECK:
            checked = asyncio.get_running_loop().time()
            if await query(user_id, cookies) != stream.owner:
                break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(text: str, now: datetime) -> bytes:
    """One unnamed event, which htmx swaps in; its id is where a page that comes back goes on from."""
    lines = "".join(f"data: {line}\n" for line in text.strip().splitlines())
    return f"id: {now.isoformat()}\n{lines}\n".encode() if lines else b""


def running_event(count: int, now: datetime | None = None) -> bytes:
    return (f"id: {now.isoformat()}\n" if now else "").encode() + f"event: running\ndata: {count}\n\n".encode()


def render_changes(jobs: Iterable[Job], page: UUID | None) -> str:
    """The changed jobs as partials that replace what is shown of them: as cards, or that one of a job's page.

    Partials for cards that a page does not show are ignored by it.
    """
    shown = [job for job in jobs if page in (None, job.pk)]
    return render_to_string(
        "generations/_changes.html", {"jobs": shown, "as_page": page is not None, "csrf_token": TOKEN}
    )


def running_counts(owners: Iterable[int]) -> dict[int, int]:
    in_flight = Job.objects.filter(owner_id__in=list(owners), state__in=IN_FLIGHT, deleted_at__isnull=True)
    return dict(in_flight.values_list("owner_id").annotate(Count("pk")))


def _changed_jobs(owners: list[int], since: datetime, limit: int = 1000) -> list[Job]:
    changed = Job.objects.filter(owner_id__in=owners, changed_at__gt=since).order_by("-changed_at")
    return list(changed.prefetch_related("outputs")[:limit])


def _page(query: dict[str, list[str]]) -> UUID | None:
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

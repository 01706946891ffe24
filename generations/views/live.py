"""The live page: one stream of server-sent events a page, fed by one watcher a process.

Plain ASGI, in front of Django: an open stream costs no thread. The watcher asks the database what has changed since
it last looked; what it finds is rendered once and handed to every stream of that job's owner.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, close_old_connections
from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from generations.models import Job
from generations.models.job import IN_FLIGHT

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Any]
Send = Callable[[MutableMapping[str, Any]], Any]
P = ParamSpec("P")
R = TypeVar("R")

TICK = 0.35  # seconds between two looks at the database
OVERLAP = timedelta(seconds=4)  # commits become visible late, and machines' clocks differ
HEARTBEAT = 15.0
SESSION_CHECK = 30.0
CATCH_UP = 200  # jobs told to a page that comes back; older changes wait for its next load

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

# One thread, so one database connection, whatever the number of streams.
_database = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")


async def _query(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    def run() -> R:
        close_old_connections()
        return function(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_database, run)


class Watcher:
    """Knows the open streams by owner, and looks at the database while there are any."""

    def __init__(self) -> None:
        self.streams: defaultdict[int, set[Stream]] = defaultdict(set)
        self.cursor = timezone.now()
        self.seen: dict[UUID, datetime] = {}
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
                await asyncio.sleep(2)

    async def look(self) -> None:
        now = timezone.now()
        changed = await _query(_changed_jobs, list(self.streams), self.cursor - OVERLAP)
        fresh = [job for job in changed if self.seen.get(job.pk) != job.changed_at]
        self.cursor = now
        self.seen = {job.pk: job.changed_at for job in changed}
        if fresh:
            await self.tell(fresh, now)

    async def tell(self, jobs: list[Job], now: datetime) -> None:
        by_owner: defaultdict[int, list[Job]] = defaultdict(list)
        for job in jobs:
            by_owner[job.owner_id].append(job)
        running = await _query(running_counts, by_owner)
        for owner, theirs in by_owner.items():
            for view in {stream.view for stream in self.streams.get(owner, ())}:
                text = await _query(render_changes, theirs, view)
                message = event(text, now) + running_event(running.get(owner, 0))
                for stream in self.streams.get(owner, ()):
                    if stream.view == view:
                        stream.put(message)


class Stream:
    """One open page. `view` is how it shows jobs: "card", or "page" for the viewer."""

    def __init__(self, owner: int, view: str) -> None:
        self.owner = owner
        self.view = view
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=256)

    def put(self, message: bytes) -> None:
        """A page that reads too slowly is let go: it comes back and catches up."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(b"")

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
    """GET /live/?since=<time>&as=card|page: the caller's jobs as they change."""
    cookies = _cookies(scope)
    owner = await _query(user_id, cookies)
    if owner is None or scope["method"] != "GET":
        status = 401 if owner is None else 405
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    query = parse_qs(scope["query_string"].decode("latin-1"))
    stream = Stream(owner, "page" if query.get("as") == ["page"] else "card")
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    watcher.join(stream)
    tasks = [
        asyncio.create_task(_feed(stream, _since(scope, query), cookies, send)),
        asyncio.create_task(_gone(receive)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watcher.leave(stream)
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def _feed(stream: Stream, since: datetime, cookies: SimpleCookie, send: Send) -> None:
    now = timezone.now()
    missed = await _query(_changed_jobs, [stream.owner], since - OVERLAP)
    first = event(await _query(render_changes, missed[:CATCH_UP], stream.view), now) if missed else b": welcome\n\n"
    counts = await _query(running_counts, [stream.owner])
    await _send(send, first + running_event(counts.get(stream.owner, 0)))
    checked = asyncio.get_running_loop().time()
    while message := await stream.next():
        await _send(send, message)
        if asyncio.get_running_loop().time() - checked > SESSION_CHECK:
            checked = asyncio.get_running_loop().time()
            if await _query(user_id, cookies) != stream.owner:
                break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(text: str, now: datetime) -> bytes:
    """One unnamed event, which htmx swaps in; its id is where a page that comes back goes on from."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"id: {now.isoformat()}\n{lines}\n".encode() if lines else b""


def running_event(count: int) -> bytes:
    return f"event: running\ndata: {count}\n\n".encode()


def render_changes(jobs: Iterable[Job], view: str) -> str:
    """The changed jobs as partials that replace what a page shows of them; a page ignores those it does not show."""
    return render_to_string("generations/_changes.html", {"jobs": list(jobs), "view": view})


def running_counts(owners: Iterable[int]) -> dict[int, int]:
    in_flight = Job.objects.filter(owner_id__in=list(owners), state__in=IN_FLIGHT, deleted_at__isnull=True)
    return dict(in_flight.values_list("owner_id").annotate(Count("pk")))


def user_id(cookies: SimpleCookie) -> int | None:
    """The signed-in person of a session cookie, by Django's own check (an ended session or old password: None)."""
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value if morsel else None)
    user = get_user(request)
    return user.pk if user.is_authenticated and user.is_active else None


def _changed_jobs(owners: list[int], since: datetime) -> list[Job]:
    changed = Job.objects.filter(owner_id__in=owners, changed_at__gt=since).order_by("-changed_at")
    return list(changed.prefetch_related("outputs")[:1000])


def _cookies(scope: Scope) -> SimpleCookie:
    raw = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return SimpleCookie(raw.decode("latin-1"))


def _since(scope: Scope, query: dict[str, list[str]]) -> datetime:
    headers = {name: value for name, value in scope["headers"] if name == b"last-event-id"}
    text = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("since", [""])[0].replace(" ", "+")
    with suppress(ValueError):
        moment = parse_datetime(text)
        if moment is not None and timezone.is_aware(moment):
            return max(moment, timezone.now() - timedelta(hours=1))
    return timezone.now()

"""The wire: a plain ASGI application around a FakeProvider."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson

from tests.fake_provider import media
from tests.fake_provider.faults import BODIES, Fault
from tests.fake_provider.provider import FakeProvider, Job, RefusedError

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, Any]  # a status; JSON, or (content type, bytes)

HTML = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"


class App:
    """`closing` is set when the server goes down, and lets go of every request that hangs."""

    def __init__(self, fake: FakeProvider, ready: Callable[[], None] = lambda: None) -> None:
        self.fake = fake
        self.ready = ready
        self.closing: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] == "/_control":
            await self._control(scope, receive, send)
        else:
            await _Exchange(self, scope, receive, send).run()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self.closing, self.loop = asyncio.Event(), asyncio.get_running_loop()
        await send({"type": "lifespan.startup.complete"})
        self.ready()
        await receive()
        for task in self.tasks:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """From another thread."""
        if self.loop and self.closing and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.closing.set)

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            wishes = orjson.loads(await _body(receive) or b"{}") if scope["method"] == "POST" else {}
            answer: Answer = 200, self.fake.control(wishes)
        except (ValueError, TypeError) as error:
            answer = 400, {"detail": str(error)}
        await _answer(send, answer)

    # -- Webhooks ----------------------------------------------------------------------------------------------------
    def watch(self, job: Job) -> None:
        """Calls the job's webhook when it ends by the clock; one that ends by reads calls it at that read."""
        if job.webhook_url and job.seconds is not None:
            self._spawn(self._call_later(job, job.seconds))

    def notice(self, job: Job, was: str) -> None:
        if job.webhook_url and job.end and not was and (job.seconds is None or job.end == "cancelled"):
            self._spawn(self._call(job))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _call_later(self, job: Job, seconds: float) -> None:
        await asyncio.sleep(seconds)
        was = job.end
        job.read()
        if job.end and not was:
            await self._call(job)

    async def _call(self, job: Job) -> None:
        if self.fake.struck("webhook", job.key, job.prompt):
            return
        status = 0
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                status = (await client.post(job.webhook_url, json=self.fake.payload(job))).status_code
        except httpx.HTTPError:
            pass
        self.fake.webhooks.append({"url": job.webhook_url, "job": job.id, "status": status})


class _Exchange:
    """One request and what becomes of it."""

    def __init__(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        self.app, self.fake = app, app.fake
        self.scope, self.receive, self.send = scope, receive, send
        self.key = _key(scope["headers"])
        self.route, self.id = _route(scope["method"], scope["path"])
        self.body: Any = None

    async def run(self) -> None:
        content = await _body(self.receive) if self.scope["method"] == "POST" else b""
        try:
            self.body = orjson.loads(content) if content else None
        except ValueError:
            self.body = None
        prompt = self._count()
        fault = self.fake.struck(self.route, self.key, prompt) if self.fake.faults else None
        if self.fake.latency:
            await asyncio.sleep(self.fake.latency)
        if fault is None:
            await _answer(self.send, self._act())
        else:
            await self._misbehave(fault)

    def _count(self) -> str:
        """Writes the request down; its prompt, as far as one is known."""
        fake, route = self.fake, self.route
        fake.requests[route] += 1
        if route == "status":
            fake.reads[self.id] += 1
        elif route == "cancel":
            fake.cancels[self.id] += 1
        elif route == "list":
            fake.lists[self.key] += 1
        elif route == "output" and self.key:
            fake.leaks += 1
        fake.last[route] = {
            "key": self.key,
            "headers": self.scope["headers"],
            "body": self.body,
            "query": self.scope["query_string"],
        }
        if route == "create":
            inputs = self.body.get("inputs") if isinstance(self.body, dict) else None
            prompt = str(inputs.get("prompt", "")) if isinstance(inputs, dict) else ""
            fake.received[prompt] += 1
            return prompt
        job = fake.jobs.get(self.id)
        return job.prompt if job else ""

    # -- As it should be ---------------------------------------------------------------------------------------------
    def _act(self) -> Answer:
        try:
            return getattr(self, f"_{self.route}")()
        except RefusedError as refused:
            return refused.status, refused.body

    def _create(self) -> Answer:
        self.fake.authorise(self.key)
        job = self.fake.create(self.key, self.body)
        self.app.watch(job)
        return 200, self.fake.payload(job)

    def _status(self) -> Answer:
        self.fake.authorise(self.key)
        job = self.fake.find(self.key, self.id)
        return 200, self._read(job)

    def _list(self) -> Answer:
        self.fake.authorise(self.key)
        reference = parse_qs(self.scope["query_string"].decode()).get("reference", [""])[0]
        jobs = self.fake.by_key.get(self.key, ())
        return 200, [self._read(job) for job in reversed(jobs) if not reference or job.reference == reference]

    def _read(self, job: Job) -> dict[str, Any]:
        was = job.end
        job.read()
        self.app.notice(job, was)
        return self.fake.payload(job)

    def _cancel(self) -> Answer:
        self.fake.authorise(self.key)
        job = self.fake.find(self.key, self.id)
        self.fake.cancel(job)
        self.app.notice(job, "")
        status = self.fake.cancel_status
        return status, self.fake.payload(job) if status == 200 else b"" if status == 204 else {}

    def _engines(self) -> Answer:
        return 200, self.fake.engines

    def _presets(self) -> Answer:
        return 200, self.fake.presets

    def _pricing(self) -> Answer:
        return 200, self.fake.pricing

    def _output(self) -> Answer:
        job = self.fake.jobs.get(self.id)
        if job is None or self.scope["path"] != job.file:
            return 404, {"detail": "Not found"}
        extension = job.file.rpartition(".")[2]
        return 200, (media.TYPES[extension], media.output(extension))

    def _unknown(self) -> Answer:
        return 404, {"detail": "Not Found"}

    # -- As it should not be -----------------------------------------------------------------------------------------
    async def _misbehave(self, fault: Fault) -> None:
        acted = self._act() if fault.after else None
        match fault.do:
            case "hang":
                await self._hang(fault.seconds)
                if fault.seconds is not None:
                    await _answer(self.send, acted or self._act())
            case "drop":
                self.scope["transport"].abort()
                await self._hang(None)
            case "status":
                status = fault.status or 500
                body = fault.body if fault.body is not None else BODIES.get(status, {"detail": "It went wrong."})
                await _answer(self.send, (status, body), _wait(fault.retry_after))
            case "html":
                await _answer(self.send, (fault.status or 200, ("text/html", HTML.encode())))
            case "raw":
                body = fault.body if fault.body is not None else ""
                await _answer(self.send, (fault.status or 200, (fault.content_type, str(body).encode())))
            case "redirect":
                await _answer(self.send, (302, b""), [(b"location", fault.location.encode())])
            case "edit":
                await _answer(self.send, self._edited(fault))
            case "slow":
                await self._slowly(fault.seconds or 1.0)
            case "truncate":
                await self._truncated()
            case "huge":
                await self._huge(fault.size)

    def _edited(self, fault: Fault) -> Answer:
        status, body = self._act()
        for row in body if isinstance(body, list) else [body]:
            row |= fault.set
            for name in fault.remove:
                row.pop(name, None)
        return status, body

    async def _hang(self, seconds: float | None) -> None:
        """Until the client leaves, the server closes, or `seconds` are over."""
        assert self.app.closing
        waits = [asyncio.ensure_future(self._left()), asyncio.ensure_future(self.app.closing.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _slowly(self, seconds: float) -> None:
        status, kind, body = _encoded(self._act())
        await _start(self.send, status, kind, len(body), [])
        step = -(-len(body) // 10) or 1
        for at in range(0, len(body), step):
            await self._hang(seconds / 10)
            await self.send(
                {"type": "http.response.body", "body": body[at : at + step], "more_body": at + step < len(body)}
            )

    async def _truncated(self) -> None:
        status, kind, body = _encoded(self._act())
        await _start(self.send, status, kind, len(body), [])
        await self.send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        self.scope["transport"].close()
        await self._left()

    async def _huge(self, size: int) -> None:
        """The true answer's type and beginning, then nothing but spaces; without a Content-Length."""
        status, kind, body = _encoded(self._act())
        await _start(self.send, status, kind, None, [])
        piece = body + b" " * (256 * 1024)
        while size > 0 and not self.scope["transport"].is_closing():
            await self.send({"type": "http.response.body", "body": piece[:size], "more_body": True})
            size -= len(piece)
            piece = piece[len(body) :] or piece
            await asyncio.sleep(0)
        await self.send({"type": "http.response.body", "body": b""})


def _route(method: str, path: str) -> tuple[str, str]:
    if path.startswith("/v1/gpu/jobs/"):
        return {"GET": "status", "DELETE": "cancel"}.get(method, "unknown"), path[13:]
    if path == "/v1/gpu/jobs":
        return {"GET": "list", "POST": "create"}.get(method, "unknown"), ""
    if path.startswith("/files/"):
        return "output", path[7:].partition("/")[0]
    name = path.removeprefix("/v1/gpu/")
    return name if name in {"engines", "presets", "pricing"} and path != name else "unknown", ""


def _key(headers: list[tuple[bytes, bytes]]) -> str:
    """The key, in either of its headers."""
    for name, value in headers:
        if name.lower() == b"x-api-key":
            return value.decode()
        if name.lower() == b"authorization" and value.lower().startswith(b"bearer "):
            return value[7:].strip().decode()
    return ""


def _wait(retry_after: str | int) -> list[tuple[bytes, bytes]]:
    """A Retry-After: seconds as they are; "date:5" is the HTTP-date of five seconds from now."""
    said = str(retry_after)
    if said.startswith("date:"):
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(said[5:]))
        said = format_datetime(moment, usegmt=True)
    return [(b"retry-after", said.encode())] if said else []


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _encoded(answer: Answer) -> tuple[int, str, bytes]:
    status, body = answer
    if isinstance(body, tuple):
        return status, body[0], body[1]
    return status, "application/json", body if isinstance(body, bytes) else orjson.dumps(body)


async def _start(send: Send, status: int, kind: str, length: int | None, headers: list[tuple[bytes, bytes]]) -> None:
    lines = [(b"content-type", kind.encode()), *headers]
    if length is not None:
        lines.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})


async def _answer(send: Send, answer: Answer, headers: list[tuple[bytes, bytes]] = []) -> None:  # noqa: B006
    status, kind, body = _encoded(answer)
    await _start(send, status, kind, len(body), headers)
    await send({"type": "http.response.body", "body": body})

"""A plain ASGI application around a FakeProvider, whatever wire format it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson

from tests.fake_provider.answers import Receive, Scope, Send, answer, body_of
from tests.fake_provider.jobs import Job
from tests.fake_provider.misbehaving import Misbehaviour
from tests.fake_provider.provider import FakeProvider
from tests.fake_provider.wire import Answer, Call, RefusedError


class App:
    """`closing` is set when the server goes down, and lets go of every request that hangs."""

    def __init__(self, fake: FakeProvider, ready: Callable[[], None] = lambda: None) -> None:
        self.fake = fake
        self.ready = ready
        self.closing: asyncio.Event | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        fake.made, fake.noticed = self._watch, self._notice

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] == "/_control":
            await self._control(scope, receive, send)
        else:
            await self._exchange(scope, receive, send)

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
            wishes = orjson.loads(await body_of(receive) or b"{}") if scope["method"] == "POST" else {}
            said: Answer = 200, self.fake.control(wishes)
        except (ValueError, TypeError) as error:
            said = 400, {"detail": str(error)}
        await answer(send, said)

    # -- Requests ----------------------------------------------------------------------------------------------------
    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = self._call(scope, await body_of(receive) if scope["method"] in {"POST", "PUT", "PATCH"} else b"")
        prompt = self._count(call, scope)
        fault = self.fake.struck(call.route, call.key, prompt) if self.fake.faults else None
        if self.fake.latency:
            await asyncio.sleep(self.fake.latency)
        if fault is None:
            await answer(send, self._act(call))
            return
        assert self.closing
        await Misbehaviour(self.fake.wire, fault, lambda: self._act(call), self.closing, scope, receive, send).run()

    def _call(self, scope: Scope, content: bytes) -> Call:
        method, path = scope["method"], scope["path"]
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if path.startswith("/files/"):
            route, id = "output", path[7:].partition("/")[0]
        else:
            route, id = self.fake.wire.route(method, path)
        try:
            body = orjson.loads(content) if content else None
        except ValueError:
            body = None
        query = dict(parse_qsl(scope["query_string"].decode())) if scope["query_string"] else {}
        id = id or query.get(self.fake.wire.id_in_query, "")
        return Call(method, path, route, id, self.fake.wire.key(headers), query, headers, content, body)

    def _count(self, call: Call, scope: Scope) -> str:
        """Writes the request down; its prompt, as far as one is known."""
        fake, route = self.fake, call.route
        fake.requests[route] += 1
        if route == "status":
            fake.reads[call.id] += 1
        elif route == "cancel":
            fake.cancels[call.id] += 1
        elif route == "list":
            fake.lists[call.key] += 1
        elif route in fake.wire.keyless and call.key:
            fake.leaks += 1
        fake.last[route] = {
            "key": call.key,
            "headers": scope["headers"],
            "body": call.body,
            "query": scope["query_string"],
        }
        if route == "create":
            prompt = fake.wire.prompt(call.body)
            fake.received[prompt] += 1
            return prompt
        job = fake.jobs.get(call.id)
        return job.prompt if job else ""

    def _act(self, call: Call) -> Answer:
        try:
            said: Answer = getattr(self.fake.wire, f"on_{call.route}")(call)
        except RefusedError as refused:
            return refused.status, refused.body
        return said

    # -- Webhooks ----------------------------------------------------------------------------------------------------
    def _watch(self, job: Job) -> None:
        """Calls the job's webhook when its time has come, unless a read was there first and called it."""
        if job.webhook_url and job.seconds is not None:
            self._spawn(self._call_later(job, job.seconds))

    def _notice(self, job: Job, was: str) -> None:
        if job.webhook_url and job.end and not was:
            self._spawn(self._call_back(job))

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _call_later(self, job: Job, seconds: float) -> None:
        await asyncio.sleep(seconds + 0.02)  # a timer may go off a moment early
        was = job.end
        job.read()
        if job.end and not was:
            await self._call_back(job)

    async def _call_back(self, job: Job) -> None:
        if self.fake.struck("webhook", job.key, job.prompt):
            return
        status, (body, headers) = 0, self.fake.wire.callback(job)
        headers = {"Content-Type": "application/json", **headers}
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                status = (await client.post(job.webhook_url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            pass
        self.fake.webhooks.append({"url": job.webhook_url, "job": job.id, "status": status})

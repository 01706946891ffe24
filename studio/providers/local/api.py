"""The engine's web interface: a plain ASGI application."""

import asyncio
import contextlib
import hmac
import re
from collections.abc import Callable
from urllib.parse import parse_qs

from . import wire
from .asgi import Message, Receive, RefusedError, Send, read_json, send_json, start
from .easel import Easel
from .options import BadInputError
from .spool import Job, Spool

MOST_WAITING = 1000
CHUNK = 256 * 1024
TYPES = {"png": b"image/png", "jpg": b"image/jpeg", "webp": b"image/webp", "mp4": b"video/mp4"}
PUBLIC: dict[str, Callable[[], object]] = {
    "/v1/gpu/engines": wire.engines,
    "/v1/gpu/presets": wire.presets,
    "/v1/gpu/pricing": wire.pricing,
    "/healthz": lambda: {"status": "ok"},
}
JOB_PATH = re.compile(r"/v1/gpu/jobs/([0-9a-f-]{36})")
FILE_PATH = re.compile(r"/files/([0-9a-f-]{36})/([a-z]+\.[a-z0-9]+)")


class Api:
    """Answers requests from the spool and hands new jobs to the easel. `base` is its own address."""

    def __init__(self, spool: Spool, easel: Easel, *, token: str, base: str) -> None:
        self.spool, self.easel, self.base = spool, easel, base
        self.token = token.encode()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        work = asyncio.create_task(self.easel.run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            if (found := FILE_PATH.fullmatch(scope["path"])) and scope["method"] in {"GET", "HEAD"}:
                await self._send_file(send, found[1], found[2], head=scope["method"] == "HEAD")
                return
            status, body = await self._route(scope, receive)
        except BadInputError as error:
            status, body = 400, {"detail": str(error)}
        except RefusedError as refusal:
            status, body = refusal.status, {"detail": refusal.detail}
        await send_json(send, status, body)

    async def _route(self, scope: Message, receive: Receive) -> tuple[int, object]:
        method, path = scope["method"], scope["path"]
        if path in PUBLIC and method == "GET":
            return 200, PUBLIC[path]()
        self._admit(scope)
        if path == "/v1/gpu/jobs" and method == "POST":
            return self._create(await read_json(receive))
        if path == "/v1/gpu/jobs" and method == "GET":
            return 200, self._list(scope)
        if (found := JOB_PATH.fullmatch(path)) and method in {"GET", "DELETE"}:
            job = self._job(found[1])
            return 200, wire.shown(self._cancelled(job) if method == "DELETE" else job, self.base)
        raise RefusedError(404, "There is nothing here.")

    def _admit(self, scope: Message) -> None:
        headers = dict(scope["headers"])
        given = headers.get(b"x-api-key") or headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        if not hmac.compare_digest(given, self.token):
            raise RefusedError(401, "The key is missing or wrong.")

    def _create(self, body: object) -> tuple[int, object]:
        new = wire.job_from(body)
        if new.reference not in self.spool.references and self.spool.unfinished() >= MOST_WAITING:
            raise RefusedError(429, "Too many jobs are waiting; try again later.")
        job = self.spool.add(new)
        if job is new:
            self.easel.wake()
        return 201 if job is new else 200, wire.shown(job, self.base)

    def _list(self, scope: Message) -> list[object]:
        """Newest first; with `?reference=` the one job of that reference, or none."""
        query = parse_qs(scope["query_string"].decode("ascii", "replace"))
        jobs = reversed(self.spool.jobs.values())
        if "reference" in query:
            return [wire.shown(job, self.base) for job in jobs if job.reference == query["reference"][0]]
        return [wire.shown(job, self.base) for job in jobs]

    def _job(self, job_id: str) -> Job:
        if job_id not in self.spool.jobs:
            raise RefusedError(404, "There is no such job.")
        return self.spool.jobs[job_id]

    def _cancelled(self, job: Job) -> Job:
        if job.final and job.status != "cancelled":
            raise RefusedError(409, f"The job has already {job.status}.")
        self.easel.cancel(job)
        return job

    async def _send_file(self, send: Send, job_id: str, name: str, *, head: bool) -> None:
        job = self._job(job_id)
        path = self.spool.output_of(job)
        if job.status != "completed" or job.file != name or not path.is_file():
            raise RefusedError(404, "There is no such file.")
        with path.open("rb") as file:
            size = path.stat().st_size
            await send(start(200, TYPES[path.suffix[1:]], size))
            while not head and (chunk := file.read(CHUNK)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

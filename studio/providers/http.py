"""The only place that talks to a provider: it sends what a dialect builds and hands back what the dialect reads.

Which transport, and why:
    submits   httpx's own, a connection each. It tells of the moment before the first byte of the request leaves, so
              "never sent" is proved and not guessed; and on a connection of its own a POST never meets one that the
              server is just closing.
    polls     aiohttp, without httpx around it: 130 µs of CPU a poll, 245 µs through httpx's request, address and
              response. It may send a GET or a DELETE twice, so it sends only what may be sent twice.
    views     httpx's own, for threads.
None of them follows redirects, keeps cookies or reads .netrc, so a key goes to the configured origin or nowhere.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from urllib.parse import urlencode

import aiohttp
import httpx
from yarl import URL

from studio.lib.egress import Forbidden
from studio.lib.retry_after import retry_after
from studio.providers import errors, verbs
from studio.providers.base import (
    Balance,
    JobSpec,
    Json,
    ModelInfo,
    Progress,
    ProviderError,
    Quote,
    Request,
    Response,
    Ticket,
)
from studio.providers.chat import ChatSpec, Delta
from studio.providers.dialect import Dialect
from studio.providers.flows import Flow, adrive, drive
from studio.providers.transports import TIMEOUTS, Timeouts, Transports

MAX_BODY = 16 * 1024 * 1024  # bytes of one JSON answer, unpacked

T = TypeVar("T")


class Gate(Protocol):
    """What each request of a view passes; the worker keeps its own order of those that it sends."""

    def enter(self) -> None:
        """Waits until it may leave. Raises ProviderError where that would take too long."""

    def refused(self, seconds: float) -> None:
        """There were too many: the provider wants none for so long."""


class HttpProvider:
    """A provider as one key sees it. Every verb raises ProviderError and nothing else.

    What each verb means is written in `verbs`. Those for views block; the others run in the event loop that
    `transports` belong to.
    """

    def __init__(
        self,
        dialect: Dialect,
        base_url: str,
        secret: str,
        transports: Transports,
        timeouts: Timeouts = TIMEOUTS,
        gate: Gate | None = None,
    ) -> None:
        self.dialect = dialect
        self.base_url = base_url.rstrip("/")
        self.transports = transports
        self.timeouts = timeouts
        self._gate = gate
        self._secret = secret.strip()

    def __repr__(self) -> str:
        return f"<HttpProvider {self.dialect.name} at {self.base_url}>"

    # -- For views: they block ---------------------------------------------------------------------------------------
    def check(self) -> None:
        self._drive(verbs.check(self.dialect))

    def catalogue(self) -> dict[str, Json]:
        return self._drive(verbs.catalogue(self.dialect))

    def quote(self, spec: JobSpec, model: ModelInfo | None) -> Quote:
        return self._drive(verbs.quote(self.dialect, spec, model))

    def balance(self) -> Balance | None:
        return self._drive(verbs.balance(self.dialect))

    def webhook_secret(self) -> str:
        return self._drive(verbs.webhook_secret(self.dialect))

    def delete(self, remote_id: str) -> None:
        self._drive(verbs.delete(self.dialect, remote_id))

    def chat(self, spec: ChatSpec) -> Delta:
        return self._drive(verbs.chat(self.dialect, spec))

    # -- For the worker ----------------------------------------------------------------------------------------------
    async def submit(self, spec: JobSpec) -> Progress:
        return await self._adrive(verbs.submit(self.dialect, spec))

    async def status(self, remote_id: str, kind: str) -> Progress:
        return await self._adrive(verbs.status(self.dialect, remote_id, kind))

    async def list_jobs(self) -> Sequence[Progress]:
        return await self._adrive(verbs.list_jobs(self.dialect, self.dialect.build_list()))

    async def look_up(self, reference: str, model: str, since: dt.datetime, until: dt.datetime) -> Sequence[Progress]:
        return await self._adrive(verbs.look_up(self.dialect, reference, model, since, until))

    async def cancel(self, remote_id: str, kind: str) -> Progress:
        return await self._adrive(verbs.cancel(self.dialect, remote_id, kind))

    async def ticket(self, name: str, size: int, content_type: str) -> Ticket | None:
        return await self._adrive(verbs.ticket(self.dialect, name, size, content_type))

    async def upload(self, name: str, content: bytes, content_type: str) -> str:
        return await self._adrive(verbs.upload(self.dialect, name, content, content_type))

    def _drive(self, flow: Flow[T]) -> T:
        return drive(flow, self._send, time.sleep)

    async def _adrive(self, flow: Flow[T]) -> T:
        return await adrive(flow, self._asend)

    # -- Sending -----------------------------------------------------------------------------------------------------
    def _send(self, request: Request) -> Response:
        if self._gate is None:
            return self._send_now(request)
        self._gate.enter()
        response = self._send_now(request)
        if response.status == 429:
            self._gate.refused(retry_after(response.headers, now=dt.datetime.now(dt.UTC)) or 1.0)
        return response

    def _send_now(self, request: Request) -> Response:
        total = self.timeouts.view
        body = Body(request, self.dialect.label, time.monotonic() + total)
        wire = self._wire(request, total)
        try:
            raw = self.transports.views.handle_request(wire)
            try:
                for chunk in raw.iter_bytes():
                    body.add(chunk)
            finally:
                raw.close()
        except FAILURES as error:
            raise silence(self.dialect.label, error, sent=not request.idempotent) from error
        return self.received(raw.status_code, raw.headers.raw, body)

    async def _asend(self, request: Request) -> Response:
        return await (self._asubmit(request) if request.method == "POST" else self._apoll(request))

    async def _asubmit(self, request: Request) -> Response:
        total = self.timeouts.submit
        departure, body = _Departure(), Body(request, self.dialect.label)
        wire = self._wire(request, total, departure)
        try:
            async with asyncio.timeout(total):
                raw = await self.transports.submits.handle_async_request(wire)
                try:
                    async for chunk in raw.aiter_bytes():
                        body.add(chunk)
                finally:
                    await raw.aclose()
        except FAILURES as error:
            raise silence(self.dialect.label, error, sent=departure.begun) from error
        return self.received(raw.status_code, raw.headers.raw, body)

    async def _apoll(self, request: Request) -> Response:
        body = Body(request, self.dialect.label)
        headers, url = self.headers(request), URL(self.address(request), encoded=True)
        timeout = aiohttp.ClientTimeout(sock_connect=self.timeouts.connect)
        try:
            async with (
                asyncio.timeout(self.timeouts.poll),
                self.transports.polls.request(
                    request.method, url, headers=headers, allow_redirects=False, timeout=timeout
                ) as raw,
            ):
                async for chunk in raw.content.iter_any():
                    body.add(chunk)
        except FAILURES as error:
            connected = not isinstance(error, aiohttp.ClientConnectorError)
            raise silence(self.dialect.label, error, sent=connected and not request.idempotent) from error
        return self.received(raw.status, raw.raw_headers, body)

    def _wire(self, request: Request, total: float, departure: _Departure | None = None) -> httpx.Request:
        timeout = {"connect": self.timeouts.connect, "read": total, "write": total, "pool": total}
        return httpx.Request(
            request.method,
            self.address(request),
            headers=self.headers(request),
            content=request.body or None,
            extensions={"timeout": timeout, **({"trace": departure} if departure else {})},
        )

    def address(self, request: Request) -> str:
        """Always within `base_url`. Raises ProviderError where there is none (the built-in engine is not up)."""
        if not self.base_url:
            words = self.dialect.absent or f"{self.dialect.label} is not running."
            raise ProviderError("unavailable", words, sent=False)
        if not request.path.startswith("/"):
            raise ValueError(f"not a path: {request.path!r}")
        url = f"{self.base_url}{request.path}" + (f"?{urlencode(request.params)}" if request.params else "")
        self.transports.judge(url)
        return url

    def headers(self, request: Request) -> dict[str, str]:
        """With the key. Raises ProviderError where there is none, or one that no header can carry."""
        headers = {**_HEADERS, **request.headers}
        if content_type := request.content_type or ("application/json" if request.json is not None else ""):
            headers["Content-Type"] = content_type
        needs_secret = self.dialect.needs_key and self.dialect.needs_secret
        if not self._secret and (request.open or not needs_secret):
            return headers
        if not self._secret or not _KEY.fullmatch(self._secret):
            raise ProviderError("invalid_key", "This is no key: keys are letters, digits and signs.", sent=False)
        return headers | self.dialect.headers(self._secret)

    def received(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: Body) -> Response:
        content = self.discreet(b"".join(body.chunks))
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        return Response(status, content, told)

    def discreet(self, content: bytes) -> bytes:
        """A provider may repeat the key in what it says; nothing behind this line ever sees it."""
        secret = self._secret.encode()
        return content.replace(secret, b"***") if len(secret) >= 8 and secret in content else content


_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "Studio"}
_KEY = re.compile(r"[!-~]+")  # ASCII without spaces

# Everything that the transports raise when a request or its answer is lost. TimeoutError and ssl.SSLError are OSErrors.
FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, Forbidden)
_GARBAGE = (httpx.DecodingError, aiohttp.ClientResponseError)


@dataclass(slots=True)
class _Departure:
    """Did the request begin to leave? Called by httpx's own transport at each of its steps, before it takes it."""

    begun: bool = False

    async def __call__(self, step: str, _: object) -> None:
        if step.endswith("send_request_headers.started"):
            self.begun = True


@dataclass(slots=True)
class Body:
    """An answer's body as it comes in, within `MAX_BODY` and, where there is one, a deadline of the monotonic clock."""

    request: Request
    label: str
    deadline: float | None = None
    size: int = 0
    chunks: list[bytes] = field(default_factory=list)

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.chunks.append(chunk)
        if self.size > MAX_BODY:
            said = errors.sentence("malformed", self.label, "it is larger than any answer should be")
            raise ProviderError("malformed", said, sent=not self.request.idempotent)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError


def silence(label: str, error: Exception, *, sent: bool) -> ProviderError:
    """What the loss of a request or of its answer means. The transports' own words stay in the cause."""
    if isinstance(error, Forbidden):  # its name leads where nothing may be sent
        return ProviderError("bad_request", str(error), sent=False)
    if isinstance(error, _GARBAGE):
        return ProviderError("malformed", errors.sentence("malformed", label), sent=sent)
    if isinstance(error, ssl.SSLError) or "[SSL" in str(error):
        said = f"No secure connection to {label} could be made."
    elif isinstance(error, TimeoutError | httpx.TimeoutException):
        said = f"{label} did not answer in time."
    elif isinstance(error, httpx.ConnectError | aiohttp.ClientConnectorError):
        said = f"{label} cannot be reached."
    else:
        said = f"The connection to {label} broke off."
    return ProviderError("unavailable", said, sent=sent)

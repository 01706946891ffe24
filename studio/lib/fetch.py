"""Downloads from and uploads to addresses that others name: public hosts only, capped in time and size, or not at all.

    FetchError
    ├── Forbidden      the address may not be reached
    ├── Unreachable    no connection, or no answer in time
    ├── BadStatus      an answer other than 200 (for an upload, 2xx)
    ├── TooLarge       more bytes than the cap
    └── Truncated      the connection ended before the file did

Messages name the host and never the whole address: a signed address is a secret.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from studio.lib.egress import AsyncTransport, Egress, FetchError, Forbidden, web_address
from studio.lib.retry_after import retry_after

__all__ = [
    "AsyncTransport",
    "BadStatus",
    "Downloaded",
    "Egress",
    "FetchError",
    "Forbidden",
    "TooLarge",
    "Truncated",
    "Unreachable",
    "download",
    "post",
    "upload",
]

REDIRECTS = {301, 302, 303, 307, 308}
MAX_REDIRECTS = 5
CHUNK = 256 * 1024  # bytes read at once of what is sent
HEAD_BYTES = 4096
STEP_TIMEOUTS = httpx.Timeout(30, connect=10, pool=None).as_dict()  # seconds; the total is the caller's
TARGET = re.compile(r"https?://[^/?#]*([!-~]*)", re.IGNORECASE)
NOT_GIVEN = frozenset({"host", "content-length", "transfer-encoding", "connection", "authorization", "cookie"})
OWN_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Studio"}


class Unreachable(FetchError):
    """No connection, or no answer in time."""


class BadStatus(FetchError):
    """An answer other than 200. `retry_after`: seconds, when the server says so."""

    def __init__(self, host: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"{host} answered with status {status}.")
        self.status = status
        self.retry_after = retry_after


class TooLarge(FetchError):
    """More bytes than the cap."""


class Truncated(FetchError):
    """The connection ended before the file did."""


@dataclass(frozen=True)
class Downloaded:
    """`size` in bytes, `sha256` in hex, `content_type` as the server named it, `head` the first 4 KiB."""

    size: int
    sha256: str
    content_type: str
    head: bytes


async def download(
    transport: AsyncTransport,
    url: str,
    path: Path,
    *,
    max_bytes: int,
    timeout_total: float,
    headers: Mapping[str, str] | None = None,
) -> Downloaded:
    """Streams the file at `url` to `path`, which appears whole and synced to disk, or not at all.

    The address is sent as it is given. Redirects are followed up to five times, each judged as the first one;
    `headers` go to the first origin only. `timeout_total` is in seconds. Raises a `FetchError`.
    """
    try:
        async with asyncio.timeout(timeout_total):
            async with _answer(transport, url, headers or {}) as response:
                with _Part(path, max_bytes) as part:
                    await _receive(response, part)
                    await asyncio.to_thread(part.keep)
                    return part.described(response.headers.get("content-type", ""))
    except TimeoutError:
        raise Unreachable(f"The download was not finished after {timeout_total:g} s.") from None


async def upload(
    transport: AsyncTransport,
    url: str,
    path: Path,
    *,
    method: str = "PUT",
    headers: Mapping[str, str],
    timeout_total: float,
) -> None:
    """Streams the file at `path` to `url`; returns when it is said to have arrived. No redirect is followed.

    Raises a `FetchError`.
    """
    address = web_address(url)
    size = await asyncio.to_thread(path.stat)
    given = {name: value for name, value in headers.items() if name.lower() not in NOT_GIVEN}
    request = _request(method, url, {**OWN_HEADERS, **given, "Content-Length": str(size.st_size)}, _read(path))
    try:
        async with asyncio.timeout(timeout_total):
            with _named(address.host, broken=Unreachable):
                response = await transport.handle_async_request(request)
            await response.aclose()
    except TimeoutError:
        raise Unreachable(f"The upload was not finished after {timeout_total:g} s.") from None
    if not response.is_success:
        raise BadStatus(address.host, response.status_code, retry_after(response.headers, now=datetime.now(UTC)))


async def post(
    transport: AsyncTransport, url: str, body: bytes, *, headers: Mapping[str, str], timeout_total: float
) -> int:
    """The status that is answered. No redirect is followed, and what else is answered is not read.

    Raises a `FetchError`.
    """
    address = web_address(url)
    request = _request("POST", url, {**OWN_HEADERS, **headers}, body)
    try:
        async with asyncio.timeout(timeout_total):
            with _named(address.host, broken=Unreachable):
                response = await transport.handle_async_request(request)
            await response.aclose()
    except TimeoutError:
        raise Unreachable(f"{address.host} did not answer within {timeout_total:g} s.") from None
    return response.status_code


async def _read(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        file.close()


@asynccontextmanager
async def _answer(transport: AsyncTransport, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
    """The response that redirects lead to, its body unread; raises `BadStatus` unless it is a 200."""
    for _ in range(1 + MAX_REDIRECTS):
        address = web_address(url)
        response = await _send(transport, url, headers)
        try:
            if response.status_code == 200:
                yield response
                return
            location = response.headers.get("location")
            if response.status_code not in REDIRECTS or not location:
                wait = retry_after(response.headers, now=datetime.now(UTC))
                raise BadStatus(address.host, response.status_code, wait)
        finally:
            await response.aclose()
        url = _joined(url, location)
        if _origin(web_address(url)) != _origin(address):
            headers = {}
    raise Unreachable(f"{address.host} redirects without end.")


async def _send(transport: AsyncTransport, url: str, headers: Mapping[str, str]) -> httpx.Response:
    """One GET by the bare transport: no cookies, no proxy, no redirects, no credentials but `headers`."""
    request = _request("GET", url, {**OWN_HEADERS, **headers})
    with _named(request.url.host, broken=Unreachable):
        return await transport.handle_async_request(request)


def _request(
    method: str, url: str, headers: Mapping[str, str], content: AsyncIterator[bytes] | bytes | None = None
) -> httpx.Request:
    extensions: dict[str, object] = {"timeout": STEP_TIMEOUTS}
    if target := TARGET.fullmatch(url):
        extensions["target"] = _sent_target(target.group(1))
    return httpx.Request(method, url, headers=headers, content=content, extensions=extensions)


def _sent_target(target: str) -> bytes:
    """What follows the host, byte for byte: httpx would tidy it, and a signature covers it as it was written."""
    sent = target.partition("#")[0]
    return (sent if sent.startswith("/") else "/" + sent).encode()


async def _receive(response: httpx.Response, part: "_Part") -> None:
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Unreachable("The file came compressed, which was not asked for.")
    part.expect(response.headers.get("content-length", ""))
    with _named("The server", broken=Truncated):
        async for chunk in response.aiter_raw():
            part.write(chunk)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise Forbidden("The server redirects to something that is not an address.") from None


def _origin(address: httpx.URL) -> tuple[str, str, int | None]:
    return address.scheme, address.host, address.port


@contextmanager
def _named(who: str, *, broken: type[FetchError]) -> Iterator[None]:
    """httpx's errors as ours. A broken connection means one thing before the answer and another within it."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unreachable(f"{who} did not answer in time.") from error
    except httpx.TransportError as error:
        raise broken(f"{who} could not be reached, or let go of the connection.") from error


class _Part:
    """A file that grows beside its destination and takes its place when it is whole."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._size = 0
        self._digest = hashlib.sha256()
        self._head = b""

    def __enter__(self) -> Self:
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}-", suffix=".part")
        self._temporary = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def expect(self, content_length: str) -> None:
        """Refuses at once what says that it is too large."""
        if content_length.isdecimal():
            self._check(int(content_length))

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._check(self._size)
        self._digest.update(chunk)
        self._head += chunk[: HEAD_BYTES - len(self._head)]
        self._file.write(chunk)

    def keep(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        os.replace(self._temporary, self._path)

    def described(self, content_type: str) -> Downloaded:
        return Downloaded(self._size, self._digest.hexdigest(), content_type, self._head)

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise TooLarge(f"The file is larger than the {self._max_bytes:,} bytes that are allowed.")

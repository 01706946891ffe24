"""Sending a chat request and reading its answer as it comes: the third way requests leave, beside those in `http`.

By aiohttp, on a connection of its own that is closed the moment nobody reads on. Nothing is sent twice, but for a
refusal (4xx) by which the server shows that it did nothing and does not know a field that only Studio added: that
field is then left out. Whether to try anything else again is the person's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import aiohttp
from yarl import URL

from studio.lib.sse import Decoder, Named, TooLong
from studio.providers import errors
from studio.providers.base import ProviderError, Request, Response
from studio.providers.chat import ChatSpec, Delta
from studio.providers.chat_dialect import ChatDialect, StreamReader
from studio.providers.http import FAILURES, MAX_BODY, Body, HttpProvider, silence

PORTION = 8192  # bytes that are read in one go
AFTERWARDS = 5.0  # seconds for what may follow the model's last word: usage, "[DONE]", the end of the connection

NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

_EVENT_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":", b"\xef\xbb\xbf")


async def chat(provider: HttpProvider, spec: ChatSpec) -> AsyncGenerator[Delta]:
    """The answer, a `Delta` for each read of the connection. Raises ProviderError; what came before it was answered.

    How long it may stay silent is the caller's to watch; cancelling it closes the connection.
    """
    dialect = provider.dialect
    assert isinstance(dialect, ChatDialect)
    request: Request | None = dialect.build_chat(spec)
    while request:
        sent, request = request, None
        try:
            async with _sent(provider, sent, spec.stream) as raw:
                start, broken = await _received(raw)
                if raw.ok and _is_stream(raw.content_type, start):
                    async for delta in _events(provider, dialect.reader(), raw, start, broken):
                        yield delta
                    return
                if broken:
                    raise broken
                response = await _whole(provider, sent, start, raw)
        except FAILURES as error:
            raise silence(dialect.label, error, sent=not isinstance(error, NEVER_SENT)) from error
        request = dialect.simpler(sent, response)
    yield dialect.reader().read_whole(response)


def _sent(provider: HttpProvider, request: Request, stream: bool) -> aiohttp.client._RequestContextManager:
    headers, url = provider.headers(request), URL(provider.address(request), encoded=True)
    if stream:
        headers |= {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity"}
    return provider.transports.streams.request(
        request.method,
        url,
        headers=headers,
        data=request.body,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(sock_connect=provider.timeouts.connect),
    )


def _is_stream(content_type: str, start: bytes) -> bool:
    """By what it is: some servers call a stream something else, and some answer a wish for one with JSON."""
    start = start.lstrip()
    if start.startswith(_EVENT_FIELDS):
        return True
    return content_type == "text/event-stream" and not start.startswith((b"{", b"["))


async def _events(
    provider: HttpProvider, reader: StreamReader, raw: aiohttp.ClientResponse, chunk: bytes, failure: Exception | None
) -> AsyncGenerator[Delta]:
    decoder, label, idle = Decoder(), provider.dialect.label, 0
    while True:
        delta, told = await _portioned(provider, reader, decoder, chunk, is_last=not chunk and failure is None)
        if delta:
            yield delta
        idle = 0 if delta and (delta.text or delta.reasoning) else idle + len(chunk)
        if idle > MAX_BODY and not reader.is_finished:
            told = _malformed(label, "it goes on without a word")
        failure = told or failure
        if failure or reader.is_over or not chunk or idle > MAX_BODY:
            break
        chunk, failure = await _more(reader, raw)
    if rest := reader.end():
        yield rest
    if isinstance(failure, ProviderError) or (failure and not (reader.is_finished or reader.is_over)):
        raise failure
    if not reader.has_begun:
        raise _malformed(label, "nothing at all")


async def _portioned(
    provider: HttpProvider, reader: StreamReader, decoder: Decoder, chunk: bytes, *, is_last: bool
) -> tuple[Delta | None, ProviderError | None]:
    """As `_read`, of one read of the connection. Others get their turn in between, however much it holds."""
    found: Delta | None = None
    for start in range(0, len(chunk) or 1, PORTION):
        if start:
            await asyncio.sleep(0)
        try:
            events = decoder.end() if is_last else decoder.feed(chunk[start : start + PORTION])
        except TooLong as error:
            return found, _malformed(provider.dialect.label, str(error))
        delta, told = _read(provider, reader, events)
        if found and delta:
            found.add(delta)
        found = found or delta
        if told or reader.is_over:
            return found, told
    return found, None


def _read(
    provider: HttpProvider, reader: StreamReader, events: Sequence[bytes]
) -> tuple[Delta | None, ProviderError | None]:
    """What all events of one read add, and the error that the last of them tells."""
    found: Delta | None = None
    for event in events:
        try:
            delta = reader.read(_discreet(provider, event))
        except ProviderError as error:
            return found, error
        if reader.is_over:
            break
        if found is None:
            found = delta
        elif delta:
            found.add(delta)
    return found, None


def _discreet(provider: HttpProvider, event: bytes) -> bytes:
    clean = provider.discreet(event)
    return Named.of(clean, event.name) if isinstance(event, Named) else clean


async def _more(reader: StreamReader, raw: aiohttp.ClientResponse) -> tuple[bytes, Exception | None]:
    """As `_received`; no bytes also where a server that has said all keeps the connection open."""
    if not reader.is_finished:
        return await _received(raw)
    try:
        async with asyncio.timeout(AFTERWARDS):
            return await _received(raw)
    except TimeoutError:
        return b"", None


async def _received(raw: aiohttp.ClientResponse) -> tuple[bytes, Exception | None]:
    """The next bytes, none at the end; and how the connection broke, if it did: aiohttp tells that before the bytes."""
    try:
        return await raw.content.readany(), None
    except FAILURES as error:
        return raw.content._read_nowait(-1), error


async def _whole(provider: HttpProvider, request: Request, start: bytes, raw: aiohttp.ClientResponse) -> Response:
    body = Body(request, provider.dialect.label)
    body.add(start)
    async for chunk in raw.content.iter_any():
        body.add(chunk)
    return provider.received(raw.status, raw.raw_headers, body)


def _malformed(label: str, why: str) -> ProviderError:
    return ProviderError("malformed", errors.sentence("malformed", label, why), sent=True)

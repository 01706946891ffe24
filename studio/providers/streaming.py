"""Sending a chat request and reading its answer as it comes: the third way requests leave, beside those in `http`.

By aiohttp, on a connection of its own that is closed the moment nobody reads on. Nothing is sent twice: whether to try
again is the person's to say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from yarl import URL

from studio.lib.sse import Decoder, TooLong
from studio.providers import errors
from studio.providers.base import ProviderError, Request, Response
from studio.providers.chat import ChatSpec, Delta
from studio.providers.chat_dialect import ChatDialect, StreamReader
from studio.providers.http import FAILURES, Body, HttpProvider, silence


async def chat(provider: HttpProvider, spec: ChatSpec) -> AsyncIterator[Delta]:
    """The answer, a `Delta` for each read of the connection. Raises ProviderError.

    How long it may stay silent is the caller's to watch; cancelling it closes the connection.
    """
    dialect = provider.dialect
    assert isinstance(dialect, ChatDialect)
    request = dialect.build_chat(spec)
    headers, url = provider.headers(request), URL(provider.address(request), encoded=True)
    if spec.stream:
        headers["Accept"] = "text/event-stream"
    connecting = aiohttp.ClientTimeout(sock_connect=provider.timeouts.connect)
    try:
        async with provider.transports.streams.request(
            request.method, url, headers=headers, data=request.body, allow_redirects=False, timeout=connecting
        ) as raw:
            if raw.status == 200 and raw.content_type == "text/event-stream":
                async for delta in _events(dialect, raw):
                    yield delta
            else:
                yield await _whole(provider, request, raw)
    except FAILURES as error:
        sent = not isinstance(error, aiohttp.ClientConnectorError)
        raise silence(dialect.label, error, sent=sent) from error


async def _events(dialect: ChatDialect, raw: aiohttp.ClientResponse) -> AsyncIterator[Delta]:
    reader, decoder = dialect.reader(), Decoder()
    async for chunk in raw.content.iter_any():
        try:
            events = decoder.feed(chunk)
        except TooLong as error:
            raise ProviderError("malformed", errors.sentence("malformed", dialect.label), sent=True) from error
        if delta := _read(reader, events):
            yield delta
        if reader.is_over:
            break
    else:
        if delta := _read(reader, decoder.end()):
            yield delta
    if rest := reader.end():
        yield rest


def _read(reader: StreamReader, events: list[bytes]) -> Delta | None:
    """All of one read as one."""
    found: Delta | None = None
    for data in events:
        delta = reader.read(data)
        if delta is None:
            continue
        if found is None:
            found = delta
        else:
            found.add(delta)
    return found


async def _whole(provider: HttpProvider, request: Request, raw: aiohttp.ClientResponse) -> Delta:
    body = Body(request, provider.dialect.label)
    async for chunk in raw.content.iter_any():
        body.add(chunk)
    response: Response = provider.received(raw.status, raw.raw_headers, body)
    assert isinstance(provider.dialect, ChatDialect)
    return provider.dialect.reader().read_whole(response)

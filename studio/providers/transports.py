"""The connections that requests to providers go by."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from functools import cache

import aiohttp
import httpx


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, and in all for one request of a view, a poll (or list, or cancel) and a submit."""

    connect: float = 5.0
    view: float = 10.0
    poll: float = 15.0
    submit: float = 120.0


TIMEOUTS = Timeouts()


class Transports:
    """The connections to all providers of one process, or of one event loop.

    Make it after a fork. Nothing is opened before it is used: the synchronous part by threads, the others inside one
    event loop, which closes them with `aclose` (or `async with`). `polls` is how many polls may be open at once.
    """

    def __init__(self, *, polls: int = 1000, submits: int = 64, verify: ssl.SSLContext | None = None) -> None:
        self._context = verify or httpx.create_ssl_context()
        self._limit = polls
        self._session: aiohttp.ClientSession | None = None
        self.views = httpx.HTTPTransport(verify=self._context, limits=httpx.Limits(max_keepalive_connections=8))
        self.submits = httpx.AsyncHTTPTransport(
            verify=self._context, limits=httpx.Limits(max_connections=submits, max_keepalive_connections=0)
        )

    @property
    def polls(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._limit, ssl=self._context, ttl_dns_cache=60, keepalive_timeout=30
            )
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def close(self) -> None:
        self.views.close()

    async def aclose(self) -> None:
        self.close()
        await self.submits.aclose()
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Transports:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@cache
def process_transports() -> Transports:
    """The transports that a web process's threads share."""
    return Transports()


os.register_at_fork(after_in_child=process_transports.cache_clear)

"""The connections that requests to providers go by."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
import httpx

from studio.lib.egress import AiohttpResolver, AsyncTransport, Egress, Forbidden, Transport
from studio.providers.base import ProviderError


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
    With an `egress` they reach only what it allows: for addresses that people give.
    """

    def __init__(
        self,
        *,
        polls: int = 1000,
        submits: int = 64,
        verify: ssl.SSLContext | None = None,
        egress: Egress | None = None,
    ) -> None:
        self._context = verify or httpx.create_ssl_context()
        self._limit = polls
        self._egress = egress
        self._polls: aiohttp.ClientSession | None = None
        self._streams: aiohttp.ClientSession | None = None
        self._guarded: dict[tuple[str, ...], Transports] = {}
        few = httpx.Limits(max_keepalive_connections=8)
        once = httpx.Limits(max_connections=submits, max_keepalive_connections=0)
        self.views: httpx.HTTPTransport
        self.submits: httpx.AsyncHTTPTransport
        if egress:
            self.views = Transport(egress, limits=few, verify=self._context)
            self.submits = AsyncTransport(egress, limits=once, verify=self._context)
        else:
            self.views = httpx.HTTPTransport(verify=self._context, limits=few)
            self.submits = httpx.AsyncHTTPTransport(verify=self._context, limits=once)

    def guarded(self, allowed: Iterable[str]) -> Transports:
        """Their like that reach public addresses only, and what is `allowed` besides (as `Egress` reads it)."""
        places = tuple(allowed)
        if places not in self._guarded:
            self._guarded[places] = Transports(polls=self._limit, verify=self._context, egress=Egress(places))
        return self._guarded[places]

    def judge(self, url: str) -> None:
        """Raises ProviderError for an address that must not be reached, as far as can be told without resolving it."""
        if self._egress is None:
            return
        try:
            self._egress.check_url(url)
        except Forbidden as error:
            raise ProviderError("bad_request", str(error), sent=False) from error

    @property
    def polls(self) -> aiohttp.ClientSession:
        if self._polls is None:
            self._polls = self._session(keepalive_timeout=30)
        return self._polls

    @property
    def streams(self) -> aiohttp.ClientSession:
        """A connection each: a POST never meets one that the server is just closing, and it ends with its reader."""
        if self._streams is None:
            self._streams = self._session(force_close=True)
        return self._streams

    def _session(self, **options: Any) -> aiohttp.ClientSession:
        if self._egress:
            options["resolver"] = AiohttpResolver(self._egress)
        connector = aiohttp.TCPConnector(limit=self._limit, ssl=self._context, ttl_dns_cache=60, **options)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    def close(self) -> None:
        self.views.close()

    async def aclose(self) -> None:
        self.close()
        await self.submits.aclose()
        for session in filter(None, (self._polls, self._streams)):
            await session.close()
        for guarded in self._guarded.values():
            await guarded.aclose()

    async def __aenter__(self) -> Transports:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@cache
def process_transports() -> Transports:
    """The transports that a web process's threads share."""
    return Transports()


os.register_at_fork(after_in_child=process_transports.cache_clear)

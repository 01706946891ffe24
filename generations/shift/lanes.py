"""A lane per key: its queues, its budget, its breaker. What hangs or is refused in one lane is not felt in another.

The breaker is the key's, not the host's: when one account's requests time out together, a breaker of the host would
open although every other account on it is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog
from django.utils import timezone

from accounts.connect import connect
from accounts.models import ProviderKey
from generations.shift.claims import Found
from generations.shift.database import Database
from studio.lib.breaker import Breaker
from studio.lib.buckets import TokenBucket
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.dialect import Dialect
from studio.providers.http import HttpProvider
from studio.providers.registry import dialect
from studio.providers.transports import Transports

KEY_FRESH = 5.0  # seconds for which a decrypted key is used before it is read again
NOTED_EVERY = 60.0  # seconds between two writes of when a key was last used
RESERVE = 0.2  # of a limited key's requests, for what people do

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Tools:
    """What every step of a shift works with."""

    db: Database
    transports: Transports
    me: str
    lease_until: float = 0.0  # of the monotonic clock
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    found: list[Found] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Queue(Generic[T]):
    """Does what is put in, first come first served, so many at once; needs no task while it is empty."""

    def __init__(self, tools: Tools, limit: int, do: Callable[[T], Awaitable[None]]) -> None:
        self._tools = tools
        self._limit = limit
        self._do = do
        self._active = 0
        self._waiting: deque[T] = deque()

    def put(self, item: T) -> None:
        self._waiting.append(item)
        if self._active < self._limit:
            self._active += 1
            task = asyncio.get_running_loop().create_task(self._work())
            self._tools.tasks.add(task)
            task.add_done_callback(self._tools.tasks.discard)

    async def _work(self) -> None:
        try:
            while self._waiting and not self._tools.stopping.is_set():
                await self._do(self._waiting.popleft())
        finally:
            self._active -= 1


class KeyGone(Exception):
    """The key was deleted, or cannot be decrypted any more."""


class Lane:
    """What the steps of one key share. `key_id` is None for a provider that needs no key."""

    def __init__(self, tools: Tools, provider: str, key_id: int | None) -> None:
        self.tools = tools
        self.name = provider
        self.key_id = key_id
        self.dialect: Dialect = dialect(provider)
        self.lists = self.dialect.can_list  # until a list call is refused
        self.uploading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by the file's checksum
        self._breaker = Breaker()
        self._bucket = _bucket(self.dialect)
        self._quiet_until = 0.0
        self._provider: HttpProvider | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._noted_use = self._noted_error = 0.0

    async def provider(self) -> HttpProvider:
        """The provider as this key sees it now. Raises KeyGone."""
        now = time.monotonic()
        if self._provider is None or now - self._read_at > KEY_FRESH:
            async with self._reading:
                if self._provider is None or now - self._read_at > KEY_FRESH:
                    self._provider = await self.tools.db(_connected, self.name, self.key_id, self.tools.transports)
                    self._read_at = time.monotonic()
        return self._provider

    async def turn(self, *, poll: bool) -> None:
        """Waits until a request may go: the key's budget has room, and its provider is worth trying."""
        while True:
            now = time.monotonic()
            wait = max(self._quiet_until - now, self._breaker.wait(now))
            if wait <= 0 and self._bucket is not None:
                wait = self._bucket.wait(now, poll=poll)
            if wait <= 0 and self._breaker.allow(now):
                if self._bucket is not None:
                    self._bucket.take(now, poll=poll)
                return
            await asyncio.sleep(max(wait, 0.05))

    async def answered(self) -> None:
        self._breaker.succeeded()
        now = time.monotonic()
        if self.key_id is not None and now - self._noted_use > NOTED_EVERY:
            self._noted_use = now
            await self.tools.db(_note_use, self.key_id)

    async def refused(self, error: ProviderError) -> None:
        now = time.monotonic()
        if error.kind == "unavailable":
            self._breaker.failed(now)
        else:
            self._breaker.succeeded()
        if error.kind == "rate_limited":
            self._quiet_until = max(self._quiet_until, now + (error.retry_after or 1.0))
        if error.kind not in {"not_found", "bad_request", "content_filtered"}:
            await self._note_error(error, now)

    async def _note_error(self, error: ProviderError, now: float) -> None:
        if self.key_id is None or now - self._noted_error < NOTED_EVERY / 2:
            return
        self._noted_error = now
        log.warning("provider.refused", key=self.key_id, provider=self.name, kind=error.kind, reason=error.message)
        await self.tools.db(ProviderKey(pk=self.key_id).note_error, error.message)


def _bucket(speaks: Dialect) -> TokenBucket | None:
    rate = speaks.requests_per_minute
    return None if rate is None else TokenBucket(rate, burst=max(2.0, rate / 6), reserve=rate / 6 * RESERVE)


def _connected(provider: str, key_id: int | None, transports: Transports) -> HttpProvider:
    key = ProviderKey.objects.filter(pk=key_id).first() if key_id is not None else None
    if key is None and dialect(provider).needs_key:
        raise KeyGone
    try:
        return connect(provider, key, transports)
    except Undecryptable:
        raise KeyGone from None


def _note_use(key_id: int) -> None:
    ProviderKey.objects.filter(pk=key_id).update(last_used_at=timezone.now())

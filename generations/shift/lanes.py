"""A lane per key: its queues, its budget, its breaker. What hangs or is refused in one lane is not felt in another.

The breaker is the key's, not the host's: when one account's requests time out together, a breaker of the host would
open although every other account on it is answered.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import Generic, NamedTuple, TypeVar

import structlog
from django.db import DatabaseError

from accounts import budget
from accounts.connect import connect
from accounts.models import ProviderKey
from generations.shift.claims import Found
from generations.shift.database import Database
from generations.shift.pace import Load
from generations.shift.till import Till
from studio.lib.breaker import Breaker
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.dialect import Dialect
from studio.providers.http import HttpProvider
from studio.providers.registry import dialect
from studio.providers.transports import Transports

KEY_FRESH = 5.0  # seconds for which a decrypted key is used before it is read again
NOTED_EVERY = 60.0  # seconds between two writes of when a key was last used
ASKS = 16  # polls at once

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
    freed: set[int] = field(default_factory=set)  # keys of which a job may have left its place
    till: Till = field(init=False)

    def __post_init__(self) -> None:
        self.till = Till(self.db, self.tasks)


async def _at_once() -> None:
    pass


class Queue(Generic[T]):
    """Does what is put in, the lowest rank first, so many at once; needs no task while it is empty.

    `turn` is waited for before the next thing is chosen, so that what became urgent meanwhile goes first.
    """

    def __init__(
        self,
        tools: Tools,
        limit: Callable[[], int],
        do: Callable[[T], Awaitable[None]],
        turn: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        self._tools = tools
        self._limit = limit
        self._do = do
        self._turn = turn
        self._active = 0
        self._choosing = 0  # of these, those that wait for their turn: each has something to do then
        self._waiting: list[tuple[float, int, T]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, item: T, rank: float = 0.0) -> None:
        heappush(self._waiting, (rank, next(self._numbers), item))
        if self._active < self._limit():
            self._active += 1
            task = asyncio.get_running_loop().create_task(self._work())
            self._tools.tasks.add(task)
            task.add_done_callback(self._tools.tasks.discard)

    async def _work(self) -> None:
        try:
            while len(self._waiting) > self._choosing and not self._tools.stopping.is_set():
                if await self._has_turn():
                    await self._do(heappop(self._waiting)[2])
        finally:
            self._active -= 1

    async def _has_turn(self) -> bool:
        self._choosing += 1
        try:
            await self._turn()
        except DatabaseError:
            log.exception("turn.broke")
            await asyncio.sleep(1)
            return False
        finally:
            self._choosing -= 1
        return True


class Reading(NamedTuple):
    """What a lane needs of its key; no provider where the key was deleted or cannot be decrypted any more."""

    provider: HttpProvider | None
    limit: int | None  # requests a minute


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
        self.load = Load()
        self._breaker = Breaker()
        self._quiet_until = 0.0
        self._known: Reading | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()
        self._noted_use = self._noted_error = 0.0
        self._noted_kind = ""

    async def provider(self) -> HttpProvider:
        """The provider as this key sees it now. Raises KeyGone."""
        provider = (await self._read()).provider
        if provider is None:
            raise KeyGone
        return provider

    async def _read(self) -> Reading:
        if self._is_stale():
            async with self._reading:
                if self._is_stale():
                    self._known = await self.tools.db(_read, self.name, self.key_id, self.tools.transports)
                    self.load.allow(self._known.limit)
                    self._read_at = time.monotonic()
        assert self._known
        return self._known

    def _is_stale(self) -> bool:
        return self._known is None or time.monotonic() - self._read_at > KEY_FRESH

    def asks_at_once(self) -> int:
        """A limited key's polls are few; the fewer have been begun, the better is the choice of the next one."""
        limit = self._known.limit if self._known else None
        return ASKS if limit is None else min(ASKS, 4 + limit // 30)

    async def turn(self, *, poll: bool, requests: int = 1) -> None:
        """Waits until so many requests may go: the key's budget has room, and its provider is worth trying."""
        while True:
            now = time.monotonic()
            wait = max(self._quiet_until - now, self._breaker.wait(now))
            if wait > 0:
                await asyncio.sleep(max(wait, 0.05))
                continue
            if (await self._read()).limit is not None and self.key_id is not None:
                for _ in range(requests):
                    await self.tools.till.token(self.key_id, poll=poll)
            if self._quiet_until <= time.monotonic() and self._breaker.allow(time.monotonic()):
                return

    async def poll_turn(self) -> None:
        await self.turn(poll=True)

    def freed(self) -> None:
        """A job may have left its place to the next one."""
        if self.key_id is not None:
            self.tools.freed.add(self.key_id)

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
            await self._heed(now, error.retry_after or 1.0)
        if error.kind not in {"not_found", "bad_request", "content_filtered"}:
            await self._note_error(error, now)

    async def _heed(self, now: float, seconds: float) -> None:
        """There were too many: nobody who uses this key, in whichever process, sends any before that time."""
        self._quiet_until = max(self._quiet_until, now + seconds)
        if self.key_id is not None and (await self._read()).limit is not None:
            await self.tools.db(budget.drain, self.key_id, seconds)

    async def _note_error(self, error: ProviderError, now: float) -> None:
        known = now - self._noted_error < NOTED_EVERY / 2 and error.kind == self._noted_kind
        if self.key_id is None or known:
            return
        self._noted_error, self._noted_kind = now, error.kind
        self._noted_use = 0.0  # the next answer says that it is over
        log.warning("provider.refused", key=self.key_id, provider=self.name, kind=error.kind, reason=error.message)
        await self.tools.db(ProviderKey(pk=self.key_id).note_error, error.message, refused=error.kind == "invalid_key")


def _read(provider: str, key_id: int | None, transports: Transports) -> Reading:
    key = ProviderKey.objects.filter(pk=key_id).first() if key_id is not None else None
    limit = budget.limit(key) if key else None
    if key is None and dialect(provider).needs_key:
        return Reading(None, None)
    try:
        return Reading(connect(provider, key, transports), limit)
    except Undecryptable:
        return Reading(None, limit)


def _note_use(key_id: int) -> None:
    ProviderKey(pk=key_id).note_use()

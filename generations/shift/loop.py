"""The loop of a shift: hold the lease, claim what is due, hand it to the lanes, write what they found.

A shift is one long django-q2 task. When its time is over it asks for a relief, and goes on until that has come and
nothing that takes long is under way: however long the queue is, polling never waits in it.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog
from django.utils import timezone

from generations import turns
from generations.models import Lease
from generations.shift import claims
from generations.shift.claims import Step
from generations.shift.database import Database
from generations.shift.desk import Desk
from generations.shift.lanes import Tools
from generations.shift.report import Report
from generations.shift.saving import Downloads
from generations.shift.sending import find_orphans
from studio.lib import process
from studio.providers.transports import Transports

NAME, RELIEF = "shift", "relief"
LENGTH, LONGEST = 50.0, 600.0  # seconds: of a shift, and of one that finds no relief or no moment to stop
CALL_EVERY, PATIENCE = 60.0, 30.0  # seconds between two calls for a relief, and for which a relief waits
TICK, IDLE_TICK = 0.1, 0.25
CLAIMED_AT_ONCE = 2000
RENEW_EVERY, NOTE_EVERY, LOOK_EVERY, COUNT_EVERY = 2.0, 0.2, 1.0, 3.0
SPARE_FOR = 3.0  # seconds for which a key's polls have jobs that wait for them, where there are enough
DRAIN, DRAIN_STOPPED = 200.0, 1.2  # seconds for what is under way when a shift ends, and when Studio stops
OPEN_POLLS, OPEN_SENDS = 20_000, 1_000  # above what the lanes ever open: they set the limits

log = structlog.get_logger(__name__)


class Shift:
    """`stop` is asked at each tick. `call_relief` enqueues the shift that is to follow, which has `relieves` set."""

    def __init__(
        self,
        *,
        stop: Callable[[], bool] = lambda: False,
        call_relief: Callable[[], None] = lambda: None,
        relieves: bool = False,
        me: str | None = None,
        seconds: float = LENGTH,
        wait: Callable[[Step], float] | None = None,
        lists: bool = True,
    ) -> None:
        self._stop = stop
        self._call_relief = call_relief
        self._relieves = relieves
        self._me = me or process.me()
        self._seconds = seconds
        self._wait = wait
        self._lists = lists
        self.report = Report()
        self._next = dict.fromkeys(("renew", "note", "look", "count", "call"), 0.0)

    async def run(self) -> Report | None:
        """None: another has the lease."""
        db = Database()
        gc.freeze()  # else each full collection walks through all of Django, and the loop stands still for 0.15 s
        try:
            lease = await self._take_lease(db)
            if lease is None:
                return None
            transports, downloads = Transports(polls=OPEN_POLLS, submits=OPEN_SENDS), Downloads()
            tools = Tools(db=db, transports=transports, me=lease.owner)
            desk = Desk(tools, downloads, self.report, wait=self._wait, lists=self._lists)
            try:
                await self._keep_on(lease, tools, desk)
            finally:
                await self._end(lease, tools, desk)
                await downloads.aclose()
                await transports.aclose()
            return self.report
        finally:
            gc.unfreeze()
            await db.aclose()

    async def _take_lease(self, db: Database) -> Lease | None:
        """At once, or, as a relief, when the shift at work has seen us wait."""
        lease = await db(Lease.take, NAME, owner=self._me)
        if lease is not None or not self._relieves:
            return lease
        waiting = await db(Lease.take, RELIEF, owner=self._me)
        if waiting is None:
            return None
        give_up_at = time.monotonic() + PATIENCE
        while lease is None and time.monotonic() < give_up_at and not self._stop():
            await asyncio.sleep(0.05)
            await db(waiting.renew)
            lease = await db(Lease.take, NAME, owner=self._me)
        await db(waiting.release)
        return lease

    async def _keep_on(self, lease: Lease, tools: Tools, desk: Desk) -> None:
        started = time.monotonic()
        log.info("shift.began", token=lease.token)
        while not self._stop():
            now = time.monotonic()
            if now - started > self._seconds and await self._may_end(tools, desk, now - started):
                return
            if self._is_time("renew", RENEW_EVERY, now):
                if not await tools.db(lease.renew):
                    log.warning("shift.lost_lease", token=lease.token)
                    return
                tools.lease_until = now + Lease.TTL.total_seconds()
            claimed = await self._turn(tools, desk, now)
            pause = TICK if claimed or desk.in_hand else IDLE_TICK
            await asyncio.sleep(0 if claimed == CLAIMED_AT_ONCE else max(0.0, pause - (time.monotonic() - now)))

    async def _may_end(self, tools: Tools, desk: Desk, age: float) -> bool:
        if self._is_time("call", CALL_EVERY, time.monotonic()):
            await tools.db(self._call_relief)
        return age > LONGEST or (not desk.long and await tools.db(Lease.is_held, RELIEF))

    async def _turn(self, tools: Tools, desk: Desk, now: float) -> int:
        """One tick. What will be due before the next one is claimed already, so that none is late by the tick."""
        if self._is_time("look", LOOK_EVERY, now):
            await tools.db(find_orphans)
            await tools.db(turns.release_all)
            if spare := desk.spare(SPARE_FOR):
                await tools.db(claims.bring_forward, spare)
            if desk.held:
                await tools.db(claims.hold, tuple(desk.held))
        if tools.freed:
            await tools.db(_release, [tools.freed.pop() for _ in range(len(tools.freed))])
        if (limited := desk.limited_keys()) and self._is_time("count", COUNT_EVERY, now):
            desk.note_in_flight(await tools.db(claims.in_flight, limited))
        until = timezone.now() + timedelta(seconds=TICK)
        steps = await tools.db(claims.claim, until, desk.next_due, limit=CLAIMED_AT_ONCE)
        desk.take(steps)
        if self._is_time("note", NOTE_EVERY, now):
            await _note(tools)
        return len(steps)

    def _is_time(self, what: str, every: float, now: float) -> bool:
        if now < self._next[what]:
            return False
        self._next[what] = now + every
        return True

    async def _end(self, lease: Lease, tools: Tools, desk: Desk) -> None:
        """Polls just stop. The lease goes first, so that the next shift does not wait for what is still under way."""
        stopped = self._stop()
        tools.stopping.set()
        await _cancelled(tools.tasks - set(desk.long))
        await _note(tools)
        await tools.db(claims.let_go, tuple(desk.held - set(desk.long.values())))
        await tools.db(lease.release)
        await _drain(tools, desk, DRAIN_STOPPED if stopped else DRAIN)
        late = {f"late_p{share}": round(self.report.lateness(share / 100), 2) for share in (50, 95)}
        log.info("shift.ended", token=lease.token, broken=self.report.broken, **late, **self.report.steps)


async def _drain(tools: Tools, desk: Desk, seconds: float) -> None:
    """Waits for what has begun; what still has not ended is let go, and written down as unconfirmed or unsaved."""
    give_up_at = time.monotonic() + seconds
    while desk.long and time.monotonic() < give_up_at:
        under_way = set(desk.long)
        await tools.db(claims.hold, tuple(desk.long.values()))
        await asyncio.wait(under_way, timeout=min(LOOK_EVERY, max(0.0, give_up_at - time.monotonic())))
    unfinished = tuple(desk.long.values())
    await _cancelled(set(desk.long))
    await tools.db(claims.let_go, unfinished)


async def _note(tools: Tools) -> None:
    if tools.found:
        found, tools.found[:] = list(tools.found), []
        await tools.db(claims.note, found)


def _release(key_ids: Iterable[int]) -> None:
    for key_id in key_ids:
        turns.release(key_id)


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

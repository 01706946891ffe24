"""Where the lanes of limited keys get the requests that they may still send: people first, then polls.

Tokens are taken for all lanes in one statement, as many as there are requests waiting and a beat at a time: many
busy keys cost a few writes a second, and nothing is hoarded.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from django.db import DatabaseError

from accounts import budget
from accounts.budget import Taken, Want
from generations.shift.database import Database

BEAT = 0.5  # seconds between two takings for polls
AT_ONCE = 0.02  # and between two for people
LOOK_AGAIN = 2.0  # seconds after which a long wait is looked at anew: the owner may have set another limit

Line = deque[asyncio.Future[None]]


@dataclass(slots=True)
class Lines:
    """Who waits for a token of one key, and from when there may be one (of the monotonic clock)."""

    people: Line = field(default_factory=deque)
    polls: Line = field(default_factory=deque)
    people_from: float = 0.0
    polls_from: float = 0.0


class Till:
    def __init__(self, db: Database, tasks: set[asyncio.Task[None]]) -> None:
        self._db = db
        self._tasks = tasks
        self._lines: defaultdict[int, Lines] = defaultdict(Lines)
        self._pump: asyncio.Task[None] | None = None
        self._called = asyncio.Event()

    async def token(self, key_id: int, *, poll: bool) -> None:
        """Waits for leave to send one request, which is to be sent at once."""
        lines, turn = self._lines[key_id], asyncio.get_running_loop().create_future()
        line = lines.polls if poll else lines.people
        if not line or not poll:
            self._called.set()
        line.append(turn)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._work())
            self._tasks.add(self._pump)
            self._pump.add_done_callback(self._tasks.discard)
        await turn

    async def _work(self) -> None:
        polls_from = 0.0
        while self._tidy():
            now = time.monotonic()
            wants = self._wants(now, polls=now >= polls_from)
            if any(want.poll for want in wants.values()):
                polls_from = now + BEAT
            if wants:
                await self._take(wants)
            await self._rest(polls_from)

    def _tidy(self) -> bool:
        """Forgets those who wait no longer. False: nobody waits."""
        for key_id, lines in list(self._lines.items()):
            for line in (lines.people, lines.polls):
                while line and line[0].done():
                    line.popleft()
            if not lines.people and not lines.polls:
                del self._lines[key_id]
        return bool(self._lines)

    def _wants(self, now: float, *, polls: bool) -> dict[int, Want]:
        wants = {}
        for key_id, lines in self._lines.items():
            if lines.people:
                if now >= lines.people_from:
                    wants[key_id] = Want(len(lines.people))
            elif polls and now >= lines.polls_from:
                wants[key_id] = Want(len(lines.polls), poll=True)
        return wants

    async def _take(self, wants: dict[int, Want]) -> None:
        try:
            taken = await self._db(budget.grant, wants)
        except DatabaseError as error:
            self._give_up(wants, error)
            return
        for key_id, want in wants.items():
            self._hand_out(self._lines[key_id], want, taken[key_id])

    def _hand_out(self, lines: Lines, want: Want, taken: Taken) -> None:
        line, left = lines.polls if want.poll else lines.people, taken.granted
        while line and left:
            turn = line.popleft()
            if not turn.done():
                turn.set_result(None)
                left -= 1
        again = time.monotonic() + min(taken.wait_seconds, LOOK_AGAIN)
        if want.poll:
            lines.polls_from = again
        else:
            lines.people_from = again

    def _give_up(self, wants: dict[int, Want], error: DatabaseError) -> None:
        for key_id, want in wants.items():
            lines = self._lines[key_id]
            for turn in lines.polls if want.poll else lines.people:
                if not turn.done():
                    turn.set_exception(error)

    async def _rest(self, polls_from: float) -> None:
        """Until the next token is due to someone, or a person comes."""
        await asyncio.sleep(AT_ONCE)
        self._called.clear()
        if not self._tidy():
            return
        nexts = [
            lines.people_from if lines.people else max(polls_from, lines.polls_from) for lines in self._lines.values()
        ]
        try:
            async with asyncio.timeout(max(0.0, min(nexts) - time.monotonic())):
                await self._called.wait()
        except TimeoutError:
            pass

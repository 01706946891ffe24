"""Where claimed steps are handed out: each to the lane of its key, and none twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.utils import timezone

from generations import history
from generations.models.states import State
from generations.shift import pace
from generations.shift.asking import ask, ask_all, cancel, end_overdue
from generations.shift.claims import HOLD, Step
from generations.shift.finding import look_up
from generations.shift.lanes import Lane, Queue, Tools
from generations.shift.report import Report
from generations.shift.saving import Downloads, save
from generations.shift.sending import give_up_waiting, send

SENDS, FINDS, SAVES = 8, 4, 8  # at once, for each key
LONG = frozenset({"send", "save", "cancel"})
HISTORY_FRESH, HISTORY_MOST = 60.0, 10_000  # seconds for which it is believed; of so many kinds of jobs
LEAVES = frozenset({"send", "cancel", "look_up", "overdue"})  # after these a job may have left its place
SWEEP = 3  # jobs of a key that are due together are asked after with one list call
IN_STEP = 30.0  # seconds after such a call for which the key's jobs are made due together
LAST_WORD = timedelta(minutes=1)  # a job that is so long over its deadline is ended even where its lane is stuck

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do for one job or, where a list call tells of them all, for several. `what` names it in figures."""

    what: str
    steps: tuple[Step, ...]
    act: Callable[[], Awaitable[None]]


class Place:
    """A lane with its queues: what may be charged or takes long never waits behind polls, nor they behind it."""

    def __init__(self, lane: Lane, tools: Tools, do: Callable[[Work], Awaitable[None]]) -> None:
        self.lane = lane
        self.asks = Queue(tools, lane.asks_at_once, do, lane.poll_turn)
        self.sends = Queue(tools, lambda: SENDS, do)
        self.finds = Queue(tools, lambda: FINDS, do)
        self.saves = Queue(tools, lambda: SAVES, do)
        self.swept_at = -IN_STEP  # of the monotonic clock


class Desk:
    """`wait` overrides the seconds from one poll of a job to its next; `lists=False` asks after each one singly."""

    def __init__(
        self,
        tools: Tools,
        downloads: Downloads,
        report: Report,
        *,
        wait: Callable[[Step], float] | None = None,
        lists: bool = True,
    ) -> None:
        self.report = report
        self.in_hand: set[UUID] = set()
        self.held: set[UUID] = set()  # of these, the ones whose claim must be renewed
        self.long: dict[asyncio.Task[None], UUID] = {}  # sends, cancels and saves under way
        self._tools = tools
        self._downloads = downloads
        self._wait = wait or self._usual_wait
        self._lists = lists
        self._places: dict[tuple[str, int | None], Place] = {}
        self._own = Queue(tools, lambda: 1, self._do)
        self._history: dict[tuple[str, str, str], tuple[float, float | None]] = {}

    # -- When: called in the database's thread, as a part of the claim -----------------------------------------------
    def next_due(self, step: Step) -> datetime:
        now = timezone.now()
        if not step.is_poll:
            return now + HOLD
        if step.id in self.in_hand and step.is_cancel:
            return now + timedelta(seconds=0.5)  # asked for while a poll is under way
        place = self._place(step)
        lists = self._lists and place.lane.lists
        wait = place.lane.load.interval(step.id, self._wait(step), now.timestamp(), len(place.asks), lists=lists)
        if time.monotonic() - place.swept_at < IN_STEP:
            return datetime.fromtimestamp(pace.in_step(now.timestamp(), wait, step.key_id or 0), UTC)
        return now + timedelta(seconds=wait * random.uniform(0.97, 1.03))

    def _usual_wait(self, step: Step) -> float:
        speaks = self._place(step).lane.dialect
        age = (timezone.now() - step.submitted_at).total_seconds() if step.submitted_at else 0.0
        beat = pace.rhythm(step.kind, beside_us=not speaks.needs_key)
        wait = pace.interval(beat, age, self._expected(step))
        return max(wait, speaks.polls_apart.get(step.kind, 0.0))

    def _expected(self, step: Step) -> float | None:
        """What history expects, read anew each minute: it is asked for at every poll, and the cache may be far away."""
        name = (step.provider, step.model, step.settings_digest)
        read_at, seconds = self._history.get(name, (-HISTORY_FRESH, None))
        if time.monotonic() - read_at >= HISTORY_FRESH:
            if len(self._history) >= HISTORY_MOST:
                self._history.clear()
            seconds = history.expected(*name)
            self._history[name] = (time.monotonic(), seconds)
        return seconds

    def limited_keys(self) -> list[int]:
        return [key for (_, key), place in self._places.items() if key is not None and place.lane.load.is_limited]

    def spare(self, seconds: float) -> dict[int, int]:
        """Polls by key that would be wasted within that time, for what was planned has come out otherwise."""
        spare = {
            key: place.lane.load.spare(len(place.asks), seconds)
            for (_, key), place in self._places.items()
            if key is not None and not (self._lists and place.lane.lists)
        }
        return {key: polls for key, polls in spare.items() if polls}

    def note_in_flight(self, jobs: Mapping[int, int]) -> None:
        """How many jobs each limited key has to be asked after."""
        for (_, key), place in self._places.items():
            if key is not None and place.lane.load.is_limited:
                place.lane.load.in_flight = jobs.get(key, 0)

    # -- Where -------------------------------------------------------------------------------------------------------
    def take(self, steps: Iterable[Step]) -> None:
        sweeps: defaultdict[Place, list[Step]] = defaultdict(list)
        now = timezone.now()
        for step in steps:
            if step.is_poll and step.deadline_at is not None and step.deadline_at + LAST_WORD < now:
                self._put(self._own, "overdue", step, partial(end_overdue, self._tools, step))
            if step.id in self.in_hand:
                continue
            place = self._place(step)
            if step.is_poll and not step.is_cancel and self._lists and place.lane.lists:
                sweeps[place].append(step)
            else:
                self._hand(place, step)
        for place, group in sweeps.items():
            self._sweep(place, group)

    def _hand(self, place: Place, step: Step) -> None:
        lane = place.lane
        match step.state:
            case State.QUEUED:
                self._put(place.sends, "send", step, partial(send, lane, self._downloads, step))
            case State.SUBMITTING:
                self._put(self._own, "overdue", step, partial(give_up_waiting, self._tools, step))
            case State.UNCONFIRMED:
                self._put(place.finds, "look_up", step, partial(look_up, lane, step))
            case State.SAVING:
                self._put(place.saves, "save", step, partial(save, lane, self._downloads, step))
            case _ if step.is_cancel:
                self._put(place.sends, "cancel", step, partial(cancel, lane, step))
            case _:
                self.in_hand.add(step.id)
                self._poll(place, step)

    def _sweep(self, place: Place, steps: list[Step]) -> None:
        if len(steps) < SWEEP:
            for step in steps:
                self._hand(place, step)
            return
        place.swept_at = time.monotonic()
        self.in_hand.update(step.id for step in steps)
        first = min(step.due_at for step in steps).timestamp()
        place.asks.put(Work("listed", tuple(steps), partial(self._ask_all, place, steps)), first)

    async def _ask_all(self, place: Place, steps: list[Step]) -> None:
        for step in await ask_all(place.lane, steps):
            self._poll(place, step)

    def _poll(self, place: Place, step: Step) -> None:
        """Where polls wait for one another, the ones first whose jobs are likely to end soon."""
        rank = step.due_at.timestamp() + place.lane.load.wanted(step.id)
        place.asks.put(Work("poll", (step,), partial(ask, place.lane, step)), rank)

    def _put(self, queue: Queue[Work], what: str, step: Step, act: Callable[[], Awaitable[None]]) -> None:
        self.in_hand.add(step.id)
        if not step.is_poll:
            self.held.add(step.id)
        queue.put(Work(what, (step,), act))

    async def _do(self, work: Work) -> None:
        """One work; whatever breaks in it is logged, and no reason for the others to end."""
        task = asyncio.current_task()
        assert task is not None
        if work.what in LONG:
            self.long[task] = work.steps[0].id
        self.report.begin(work.what, (timezone.now() - work.steps[0].due_at).total_seconds(), len(work.steps))
        try:
            await work.act()
        except Exception:
            self.report.broken += 1
            log.exception("step.broke", what=work.what, job=str(work.steps[0].id), key=work.steps[0].key_id)
        finally:
            self.long.pop(task, None)
            for step in work.steps:
                self.in_hand.discard(step.id)
                self.held.discard(step.id)
                if work.what in LEAVES and step.key_id is not None:
                    self._tools.freed.add(step.key_id)

    def _place(self, step: Step) -> Place:
        name = (step.provider, step.key_id)
        place = self._places.get(name)
        if place is None:
            place = Place(Lane(self._tools, step.provider, step.key_id), self._tools, self._do)
            self._places[name] = place
        return place

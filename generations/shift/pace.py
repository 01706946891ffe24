"""When the next step of a job is due. Pure: the caller brings the clock and the history."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from uuid import UUID

from studio.lib.buckets import Rate
from studio.lib.retry_after import backoff
from studio.providers.base import ProviderError

SEND_TRIES = {"rate_limited": 30, "unavailable": 8}  # what may be sent again once it provably was not
ASK_CAP = 60.0  # seconds between polls that fail
LOOKUPS = (3.0, 10.0, 25.0, 80.0)  # seconds from one look-up that found nothing to the next: two minutes in all
SAVE_TRIES = 10
WATCHED = 5.0  # seconds at most between polls of a job that is not late: somebody may be watching its progress
LADDER = (0.4, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: what a job of this kind takes where nothing is known, between polls, and until we give up."""

    expected: float
    soonest: float
    seldomest: float
    deadline: float


IMAGE = Rhythm(expected=10, soonest=1.0, seldomest=10, deadline=30 * 60)
VIDEO = Rhythm(expected=90, soonest=2.0, seldomest=20, deadline=3 * 60 * 60)
BESIDE_US = Rhythm(expected=5, soonest=0.4, seldomest=1, deadline=60 * 60)  # the built-in engine


def rhythm(kind: str, *, beside_us: bool = False) -> Rhythm:
    return BESIDE_US if beside_us else VIDEO if kind == "video" else IMAGE


def interval(beat: Rhythm, age: float, usual: float | None = None) -> float:
    """Seconds to the next poll of a job that is `age` seconds old and `usual`ly takes so many.

    Seldom while it cannot be ready, often when it is about to be, and ever more seldom when it is late.
    """
    expected = usual or beat.expected
    before, after = min((0.9 * expected - age) / 2, WATCHED), beat.soonest + max(0.0, age - 1.5 * expected) / 10
    wanted = before if age < 0.8 * expected else after
    return min(max(wanted, beat.soonest), beat.seldomest)


def in_step(now: float, wait: float, lane: int) -> float:
    """A moment about `wait` seconds from now at which other jobs of the lane are due as well: one list tells of all.

    The waits are those of `LADDER`; each lane has a phase of its own, so that the lanes do not march together.
    """
    period = min(LADDER, key=lambda step: abs(math.log(step / wait)))
    phase = (lane * 0.618034) % 1.0 * period
    return math.ceil((now + period / 2 - phase) / period) * period + phase


def after_failed_ask(failures: int, error: ProviderError | None = None) -> float:
    """Seconds to wait after `failures` polls in a row have failed."""
    wait = 1.0 + backoff(min(failures, 10), base=2.0, cap=ASK_CAP)
    asked = error.retry_after if error and error.retry_after is not None else 0.0
    return max(wait, asked + random.uniform(0.1, 1.0))


def send_again_in(error: ProviderError, failures: int) -> float | None:
    """Seconds until a submit that the provider provably did not start may be tried again; None: it has failed."""
    if error.sent or failures >= SEND_TRIES.get(error.kind, 0):
        return None
    wait = 1.0 + backoff(failures, base=2.0, cap=60.0)
    return max(wait, error.retry_after + random.uniform(0.1, 1.0)) if error.retry_after is not None else wait


def look_again_in(lookups: int) -> float | None:
    """Seconds until the next look-up after so many that found nothing; None: looking is over."""
    return LOOKUPS[lookups] if lookups < len(LOOKUPS) else None


def save_again_in(failures: int) -> float | None:
    """Seconds until a download is tried again after so many failures; None: it is given up."""
    return 0.5 + backoff(failures, base=1.0, cap=120.0) if failures < SAVE_TRIES else None


class Load:
    """What the jobs of one key would like to be asked, against the polls that the key allows.

    Where they would like more, all their intervals grow alike, so that those that are about to end are still asked
    most often. They grow a little less than they would have to: a few jobs always wait, so that no poll is wasted.
    """

    FULL = 1.03
    FORGET_AFTER = 60.0  # seconds over its time, after which a job was not heard of again

    def __init__(self) -> None:
        self.in_flight: int | None = None  # jobs of the key, where that is known
        self.is_full = False  # its jobs would like more polls than there are
        self._per_second: float | None = None
        self._rates: dict[UUID, tuple[float, float]] = {}  # polls a second by job, and until when that is believed
        self._tidied_at = 0.0

    def allow(self, per_minute: int | None) -> None:
        """None: as many as one likes."""
        self._per_second = None if per_minute is None else Rate.within(per_minute).per_second

    @property
    def is_limited(self) -> bool:
        return self._per_second is not None

    def interval(self, job: UUID, wanted: float, now: float, waiting: int, *, lists: bool) -> float:
        """Seconds to the next poll of a job that would like to be asked every `wanted`, behind `waiting` others.

        `lists`: from the third on, jobs are asked after together.
        """
        if self._per_second is None:
            return wanted
        self._tidy(now)
        self._rates[job] = 1 / wanted, now
        jobs = len(self._rates) if self.in_flight is None else max(1, self.in_flight)
        jobs = min(jobs, 2) if lists else jobs
        asked = jobs * sum(rate for rate, _ in self._rates.values()) / len(self._rates)
        stretch = asked / (self._per_second * self.FULL)
        self.is_full = stretch > 1
        seconds = wanted * max(1.0, stretch) + waiting / self._per_second
        self._rates[job] = 1 / wanted, now + seconds + self.FORGET_AFTER
        return seconds

    def spare(self, waiting: int, seconds: float) -> int:
        """How many polls of that time nobody would use although jobs would like more of them."""
        if self._per_second is None or not self.is_full:
            return 0
        return max(0, math.ceil(self._per_second * seconds) - waiting)

    def wanted(self, job: UUID) -> float:
        """Seconds between the polls that a job would like; 0 where that is not known, or does not matter."""
        rate, _ = self._rates.get(job, (0.0, 0.0))
        return 1 / rate if rate else 0.0

    def _tidy(self, now: float) -> None:
        if now - self._tidied_at > self.FORGET_AFTER / 4:
            self._tidied_at = now
            self._rates = {job: known for job, known in self._rates.items() if known[1] > now}

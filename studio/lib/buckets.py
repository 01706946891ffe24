"""A token bucket: how many requests a key may still send, as its provider counts them.

Pure: the caller brings the clock, in seconds of any monotonic one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


class TokenBucket:
    """Holds up to `burst` tokens and gains `rate_per_minute` of them, evenly. Starts full.

    The last `reserve` tokens are kept for what a person waits for: polls take only what lies above them.
    """

    def __init__(self, rate_per_minute: float, burst: float, *, reserve: float = 0) -> None:
        if rate_per_minute <= 0 or burst < reserve + 1:
            raise ValueError("A bucket needs a positive rate, and room for one token above its reserve.")
        self._per_second = rate_per_minute / 60
        self._burst = float(burst)
        self._reserve = float(reserve)
        self._tokens = float(burst)
        self._filled_at: float | None = None

    def take(self, now: float, *, poll: bool = False) -> bool:
        """Takes a token if there is one for this purpose."""
        if self.wait(now, poll=poll) > 0:
            return False
        self._tokens -= 1
        return True

    def wait(self, now: float, *, poll: bool = False) -> float:
        """Seconds until `take` succeeds, if nobody else takes before."""
        self._fill(now)
        missing = 1 + (self._reserve if poll else 0) - self._tokens
        return missing / self._per_second if missing > 1e-9 else 0.0

    def drain(self, now: float, seconds: float) -> None:
        """The provider said to wait: no token for polls, nor for people, before that many seconds have passed."""
        self._fill(now)
        self._tokens = min(self._tokens, 1 - seconds * self._per_second)

    def _fill(self, now: float) -> None:
        if self._filled_at is not None and now > self._filled_at:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now if self._filled_at is None else max(now, self._filled_at)


# -- The same for several processes: a bucket as one moment ----------------------------------------------------------
SLACK = 3.0  # seconds by which requests may bunch up on their way, tokens wait for their use, and clocks differ
LONGEST_DRAIN = 600.0  # seconds; an emptier bucket than that was filled by a clock that has been set back since


@dataclass(frozen=True, slots=True)
class Rate:
    """The generic cell rate algorithm: up to `burst` requests at once, and one more every `interval` seconds.

    The bucket is one number, the moment at which it will be full again. The last `reserve` tokens are kept for what
    a person waits for: polls take only what lies above them.
    """

    interval: float
    burst: int
    reserve: int = 0

    @classmethod
    def within(cls, per_minute: int) -> Rate:
        """The most that never lets more than `per_minute` arrive within any sixty seconds, however they bunch up.

        Between n requests lie at least n - burst whole intervals; so n = per_minute + 1 take longer than a minute,
        and the slack.
        """
        limit = max(1, per_minute)
        burst = max(min(3, 1 + limit // 5), limit // 20)
        return cls((60 + SLACK) / (limit - burst + 1), burst, max(1, burst // 3) if burst > 1 else 0)

    @property
    def per_second(self) -> float:
        return 1 / self.interval

    def take(self, full_at: float, now: float, want: int = 1, *, poll: bool = False) -> tuple[int, float, float]:
        """How many of `want` are to be had, the moment at which it is full after that, and the seconds to the next."""
        full_at = now if full_at > now + self._span + LONGEST_DRAIN else max(full_at, now)
        room = self.burst - (self.reserve if poll else 0) - (full_at - now) / self.interval
        granted = min(want, max(0, math.floor(room + 1e-6)))
        wait = (1 - (room - granted)) * self.interval
        return granted, full_at + granted * self.interval, max(0.0, wait)

    def drained(self, full_at: float, now: float, seconds: float) -> float:
        """The moment at which it is full, when nobody is to get a token within that time."""
        return max(full_at, now + min(seconds, LONGEST_DRAIN) + self._span - self.interval)

    @property
    def _span(self) -> float:
        return self.burst * self.interval

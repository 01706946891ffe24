"""A token bucket as one moment: how many requests a key may still send, as its provider counts them.

Pure: the caller keeps the moment and brings the clock, in seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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

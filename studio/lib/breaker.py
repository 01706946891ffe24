"""A circuit breaker: what keeps failing is left alone for a while, so that it cannot hold what others need.

    closed ── `threshold` failures in a row ──► open ── its wait is over ──► half-open ──► closed, or open for longer

Pure: the caller brings the clock, in seconds of any monotonic one.
"""

import random
from typing import Literal

from studio.lib.retry_after import backoff

State = Literal["closed", "open", "half-open"]


class Breaker:
    """The wait doubles with each failed probe from `base` to `cap` seconds; half of it is jitter.

    Half-open lets one probe through. A probe that never reports is given up after `probe_for` seconds.
    """

    def __init__(
        self,
        *,
        threshold: int = 5,
        base: float = 2.0,
        cap: float = 60.0,
        probe_for: float = 30.0,
        rng: random.Random | None = None,
    ) -> None:
        self._threshold = threshold
        self._base = base
        self._cap = cap
        self._probe_for = probe_for
        self._rng = rng
        self.state: State = "closed"
        self._failures = 0  # in a row, while closed
        self._openings = 0  # in a row
        self._shut_until = 0.0

    def allow(self, now: float) -> bool:
        """Whether a request may go now. A yes that is a probe has to be followed by its outcome."""
        if self.state == "closed":
            return True
        if now < self._shut_until:
            return False
        self.state = "half-open"
        self._shut_until = now + self._probe_for
        return True

    def wait(self, now: float) -> float:
        """Seconds until `allow` may say yes."""
        return 0.0 if self.state == "closed" else max(0.0, self._shut_until - now)

    def succeeded(self) -> None:
        self.state = "closed"
        self._failures = self._openings = 0

    def failed(self, now: float) -> None:
        """While open it changes nothing: such a request had left before."""
        self._failures += 1
        if self.state == "half-open" or (self.state == "closed" and self._failures >= self._threshold):
            self._open(now)

    def _open(self, now: float) -> None:
        longest = min(self._cap, self._base * 2.0 ** min(self._openings, 64))
        self._shut_until = now + longest / 2 + backoff(0, base=longest / 2, cap=self._cap, rng=self._rng)
        self._openings += 1
        self._failures = 0
        self.state = "open"

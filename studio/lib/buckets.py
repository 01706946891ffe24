"""A token bucket: how many requests a key may still send, as its provider counts them.

Pure: the caller brings the clock, in seconds of any monotonic one.
"""


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

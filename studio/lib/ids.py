"""UUIDs of version 7 (RFC 9562): they sort in the order in which they were made."""

import os
import threading
import time
from uuid import UUID

VERSION_AND_VARIANT = (7 << 76) | (0b10 << 62)
COUNTER_BITS = 42  # the 12 bits after the version and the first 30 after the variant
RANDOM_BITS = 32


class _Clock:
    """Hands out (milliseconds, counter) pairs that only grow, even when the system's clock is set back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def tick(self) -> tuple[int, int]:
        now = (time.time_ns() // 1_000_000, _fresh_counter())
        with self._lock:
            milliseconds, counter = self._last
            if now[0] > milliseconds:
                self._last = now
            elif counter + 1 < 1 << COUNTER_BITS:
                self._last = (milliseconds, counter + 1)
            else:
                self._last = (milliseconds + 1, now[1])
            return self._last


_clock = _Clock()


def uuid7() -> UUID:
    """A new id, greater than every earlier one of this process."""
    milliseconds, counter = _clock.tick()
    return _compose(milliseconds, counter, int.from_bytes(os.urandom(4)))


def _fresh_counter() -> int:
    """Random, with its top bit clear, so that a millisecond has room to count up in."""
    return int.from_bytes(os.urandom(6)) >> (48 - COUNTER_BITS + 1)


def _compose(milliseconds: int, counter: int, random: int) -> UUID:
    high, low = counter >> 30, counter & ((1 << 30) - 1)
    return UUID(int=(milliseconds << 80) | (high << 64) | (low << RANDOM_BITS) | random | VERSION_AND_VARIANT)


def first_at(milliseconds: int) -> UUID:
    """The least id that can be made at this time (of the Unix epoch)."""
    return _compose(max(0, milliseconds), 0, 0)


def made_at(id_: UUID) -> float:
    """When an id of version 7 was made: seconds of the Unix epoch."""
    return (id_.int >> 80) / 1000

"""Some at once, the others in the order in which they came, and no more of them than there is patience for."""

from collections import deque
from threading import Event, Lock


class FullError(Exception):
    """So many wait already that another one is not let in."""


class Line:
    """Who enters holds an event: once it is set it is their turn. Whoever entered leaves, whether it was or not."""

    def __init__(self, *, places: int, waiting: int) -> None:
        self._free = places
        self._most = waiting
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    def enter(self) -> Event:
        """Raises FullError."""
        turn = Event()
        with self._lock:
            if self._free:
                self._free -= 1
                turn.set()
            elif len(self._waiting) < self._most:
                self._waiting.append(turn)
            else:
                raise FullError
        return turn

    def leave(self, turn: Event) -> None:
        with self._lock:
            if not turn.is_set():
                self._waiting.remove(turn)
            elif self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1

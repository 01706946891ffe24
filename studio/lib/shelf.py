"""HTML that is kept in a process, up to so many characters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Shelf:
    """Pieces of HTML by the name, or the edition, of what they show; what was not asked for longest makes room."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._kept: OrderedDict[Hashable, tuple[str, ...]] = OrderedDict()
        self._lock = Lock()

    def get(self, edition: Hashable) -> tuple[str, ...] | None:
        with self._lock:
            if edition in self._kept:
                self._kept.move_to_end(edition)
            return self._kept.get(edition)

    def put(self, edition: Hashable, blocks: tuple[str, ...]) -> None:
        with self._lock:
            before = self._kept.pop(edition, ())
            self._kept[edition] = blocks
            self.size += sum(map(len, blocks)) - sum(map(len, before))
            while self.size > self.most and self._kept:
                _, gone = self._kept.popitem(last=False)
                self.size -= sum(map(len, gone))

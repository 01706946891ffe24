"""The HTML of what is finished, kept: it never changes, and a long conversation is shown often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from generations.models import Message
from studio.lib import markdown

MOST = 16_000_000  # characters of HTML, in each process


class Shelf:
    """Pieces of HTML by the edition of what they show; what was not asked for longest makes room."""

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
            if edition in self._kept:
                return
            self._kept[edition] = blocks
            self.size += sum(map(len, blocks))
            while self.size > self.most and self._kept:
                _, gone = self._kept.popitem(last=False)
                self.size -= sum(map(len, gone))


_shelf = Shelf(MOST)
drawn = Shelf(MOST)  # whole messages


def blocks(message: Message) -> tuple[str, ...]:
    """Its text as safe HTML, block by block; of one under way, what is written down of it."""
    text, _ = message.written()
    if message.is_under_way:
        return tuple(markdown.blocks(text, f"{message.pk.hex}-"))
    edition = (message.pk, message.finished_at, len(text))
    if (kept := _shelf.get(edition)) is None:
        kept = tuple(markdown.blocks(text, f"{message.pk.hex}-"))
        _shelf.put(edition, kept)
    return kept

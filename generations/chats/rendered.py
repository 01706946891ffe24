"""The HTML of what is finished, kept: it never changes, and a long conversation is shown often."""

from __future__ import annotations

from generations.models import Message
from studio.lib import markdown
from studio.lib.shelf import Shelf

MOST = 16_000_000  # characters of HTML, in each process


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

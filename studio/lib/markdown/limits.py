"""How much rendering may cost. Text that would cost more is shown as it came."""

from __future__ import annotations

NESTING = 32  # quotes, lists and emphasis in each other
BRACKETS = 400  # "[" in one paragraph or cell; each may be the beginning of a link in a link in a link
BLOCK = 24_000  # of the block that is still being written: what a paint renders in some 30 ms
TEXT = 600_000  # of a whole text

_COSTLY = "*_~`<&\\]\n"


def weight(text: str) -> int:
    """What it costs to render, in characters of ordinary text (about 1 µs each)."""
    return len(text) + 30 * text.count("[") + 4 * sum(map(text.count, _COSTLY))

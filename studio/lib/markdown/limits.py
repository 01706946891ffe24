"""How much rendering may cost. Text that would cost more is shown as it came."""

from __future__ import annotations

NESTING = 32  # quotes, lists and emphasis in each other
BRACKETS = 400  # "[" in one paragraph or cell; each may be the beginning of a link in a link in a link
ADDRESSES = 100  # in one paragraph or cell; each may go on to its end
BLOCK = 24_000  # weight of the block that is still being written: what a paint renders in some 30 ms
TEXT = 1_000_000  # weight of a whole text

_WEIGHTS = {"\n": 40, "[": 30, "$": 60, "\\": 30} | dict.fromkeys("*_~`<&]#:{}!>=+-|^%@", 4)


def weight(text: str) -> int:
    """What it costs to render, in characters of ordinary text (about 1 µs each)."""
    return len(text) + sum(text.count(mark) * cost for mark, cost in _WEIGHTS.items())


def is_too_much(paragraph: str) -> bool:
    """May reading its links take the square of its length?"""
    return paragraph.count("[") > BRACKETS or paragraph.count("://") + paragraph.lower().count("mailto:") > ADDRESSES

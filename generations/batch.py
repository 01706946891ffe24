"""Many jobs of one click: a prompt a line, a range of seeds, or a grid over two options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any, Literal

JOBS_MAX = 64  # of one click

Way = Literal["", "lines", "seeds", "grid"]
Cell = Mapping[str, Any]  # the settings that a job of a grid has of its own

_NUMBER = r"[-+]?\d{1,16}(?:\.\d{1,10})?"  # so few that adding a step to one always makes another
_RANGE = re.compile(
    rf"({_NUMBER})\s*(?:to|\.\.|…|–)\s*({_NUMBER})(?:\s*(?:step|by|/)\s*({_NUMBER}))?", re.ASCII | re.IGNORECASE
)


class Wrong(ValueError):
    """The batch makes no sense; `field` is where, the message says why, for people."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def numbers(field: str, text: str) -> list[str]:
    """ "1, 2, 5" and "0 to 1 step 0.25", mixed as one likes, each number once. Raises Wrong."""
    found: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        for number in _range(field, part):
            found[number] = None
            if len(found) > JOBS_MAX:
                raise Wrong(field, f"These are more than {JOBS_MAX} values.")
    return list(found)


def _range(field: str, part: str) -> Iterator[str]:
    if re.fullmatch(_NUMBER, part, re.ASCII):
        yield part
        return
    match = _RANGE.fullmatch(part)
    if not match:
        raise Wrong(field, f"“{part[:40]}” is no number. Write numbers as in: 1, 2, 5 or 1 to 9 step 2.")
    low, high, step = (Decimal(number) for number in (match[1], match[2], match[3] or "1"))
    if step <= 0 or high < low:
        raise Wrong(field, f"“{part[:40]}” goes nowhere: from the smaller to the greater, with a step above 0.")
    number = low
    while number <= high:
        yield f"{number:f}"
        number += step


def seed_range(first: int | None, last: int | None, *, highest: int) -> list[int]:
    """Raises Wrong."""
    if first is None or last is None:
        raise Wrong("seed_to" if first is not None else "seed_from", "Say from which seed to which.")
    if not 0 <= first <= last <= highest:
        raise Wrong("seed_to", f"From the smaller to the greater, between 0 and {highest}.")
    if last - first >= JOBS_MAX:
        raise Wrong("seed_to", f"These are {last - first + 1} seeds; {JOBS_MAX} jobs at a time are the most.")
    return list(range(first, last + 1))


def cells(values: Mapping[str, Sequence[Any]]) -> list[Cell]:
    """Every cell of the grid, row by row: the first option is written across, the second down."""
    outermost_first = list(values)[::-1]
    rows = product(*(values[name] for name in outermost_first))
    return [dict(zip(outermost_first, row, strict=True)) for row in rows]

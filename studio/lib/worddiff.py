"""What has become of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LONGEST = 1500  # words of both together; beyond that, only the whole texts are told apart
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    mark: Literal["", "gone", "new"] = ""


def pieces(before: str, after: str) -> Sequence[Piece]:
    """The text after, with what is gone in its place."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > LONGEST:
        return _of((before, "gone"), (after, "new")) if before != after else _of((after, ""))
    found: list[tuple[str, Literal["", "gone", "new"]]] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(("".join(new[c:d]), ""))
            continue
        found += [("".join(old[a:b]), "gone"), ("".join(new[c:d]), "new")]
    return _of(*found)


def _of(*parts: tuple[str, Literal["", "gone", "new"]]) -> list[Piece]:
    return [Piece(text, mark) for text, mark in parts if text]

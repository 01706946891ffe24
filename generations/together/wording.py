"""A comment's text in the parts that a page shows: words, addresses and mentions. Nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from accounts.models import User
from generations.together import mentions

_ADDRESS = re.compile(r"https?://[^\s<>\"']{1,500}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}"


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind`: "text", "link" or "mention"; `is_me` of a mention that means the reader."""

    kind: str
    text: str
    is_me: bool = False


def pieces(text: str, people: Collection[User], reader: User | None = None) -> list[Piece]:
    found = sorted([*_links(text), *_mentions(text, people, reader)], key=lambda span: (span[0], -span[1]))
    made: list[Piece] = []
    at = 0
    for start, end, piece in found:
        if start < at:  # a name within an address is part of that
            continue
        if start > at:
            made.append(Piece("text", text[at:start]))
        made.append(piece)
        at = end
    return [*made, Piece("text", text[at:])] if at < len(text) else made


def _links(text: str) -> Iterator[tuple[int, int, Piece]]:
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_TRAILING)
        yield match.start(), match.start() + len(address), Piece("link", address)


def _mentions(text: str, people: Collection[User], reader: User | None) -> Iterator[tuple[int, int, Piece]]:
    for start, end, meant in mentions.spans(text, people):
        yield start, end, Piece("mention", text[start:end], is_me=reader in meant)

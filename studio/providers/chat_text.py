"""Text as models send it, made fit to be kept: half characters joined or replaced, and no character NUL."""

from __future__ import annotations

import json

from studio.providers import reading
from studio.providers.base import Json

UNKNOWN = "\ufffd"


def decode(data: bytes) -> tuple[Json, bool]:
    """The JSON in an event or a body; the second: its texts may hold halves of characters. Raises ValueError.

    Servers that cut between two tokens write an emoji as two escapes in two events, or as bytes that are no UTF-8.
    """
    try:
        return reading.decode(data), False
    except ValueError:
        try:
            return json.loads(data.decode(errors="replace"), parse_constant=lambda _: None), True
        except RecursionError as error:
            raise ValueError("nested without end") from error


class Mender:
    """Mends a text that comes in pieces. What it holds back at a piece's end is in front of the next."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str, is_odd: bool) -> str:
        if is_odd or (self._half and piece):
            piece, self._half = self._half + piece, ""
            if "\ud800" <= piece[-1:] <= "\udbff":
                piece, self._half = piece[:-1], piece[-1]
            piece = mended(piece)
        return piece.replace("\0", UNKNOWN) if "\0" in piece else piece

    def end(self) -> str:
        half, self._half = self._half, ""
        return UNKNOWN if half else ""


def mended(text: str) -> str:
    """With the halves that belong together joined, and the others replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

"""What a model thinks before it speaks: in <think> tags, in fields of its own, in metadata."""

from __future__ import annotations

from typing import Literal

from studio.providers.base import Json

OPEN, CLOSE = "<think>", "</think>"
MAX_HELD = 1000  # characters of white space that are held back until it is clear what they belong to
MAX_DEPTH = 6

HEAD = 64  # characters
SURE = 8  # characters that no two tokens in a row have in common

_SPOKEN = ("text", "content", "summary", "reasoning", "reasoning_content", "thinking", "thought", "trace", "traces")
_SILENT = frozenset(
    {"id", "type", "format", "index", "signature", "data", "encrypted_content", "model", "role", "status"}
)


def told(value: Json, between: str = "", depth: int = MAX_DEPTH) -> str:
    """The text of reasoning in whatever shape: text, objects that hold it, or lists of them joined by `between`."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and depth:
        return between.join(filter(None, (told(item, between, depth - 1) for item in value)))
    if isinstance(value, dict) and depth:
        for name in _SPOKEN:
            if found := told(value.get(name), between, depth - 1):
                return found
        others = [item for name, item in value.items() if name not in _SILENT]
        return told(others, between, depth - 1)
    return ""


class Traces:
    """Reasoning in metadata that each chunk may carry: what each adds, all so far again, or all at the end."""

    def __init__(self) -> None:
        self._head = ""  # its first characters: enough to know it again
        self._size = 0

    def add(self, told: str, *, is_late: bool) -> tuple[str, str]:
        """(what is new, all of it where it came only now). `is_late`: the answer itself was there before."""
        size, known = len(told), self._size
        if known and size >= known and told.startswith(self._head) and (size > known or size >= SURE):
            new = told[known:]  # all so far, once more
        elif known and is_late and size >= known:
            return "", ""  # all of it once more, written otherwise
        else:
            new = told
        self._size += len(new)
        self._head = (self._head + new)[:HEAD] if len(self._head) < HEAD else self._head
        return ("", new) if is_late and not known else (new, "")


class Splitter:
    """Takes a <think> block from the beginning of a text that comes in pieces, its tags cut anywhere.

    White space before it, around its text and behind it is dropped; a text that does not begin with the tag stays as
    it is. A block that is never closed is all reasoning.
    """

    def __init__(self) -> None:
        self._state: Literal["start", "thinking", "gap", "text"] = "start"
        self._held = ""
        self._thought = False

    @property
    def is_past(self) -> bool:
        """From here on all is text."""
        return self._state == "text"

    def feed(self, piece: str) -> tuple[str, str]:
        """(text, reasoning) that are certain by now."""
        if self._state == "start":
            return self._begin(piece)
        if self._state == "thinking":
            return self._think(piece)
        if self._state == "gap":
            piece = piece.lstrip()
            if piece:
                self._state = "text"
        return piece, ""

    def end(self) -> tuple[str, str]:
        """What was held back."""
        held, self._held = self._held, ""
        return ("", held.rstrip()) if self._state == "thinking" else (held, "")

    def _begin(self, piece: str) -> tuple[str, str]:
        held = self._held + piece
        said = held.lstrip()
        if said.startswith(OPEN):
            self._held, self._state = "", "thinking"
            return self._think(said[len(OPEN) :])
        if OPEN.startswith(said) and len(held) <= MAX_HELD:
            self._held = held
            return "", ""
        self._held, self._state = "", "text"
        return held, ""

    def _think(self, piece: str) -> tuple[str, str]:
        thought, closed, text = (self._held + piece).partition(CLOSE)
        certain = thought.rstrip() if closed else _certain(thought)
        self._held = "" if closed else thought[len(certain) :]
        if not self._thought:
            certain = certain.lstrip()
            self._thought = bool(certain)
        if not closed:
            return "", certain
        self._state = "gap"
        return self.feed(text)[0], certain


def _certain(thought: str) -> str:
    """Without what may be the beginning of the closing tag, and the white space before it."""
    for size in range(min(len(CLOSE) - 1, len(thought)), 0, -1):
        if thought.endswith(CLOSE[:size]):
            thought = thought[:-size]
            break
    certain = thought.rstrip()
    return certain if len(thought) - len(certain) <= MAX_HELD else thought

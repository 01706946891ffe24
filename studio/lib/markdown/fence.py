"""A code block that is still being written, coloured line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from studio.lib.markdown import code
from studio.lib.markdown.clean import clean

AGAIN = 0.1  # of the code since its last whole colouring: then it is coloured anew
AT_LEAST = 160  # characters
LONG_LINE = 1_000  # characters: it has its colours only then

_OPENING = re.compile(r"(`{3,}(?=[^`\n]*\n)|~{3,})(.*)\n")


class OpenFence:
    """Each new line is coloured on its own, and all lines together when some have come: a line that is part of a long
    string or comment is put right then. What a line costs does not grow with the code before it.
    """

    def __init__(self, mark: str, name: str) -> None:
        self.size = 0  # characters
        self._name = name
        self._closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*")
        self._done: list[str] = []  # the HTML of pieces that are full
        self._done_size = 0
        self._piece: list[str] = []  # whole lines after those
        self._piece_size = 0
        self._fixed, self._coloured = "", 0  # the HTML of as many of its characters
        self._loose: list[str] = []  # the HTML of its lines after those
        self._lines = 0  # of the piece that have their HTML
        self._last: list[str] = []  # the line that is being written

    @classmethod
    def at_start_of(cls, text: str) -> tuple[OpenFence, int] | None:
        """The fence that a text begins with, and where its code begins; its first line must be whole."""
        found = _OPENING.match(text)
        return (cls(found[1], code.language(found[2])), found.end()) if found else None

    def add(self, text: str) -> int | None:
        """Takes more of the code. If that closes it, says where: the text from there on is not taken."""
        start = 0
        while (end := text.find("\n", start) + 1) > 0:
            line = "".join([*self._last, text[start:end]])
            self._last = []
            start = end
            if self._closing.fullmatch(line, 0, len(line) - 1):
                self._settle()
                return start
            self._take(line)
        self._settle()
        if text[start:]:
            self._last.append(text[start:])
        self.size += len(text)
        return None

    def html(self) -> str:
        """The block as it stands. A last line that may become its end is held back."""
        last = "".join(self._last)
        if not last.strip(" `~"):
            last = ""
        return code.figure("".join([*self._done, self._fixed, *self._loose, self._line(last)]), self._name)

    def finished(self) -> str:
        """The block when it is closed: as if its code had come at once."""
        if self._piece:
            self._colour(code.full_piece)
        return self.html()

    def _take(self, line: str) -> None:
        self._piece.append(line)
        self._piece_size += len(line)
        if self._piece_size > code.PIECE:
            self._colour(code.full_piece)
            self._done.append(self._fixed)
            self._done_size += self._piece_size
            self._piece, self._piece_size, self._fixed, self._coloured, self._lines = [], 0, "", 0, 0

    def _settle(self) -> None:
        """Colours the lines that came since."""
        if self._piece_size - self._coloured > max(AT_LEAST, AGAIN * self._coloured):
            self._colour(code.piece)
        else:
            self._loose += map(self._line, self._piece[self._lines :])
        self._lines = len(self._piece)

    def _line(self, line: str) -> str:
        if len(line) > LONG_LINE or self._done_size >= code.COLOURED:
            return clean(escape(line))
        return clean(code.piece(line, self._name))

    def _colour(self, colour: Callable[[str, str], str]) -> None:
        text = "".join(self._piece)
        html = colour(text, self._name) if self._done_size < code.COLOURED else escape(text)
        self._fixed, self._coloured, self._loose = clean(html), self._piece_size, []

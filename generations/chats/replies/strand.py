"""A text that only grows."""

from __future__ import annotations

from itertools import chain


class Strand:
    """Cheap to add to, to read on from any place, and to write down in pieces, however long it has become."""

    __slots__ = ("_loose", "_parts", "_written", "length")

    def __init__(self, text: str = "") -> None:
        self.length = len(text)
        self._parts = [text] if text else []
        self._loose: list[str] = []  # what has come since the parts were last made
        self._written = len(self._parts)  # parts that are written down

    def __str__(self) -> str:
        return "".join(chain(self._parts, self._loose))

    def add(self, text: str) -> None:
        self._loose.append(text)
        self.length += len(text)

    def since(self, place: int) -> str:
        """What stands behind so many characters."""
        missing, found = self.length - place, []
        for part in chain(reversed(self._loose), reversed(self._parts)):
            if missing <= 0:
                break
            found.append(part if len(part) <= missing else part[-missing:])
            missing -= len(part)
        return "".join(reversed(found))

    def unwritten(self) -> tuple[str, int]:
        """What is not written down yet, and what to tell `wrote` when it is."""
        if self._loose:
            self._parts.append("".join(self._loose))
            self._loose.clear()
        return "".join(self._parts[self._written :]), len(self._parts)

    def wrote(self, mark: int) -> None:
        self._written = max(self._written, mark)

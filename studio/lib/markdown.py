"""Markdown from strangers as safe HTML, whole or while it is still being written."""

from __future__ import annotations

from html import escape


def blocks(text: str) -> list[str]:
    """The HTML of each top-level block; together they are the whole text. Nothing in it can run."""
    return [f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part.strip()]


class Growing:
    """A text that comes in pieces. What it costs to add one does not grow with the text.

    `blocks` is the HTML of the blocks that are finished, `tail` that of the one which is still being written.
    """

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.tail = ""
        self._open = ""

    def add(self, text: str) -> None:
        """Cheap: nothing is rendered before `paint`."""
        self._open += text

    def paint(self) -> bool:
        """Brings `blocks` and `tail` up to date, as far as that is worth while; says whether they changed."""
        *done, rest = self._open.split("\n\n")
        self.blocks += [html for part in done for html in blocks(part)]
        self._open = rest
        before, self.tail = self.tail, "".join(blocks(rest))
        return bool(done) or before != self.tail

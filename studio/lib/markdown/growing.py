"""A text that comes in pieces, as blocks of HTML."""

from __future__ import annotations

import re
from html import escape

from studio.lib.markdown import limits
from studio.lib.markdown.fence import OpenFence
from studio.lib.markdown.rendering import normal, plain, rendered
from studio.lib.markdown.unfinished import presentable

BITE, HEAVY = 5_000, 8_000  # characters that one paint takes at most, and their weight
LONG_CODE = 20_000  # characters
SMALL = 400  # characters: an open block as short is rendered at each paint
SHARE = 0.02  # by which a longer one grows until it is rendered again
STEP = 0.004  # by which it grows until what is new is appended to it

_WORDS = re.compile(r"(?:[^\W_]|[ ,.;?%()'\"-])+")
_CLOSERS = re.compile(r"(?:</(?:p|li|ul|ol|blockquote|h[3-6])>\s*)+\Z")
_NEXT_BLOCK = re.compile(r"\n[ \t]*\n(?=[^\W\d_]|#)")  # ends whatever block is open, but for a fence


class Growing:
    """A text that comes in pieces. What it costs to add one does not grow with the text.

    `blocks` is the HTML of the blocks that are finished, which never change; `tail` that of the one that is still being
    written, as well as it can be shown by then. Only that one is read again when more comes, and the longer it is, the
    more has to come. After `paint(force=True)` both are the blocks of the whole text, as `blocks()` makes them, but for
    what refers from one block to another, footnotes and links by reference: these are right when the text is rendered
    whole. So is a block too long to be rendered while it grows; what comes to it beyond that is shown as plain text.
    """

    def __init__(self, prefix: str = "") -> None:
        self.blocks: list[str] = []
        self.tail = ""
        self._prefix = prefix
        self._new: list[str] = []
        self._open = ""  # the source, from the beginning of the open block
        self._fence: OpenFence | None = None  # the open block, if it is one
        self._begin("")

    @property
    def is_behind(self) -> bool:
        """Is there text that the last paint did not come to? It takes a bite at a time."""
        return any(len(text) > 1 for text in self._new)

    @property
    def is_long(self) -> bool:
        """Would `force` take long? More than some 50 ms, that is."""
        return self._stopped or (self._fence is not None and self._fence.size > LONG_CODE)

    def add(self, text: str) -> None:
        """Cheap: nothing is rendered before `paint`."""
        if text:
            self._new.append(text)

    def paint(self, *, force: bool = False) -> bool:
        """Brings `blocks` and `tail` up to date, as far as that is worth while; says whether they changed.

        With `force`, everything, whatever it takes: for the end of a text, and not in an event loop.
        """
        before = len(self.blocks), self.tail
        text = self._bite(None if force else BITE)
        if force:
            self._open += text
            self._render(whole=True)
        elif text:
            self._advance(text)
        return before != (len(self.blocks), self.tail)

    def _bite(self, most: int | None) -> str:
        text = "".join(self._new)
        end = min(most or len(text), len(text))
        while most and end > 100 and limits.weight(text[:end]) > HEAVY:
            end //= 2
        if most and text[end - 1 : end] == "\r":  # half of a line's end, perhaps
            end -= 1
        self._new = [text[end:]] if text[end:] else []
        return normal(text[:end])

    def _begin(self, source: str) -> None:
        """A new block is open."""
        self._open = source
        self.tail = self._base = ""  # `_base` is what was rendered, and `_cut` where text can be appended in it
        self._cut: int | None = None
        self._shown = 0  # characters of the source that are in the base
        self._seen = 0  # and in the tail
        self._stopped = False  # the block is too long to be rendered

    def _advance(self, text: str) -> None:
        self._open += text
        if self._fence:
            self._grow_code(self._fence, text)
        elif self._stopped or (self._is_due() and limits.weight(self._open) > limits.BLOCK):
            self._grow_plain()
        elif self._is_due():
            self._render()
        else:
            self._append()

    # -- Rendering ---------------------------------------------------------------------------------------------------
    def _is_due(self) -> bool:
        size = len(self._open)
        return size <= SMALL or size - self._shown >= SHARE * size or bool(self._next_block())

    def _render(self, *, whole: bool = False) -> None:
        source = self._open
        shown = source if whole else presentable(source)
        parts = rendered(shown, self._prefix)
        # Nothing is known of a line before its end: it may yet belong to the block before it.
        is_sure = whole or (parts and parts[-1].line < source.count("\n"))
        done, rest = (parts[:-1], parts[-1:]) if is_sure else (parts[:-2], parts[-2:])
        self.blocks += [block.html for block in done]
        self._begin(_from_line(source, rest[0].line) if done else source)
        self.tail = self._base = "".join(block.html for block in rest)
        self._shown = self._seen = len(self._open.rstrip(" "))
        closers = _CLOSERS.search(self._base) if shown == source and source[-1:] != "\n" else None
        self._cut = closers.start() if closers else None
        self._fence = None if whole else _open_fence(self._open)
        if self._fence:
            self._seen = self._fence.size

    # -- Between two renderings --------------------------------------------------------------------------------------
    def _append(self) -> None:
        """Shows new words, if they are nothing but words."""
        size, more = len(self._open), self._open[self._shown :]
        if self._cut is not None and size - self._seen >= STEP * size and _WORDS.fullmatch(more):
            self.tail = self._base[: self._cut] + escape(more) + self._base[self._cut :]
            self._seen = size

    def _grow_code(self, fence: OpenFence, text: str) -> None:
        end = fence.add(text)
        if end is not None:
            self.blocks.append(fence.finished())
            self._fence = None
            self._begin(text[end:])
            self._render()
        elif fence.size - self._seen >= STEP * fence.size:
            self.tail = fence.html()
            self._seen = fence.size

    def _grow_plain(self) -> None:
        """Leaves what is rendered, and shows the rest as it comes, until another block begins."""
        self._stopped = True
        size, following = len(self._open), self._next_block()
        if following:
            self.blocks.append(self._base + plain(self._open[self._shown : following.start()]))
            self._begin(self._open[following.end() :])
            self._render()
        elif size - self._seen >= SHARE * size:
            self.tail = self._base + plain(self._open[self._shown :])
            self._seen = size

    def _next_block(self) -> re.Match[str] | None:
        return _NEXT_BLOCK.search(self._open, max(self._shown - 2, 0))


def _from_line(text: str, line: int) -> str:
    return text.split("\n", line)[line]


def _open_fence(text: str) -> OpenFence | None:
    """The fence that a text is nothing but the beginning of."""
    fence, start = OpenFence.at_start_of(text) or (None, 0)
    return fence if fence and fence.add(text[start:]) is None else None

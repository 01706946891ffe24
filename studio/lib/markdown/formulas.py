"""Where formulas are in Markdown: $…$ and \\(…\\) in a line; $$…$$ and \\[…\\] displayed, also over several lines."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from studio.lib.markdown.math import LONGEST

_CLOSING = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
_AFTER = ("", ".", ",", ";", ":", "?", "!")
_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$")


def formulas(md: MarkdownIt) -> None:
    """The plugin. Its tokens are `math_block` and `math_inline`, with LaTeX as content."""
    md.block.ruler.before("fence", "math_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.inline.ruler.before("escape", "math_inline", _inline)


def _inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source[start] not in "$\\":
        return False
    opening = source[start : start + 2]
    if opening not in _CLOSING:
        if source[start] != "$":
            return False
        opening = "$"
    begin = start + len(opening)
    end = _end_of_dollars(state, begin) if opening == "$" else source.find(_CLOSING[opening], begin, begin + LONGEST)
    closing = _CLOSING[opening]
    if end <= begin or end + len(closing) > state.posMax or not source[begin:end].strip():
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content, token.markup = source[begin:end], opening
        token.meta = {"display": opening in ("$$", "\\["), "source": opening + source[begin:end] + closing}
    state.pos = end + len(closing)
    return True


def _end_of_dollars(state: StateInline, begin: int) -> int:
    """As Pandoc has it, so that "$5 and $10" is money: no space inside beside a dollar, no digit behind the last."""
    source = state.src
    if begin >= state.posMax or source[begin].isspace() or (begin > 1 and source[begin - 2].isalnum()):
        return -1
    found = _DOLLAR.search(source, begin, min(state.posMax, begin + LONGEST))
    if not found:
        return -1
    end = found.end() - 1
    return -1 if source[end - 1].isspace() or source[end + 1 : end + 2].isdigit() else end


def _block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """It ends with its closing mark or before an empty line, so what follows never changes what came before."""
    if state.is_code_block(first):
        return False
    line = _line(state, first)
    opening, rest = line[:2], line[2:].strip()
    closing = _CLOSING.get(opening) if opening in ("$$", "\\[") else None
    if not closing or (closing in rest and rest.find(closing) != len(rest) - 2):
        return False
    if opening == "\\[" and rest and closing not in rest:
        return False
    if silent:
        return True
    at, lines = first, [rest]
    while closing not in lines[-1] and at + 1 < last:
        if state.isEmpty(at + 1) or state.sCount[at + 1] < state.blkIndent:
            break
        at += 1
        lines.append(_line(state, at))
    inside, closed, after = "\n".join(lines).partition(closing)
    after = after.strip()
    token = state.push("math_block", "", 0)
    token.content, token.markup, token.map = inside.strip() + after, opening, [first, at + 1]
    source = f"{opening}\n{inside.strip()}\n{closed}{after}".strip()
    token.meta = {"display": True, "closed": bool(closed) and after in _AFTER, "source": source}
    state.line = at + 1
    return True


def _line(state: StateBlock, at: int) -> str:
    return state.src[state.bMarks[at] + state.tShift[at] : state.eMarks[at]]
